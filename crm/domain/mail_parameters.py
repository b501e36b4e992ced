"""The numbers of returned mail that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Mail")

HARD_BOUNCES = parameters.number(
    "crm.mail.hard_bounces",
    _("Mails returned for good after which an address is suppressed"),
    1,
    least=1,
    most=10,
    group=_GROUP,
)
SOFT_BOUNCES = parameters.number(
    "crm.mail.soft_bounces",
    _("Mails returned for now after which an address is suppressed"),
    5,
    least=2,
    most=50,
    group=_GROUP,
)
BOUNCE_DAYS = parameters.number(
    "crm.mail.bounce_days",
    _("Days within which returned mails are counted"),
    14,
    least=1,
    most=90,
    group=_GROUP,
)
