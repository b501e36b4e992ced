"""How we win merchants: leads, activities, follow-ups."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        # Our conversations count towards the health of partnerships, our attempts to win partners
        # back towards their number; and what of leads waits for a colleague today.
        from leads.domain import (
            engagement,  # noqa: F401
            team_leads,  # noqa: F401
            today_sources,  # noqa: F401
            win_back,  # noqa: F401
        )
