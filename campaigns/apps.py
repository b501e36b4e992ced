"""What we offer and run together with merchants."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # What the stages of a campaign ask for, what stops its submission, and what a partnership's
        # suspension means for it.
        from campaigns.domain import (
            amending,  # noqa: F401
            pausing,  # noqa: F401
            running,  # noqa: F401
            sleeping_stop,  # noqa: F401
        )
