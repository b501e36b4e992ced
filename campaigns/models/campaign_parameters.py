"""The numbers of campaigns that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

CLAIM_DAYS = parameters.number(
    "campaigns.claim_days",
    _("Days after a campaign's end within which claims and late redemptions come"),
    30,
    least=0,
    most=365,
    group=_("Campaigns"),
)
