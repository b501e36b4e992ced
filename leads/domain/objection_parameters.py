"""Numbers of the objections that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Objections")

PROGRESSION_DAYS = parameters.number(
    "leads.objections.progression_days",
    _("Days within which a merchant moves on after an objection"),
    30,
    least=1,
    most=365,
    group=_GROUP,
)
REOPEN_DAYS = parameters.number(
    "leads.objections.reopen_days",
    _("Days within which a resolved objection counts as raised again"),
    30,
    least=1,
    most=365,
    group=_GROUP,
)
