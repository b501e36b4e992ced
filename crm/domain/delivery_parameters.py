"""Numbers of the delivery machine that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Delivery of messages")

TRIED_HOURS = parameters.number(
    "crm.delivery.tried_hours",
    _("Hours a message is tried before it is given up"),
    24,
    least=1,
    most=168,
    group=_GROUP,
)
TEXT_KEPT_DAYS = parameters.number(
    "crm.delivery.text_kept_days",
    _("Days the text of a message is kept after it was sent or given up"),
    30,
    least=1,
    most=365,
    group=_GROUP,
)
