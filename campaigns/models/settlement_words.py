"""The words of settlement: stages of a statement, its roads, classes of a comparison."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class StatementState(models.TextChoices):
    """How far a statement has come."""

    DRAFT = "draft", pgettext_lazy("statement", "Draft")
    SENT = "sent", pgettext_lazy("statement", "Sent")
    MERCHANT_CONFIRMED = "merchant_confirmed", pgettext_lazy("statement", "Confirmed by merchant")
    DISPUTED = "disputed", pgettext_lazy("statement", "Disputed")
    APPROVED = "approved", pgettext_lazy("statement", "Approved")
    INVOICED = "invoiced", pgettext_lazy("statement", "Invoiced")
    PAID = "paid", pgettext_lazy("statement", "Paid")
    CLOSED = "closed", pgettext_lazy("statement", "Closed")


_S = StatementState

STATEMENT_ROADS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.SENT}),
        _S.SENT: frozenset({_S.MERCHANT_CONFIRMED, _S.DISPUTED}),
        _S.DISPUTED: frozenset({_S.SENT}),
        _S.MERCHANT_CONFIRMED: frozenset({_S.APPROVED, _S.DISPUTED}),
        # Where the merchant owes, or nobody does, there is nothing to invoice.
        _S.APPROVED: frozenset({_S.INVOICED, _S.PAID, _S.CLOSED}),
        _S.INVOICED: frozenset({_S.PAID, _S.APPROVED}),
        _S.PAID: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)
"""From where to where a statement goes. Whatever is not listed is refused."""

WRITABLE = (_S.DRAFT, _S.DISPUTED)
"""While its lines may change. The database refuses them afterwards."""
COMPARABLE = (_S.DRAFT, _S.SENT, _S.DISPUTED)
"""While a merchant's list may be compared with it."""
AGREED = (_S.MERCHANT_CONFIRMED, _S.APPROVED, _S.INVOICED, _S.PAID, _S.CLOSED)
"""Both sides agree on the amount: the time to pay runs, or has run."""
OWED = (_S.MERCHANT_CONFIRMED, _S.APPROVED, _S.INVOICED)
"""Agreed, and not paid yet."""


class LineKind(models.TextChoices):
    """What a line of a statement stands for."""

    REDEMPTION = "redemption", pgettext_lazy("statement line", "Redemption")
    REFUND = "refund", pgettext_lazy("statement line", "Refund")
    REVERSAL = "reversal", pgettext_lazy("statement line", "Reversal")
    ADJUSTMENT = "adjustment", pgettext_lazy("statement line", "Adjustment")


class MatchClass(models.TextChoices):
    """What came of comparing a line with the merchant's list."""

    MATCHED = "matched", _("Matched")
    BANK_ONLY = "bank_only", _("Only with the bank")
    MERCHANT_ONLY = "merchant_only", _("Only with the merchant")
    AMOUNT_DIFF = "amount_diff", _("Amounts differ")


class PaymentDirection(models.TextChoices):
    """Who pays whom."""

    OUT = "out", _("To the merchant")
    IN = "in", _("From the merchant")


class StatementFileKind(models.TextChoices):
    """A file of a statement: written by us, or brought from the merchant."""

    PDF = "pdf", _("Statement as PDF")
    XLSX = "xlsx", _("Statement as Excel workbook")
    MERCHANT_LIST = "merchant_list", _("Merchant's list")
