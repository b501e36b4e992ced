"""The numbers of redemptions that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Redemptions")

DISCREPANCY_DAYS = parameters.number(
    "campaigns.discrepancy_days",
    _("Working days in which a discrepancy is to be looked at"),
    5,
    least=1,
    most=60,
    group=_GROUP,
)
RESERVATION_DAYS = parameters.number(
    "campaigns.reservation_days",
    _("Days for which an authorised purchase holds its discount"),
    30,
    least=1,
    most=180,
    group=_GROUP,
)
