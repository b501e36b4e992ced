"""The forms of settlement."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from campaigns.models import Statement
from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    RoomForm,
    TextField,
    VerbForm,
    YuanField,
)
from merchants.admin.partnership_forms import DocumentField

FOR_MERCHANT, AGAINST_MERCHANT = "for", "against"


class StatementForm(RoomForm):
    """For whom and for which days a statement is drafted."""

    first_day = DayField(label=_("First day"))
    last_day = DayField(
        label=pgettext_lazy("period", "Last day"),
        help_text=_("Whatever happened until then and stands on no statement yet comes along."),
    )

    class Meta:
        model = Statement
        fields = ("merchant", "first_day", "last_day")


class PeriodForm(VerbForm):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=pgettext_lazy("period", "Last day"))


class NothingToSayForm(VerbForm):
    """A question to be answered with a button."""


class StatementBecauseForm(VerbForm):
    because = LongTextField(label=_("Reason"))


class ConfirmForm(VerbForm):
    confirmed_on = DayField(
        label=_("Confirmed on"), help_text=_("From this day on the time to pay runs.")
    )
    by_name = TextField(label=_("Confirmed for the merchant by"), max_length=100)


class AdjustmentForm(MakingForm):
    direction = ChoiceField(
        label=_("Direction"),
        choices=[
            (FOR_MERCHANT, _("More for the merchant")),
            (AGAINST_MERCHANT, _("Less for the merchant")),
        ],
    )
    amount = YuanField(label=_("Amount"), help_text=_("In yuan."))
    reason = LongTextField(
        label=_("Reason"), help_text=_("Somebody else approves it before it counts.")
    )

    def fen(self) -> int:
        """Above zero for the merchant, below zero against it."""
        amount: int = self.cleaned_data["amount"]
        return amount if self.cleaned_data["direction"] == FOR_MERCHANT else -amount


class InvoiceForm(MakingForm):
    number = TextField(label=_("Invoice number"), max_length=40)
    issued_on = DayField(label=_("Issued on"))
    received_on = DayField(label=_("Received on"))
    buyer_title = TextField(label=_("Buyer"), max_length=200)
    buyer_credit_code = TextField(label=_("Buyer's taxpayer number"), max_length=18)
    gross = YuanField(
        label=_("Gross"), help_text=_("Tax included; exactly what is payable, to the fen.")
    )
    rate = ChoiceField(
        label=_("Tax rate"),
        choices=[(value, f"{Decimal(value) / 100:g} %") for value in (600, 1300, 900, 300, 100, 0)],
    )
    document = DocumentField(label=_("Invoice"), required=False)


class PaymentForm(MakingForm):
    amount = YuanField(label=_("Amount"), help_text=_("In yuan."))
    reference = TextField(label=_("The bank's reference"), max_length=60)
    paid_on = DayField(label=_("Paid on"))


class MerchantListForm(VerbForm):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=_(
            "CSV or .xlsx, 20 MB at the most, with the columns 交易参考号, 门店, 交易日期, "
            "优惠金额 and, if known, 交易金额."
        ),
    )


def initial_of(statement: Statement) -> dict[str, Any]:
    """What an invoice or a payment will most likely say."""
    return {"gross": f"{statement.payable_fen / 100:.2f}", "rate": "600"}
