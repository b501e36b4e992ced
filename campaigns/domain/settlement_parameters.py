"""The numbers of settlement that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from campaigns.models.statement import LONGEST_DAYS
from crm import parameters

_GROUP = _("Settlement")

PAYMENT_DAYS = parameters.number(
    "campaigns.settlement.payment_days",
    _("Days to pay a statement where no agreement says otherwise"),
    LONGEST_DAYS,
    least=1,
    most=LONGEST_DAYS,
    group=_GROUP,
)
ACCEPTANCE_DAYS = parameters.number(
    "campaigns.settlement.acceptance_days",
    _("Days after a merchant's own list before the time to pay runs anyway"),
    10,
    least=0,
    most=LONGEST_DAYS,
    group=_GROUP,
)
REMINDED_DAYS_BEFORE = parameters.number(
    "campaigns.settlement.reminded_days_before",
    _("Days before a statement is due on which finance is reminded"),
    5,
    least=0,
    most=30,
    group=_GROUP,
)
PDF_LINES = parameters.number(
    "campaigns.settlement.pdf_lines",
    _("Lines that a statement's PDF prints; all of them stand in the workbook"),
    200,
    least=0,
    most=2000,
    group=_GROUP,
)
