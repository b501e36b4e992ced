"""Numbers of webhooks that administrators may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Webhooks")

OLD_SECRET_HOURS = parameters.number(
    "crm.webhooks.old_secret_hours",
    _("Hours for which messages are signed with the old secret as well"),
    24,
    least=1,
    most=168,
    group=_GROUP,
)
KEPT_WHILE_DISABLED_DAYS = parameters.number(
    "crm.webhooks.kept_while_disabled_days",
    _("Days for which a disabled webhook's messages are kept to be sent later"),
    30,
    least=1,
    most=365,
    group=_GROUP,
)
