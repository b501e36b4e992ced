"""The numbers of indicators that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Indicators")

SLEEPING_LIMIT = parameters.decimal(
    "campaigns.kpi.sleeping_limit",
    _("Sleeping cards allowed, in per cent of the cards issued"),
    "20",
    least="0",
    most="100",
    group=_GROUP,
)
VOLUME_CEILING = parameters.decimal(
    "campaigns.kpi.volume_ceiling",
    _("What volume may weigh in a KPI scheme at the most, in per cent"),
    "30",
    least="0",
    most="49.99",
    group=_GROUP,
)
ACTIVE_MONTHS = parameters.number(
    "campaigns.kpi.active_months",
    _("Months without a purchase after which a card is not active (1, 3, 6 or 12)"),
    6,
    least=1,
    most=12,
    group=_GROUP,
)
STALE_DAYS = parameters.number(
    "campaigns.kpi.stale_days",
    _("Days after which the cards in force of a unit count as old"),
    35,
    least=1,
    most=366,
    group=_GROUP,
)
