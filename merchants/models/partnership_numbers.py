"""The numbers that the steps of a partnership ask for; the method's are the start values."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Partnership")

PILOT_REDEMPTIONS = parameters.number(
    "merchants.partnership.pilot_redemptions",
    _("Redemptions that a pilot needs"),
    30,
    least=1,
    most=10_000,
    group=_GROUP,
)
ALARMING_HEALTH = parameters.number(
    "merchants.partnership.alarming_health",
    _("Health score below which a partnership wavers"),
    60,
    least=1,
    most=100,
    group=_GROUP,
)
RECOVERED_HEALTH = parameters.number(
    "merchants.partnership.recovered_health",
    _("Health score of a partnership that has recovered"),
    70,
    least=1,
    most=100,
    group=_GROUP,
)
RECOVERED_DAYS = parameters.number(
    "merchants.partnership.recovered_days",
    _("Days for which a partnership that has recovered was that healthy"),
    14,
    least=1,
    most=180,
    group=_GROUP,
)
SILENT_DAYS = parameters.number(
    "merchants.partnership.silent_days",
    _("Days without a qualifying sale after which a partnership wavers"),
    30,
    least=7,
    most=180,
    group=_GROUP,
)
LONG_SILENT_DAYS = parameters.number(
    "merchants.partnership.long_silent_days",
    _("Days without a sale after which a partnership may end without settlement"),
    90,
    least=30,
    most=730,
    group=_GROUP,
)
DISPUTE_WORKING_DAYS = parameters.number(
    "merchants.partnership.dispute_working_days",
    _("Working days that a dispute may stay open"),
    15,
    least=1,
    most=120,
    group=_GROUP,
)
RENEWAL_DAYS = parameters.number(
    "merchants.partnership.renewal_days",
    _("Days before the end of the agreement at which the renewal begins"),
    60,
    least=7,
    most=365,
    group=_GROUP,
)
LICENCE_CHECK_DAYS = parameters.number(
    "merchants.partnership.licence_check_days",
    _("Days for which a check of the licence counts"),
    90,
    least=1,
    most=365,
    group=_GROUP,
)
