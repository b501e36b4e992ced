"""The lists of settlement that can be taken out."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Party, Payment, Statement
from crm import exports
from crm.exports import ListExport
from crm.presentation import yuan

exports.register(
    ListExport(
        "statements",
        pgettext_lazy("settlement", "Statements"),
        Statement,
        (
            (_("number"), "number"),
            (_("merchant"), "merchant"),
            (_("first day"), "first_day"),
            (_("last day"), "last_day"),
            (_("state"), "get_state_display"),
            (_("redemptions"), "redemption_count"),
            (_("refunds and reversals"), "return_count"),
            (_("sales"), lambda row: yuan(row.amount_fen)),
            (_("discount"), lambda row: yuan(row.discount_fen)),
            *(
                (party.label, lambda row, column=f"{party}_fen": yuan(getattr(row, column)))
                for party in Party
            ),
            (_("adjustments"), lambda row: yuan(row.adjustment_fen)),
            (_("payable to the merchant"), lambda row: yuan(row.payable_fen)),
            (_("paid"), lambda row: yuan(row.paid_fen)),
            (_("confirmed on"), "confirmed_on"),
            (_("due on"), "due_on"),
            (_("paid on"), "paid_on"),
        ),
        related=("merchant",),
        owner=None,
        ordering=("-last_day", "-id"),
    )
)
exports.register(
    ListExport(
        "payments",
        _("Payments"),
        Payment,
        (
            (_("payment reference"), "reference"),
            (pgettext_lazy("settlement", "statement"), "statement__number"),
            (_("merchant"), "statement__merchant"),
            (_("direction"), "get_direction_display"),
            (_("amount"), lambda row: yuan(row.amount_fen)),
            (_("paid on"), "paid_on"),
        ),
        related=("statement__merchant",),
        owner=None,
    )
)
