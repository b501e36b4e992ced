"""The numbers by which the day's work is put in order, which an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Order of the day")
WEIGHTS = _("Weights of the day's work")

HIGH_PRIORITY = parameters.number(
    "leads.today.high_priority",
    _("What high priority adds"),
    10,
    least=0,
    most=100,
    group=_GROUP,
)
A_DAY_LATE = parameters.number(
    "leads.today.a_day_late",
    _("What each working day of delay adds"),
    2,
    least=0,
    most=20,
    group=_GROUP,
)
LATE_DAYS_COUNTED = parameters.number(
    "leads.today.late_days_counted",
    _("Working days of delay that count"),
    10,
    least=0,
    most=100,
    group=_GROUP,
)
