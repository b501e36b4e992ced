"""The numbers of funds and budgets that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Campaign budgets")

FIRST_ALERT = parameters.number(
    "campaigns.budget.first_alert",
    _("First alert: per cent of a budget used"),
    70,
    least=1,
    most=100,
    group=_GROUP,
)
SECOND_ALERT = parameters.number(
    "campaigns.budget.second_alert",
    _("Second alert: per cent of a budget used"),
    90,
    least=1,
    most=100,
    group=_GROUP,
)
LAST_ALERT = parameters.number(
    "campaigns.budget.last_alert",
    _("Last alert: per cent of a budget used"),
    100,
    least=1,
    most=100,
    group=_GROUP,
)
NEARLY_USED = parameters.number(
    "campaigns.budget.nearly_used",
    _("Per cent of a budget from which the weekly report says that somebody has to act"),
    80,
    least=1,
    most=100,
    group=_GROUP,
)
RECONCILED_EVERY_HOURS = parameters.number(
    "campaigns.budget.reconciled_every_hours",
    _("Hours between two comparisons of a budget with the ledger"),
    24,
    least=1,
    most=168,
    group=_GROUP,
)
