"""What we offer and run together with merchants."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # What the stages of a campaign ask for and what follows from them, what stops its
        # submission, what a partnership's suspension means for it, and what a partnership takes
        # from its redemptions.
        from campaigns.domain import (
            amending,  # noqa: F401
            approvals,  # noqa: F401
            partnership_redemptions,  # noqa: F401
            pausing,  # noqa: F401
            running,  # noqa: F401
            settling,  # noqa: F401
            sleeping_stop,  # noqa: F401
        )
