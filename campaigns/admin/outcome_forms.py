"""Forms of outcomes: yuan and per cent as people write them, fen and basis points inside."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
)

from campaigns.models import CampaignOutcome
from crm.admin.forms import DayField, LongTextField, TextField, VerbForm, YuanField
from crm.errors import Sentence

_CLASSES = " ".join(INPUT_CLASSES)
DAYS = ("baseline_first", "baseline_last", "measured_first", "measured_last")
_YUAN = (
    "test_before_fen",
    "test_after_fen",
    "control_before_fen",
    "control_after_fen",
    "operating_cost_fen",
    "card_contribution_fen",
    "monthly_revenue_fen",
)


class PercentField(forms.DecimalField):
    """Per cent as people type it; the domain counts in whole parts of it (`parts` to one per
    cent: 100 for basis points, 10,000 for millionths)."""

    def __init__(self, *, parts: int, places: int, **options: Any) -> None:
        self.parts = parts
        super().__init__(
            min_value=0,
            max_value=100,
            decimal_places=places,
            widget=forms.NumberInput(attrs={"class": _CLASSES, "step": "any", "min": "0"}),
            **options,
        )

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else int(typed * self.parts)


class CountField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, widget=UnfoldAdminIntegerFieldWidget, **options)


class MonthsField(TextField):
    """Sums in yuan, month by month: 60, 80, 90."""

    default_error_messages = {"months": _("Write sums in yuan, separated by commas: 60, 80, 90.")}

    def clean(self, value: Any) -> Any:
        try:
            return [
                int(Decimal(one) * 100)
                for one in filter(None, re.split(r"[,;\uff0c\uff1b、\s]+", super().clean(value)))
            ]
        except (InvalidOperation, ValueError, OverflowError):
            raise forms.ValidationError(self.error_messages["months"], code="months") from None


def _count(label: Sentence) -> CountField:
    return CountField(label=label, required=False)


def _money(label: Sentence, help_text: Sentence = "") -> YuanField:
    return YuanField(label=label, required=False, help_text=help_text)


class FiguresForm(VerbForm):
    """What is filed of an outcome. What is left empty is no data, and never zero."""

    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    baseline_first = DayField(label=_("Before: first day"))
    baseline_last = DayField(label=_("Before: last day"))
    measured_first = DayField(label=_("During: first day"))
    measured_last = DayField(label=_("During: last day"))
    test_before = _count(_("Purchases at the campaign's merchants, before"))
    test_after = _count(_("Purchases at the campaign's merchants, during"))
    control_before = _count(_("Purchases at the control group, before"))
    control_after = _count(_("Purchases at the control group, during"))
    test_before_fen = _money(_("Sales of the campaign's merchants, before"), _("In yuan."))
    test_after_fen = _money(_("Sales of the campaign's merchants, during"))
    control_before_fen = _money(_("Sales of the control group, before"))
    control_after_fen = _money(_("Sales of the control group, during"))
    source = TextField(
        label=_("Source"),
        required=False,
        max_length=200,
        help_text=_("Where the figures come from."),
    )
    operating_cost_fen = _money(_("What running the campaign cost the bank"))
    first_swipe_cards = _count(_("First-swipe cards"))
    reactivated_cards = _count(_("Re-activated cards"))
    card_contribution_fen = _money(_("What an activated card contributes in twelve months"))
    gross_margin = PercentField(
        label=_("The merchants' gross margin (%)"), parts=100, places=2, required=False
    )
    merchant_rate = PercentField(
        label=_("The merchant discount rate (%)"), parts=10_000, places=4, required=False
    )
    approved_customers = _count(_("Approved new customers"))
    monthly_revenue_fen = _money(_("Revenue per customer a month"))
    monthly_contributions_fen = MonthsField(
        label=_("Contribution per customer, month by month"),
        required=False,
        help_text=_("In yuan, from the first month on: 60, 80, 90."),
    )

    @classmethod
    def of(cls, outcome: CampaignOutcome, data: Any = None) -> "FiguresForm":
        """The form as the outcome stands."""
        names = [name for name in cls.base_fields if name != "read_version"]
        shown = {name: getattr(outcome, name) for name in names}
        for name in _YUAN:
            if shown[name] is not None:
                shown[name] = f"{Decimal(shown[name]) / 100:.2f}"
        for name, parts in (("gross_margin", 100), ("merchant_rate", 10_000)):
            if shown[name] is not None:
                shown[name] = f"{(Decimal(shown[name]) / parts).normalize():f}"
        shown["monthly_contributions_fen"] = ", ".join(
            f"{Decimal(fen) / 100:.2f}" for fen in outcome.monthly_contributions_fen
        )
        return cls(data, initial={**shown, "read_version": outcome.version})

    def changes(self) -> dict[str, Any]:
        """What was typed, by column."""
        given = dict(self.cleaned_data)
        given.pop("read_version")
        return given


class ControlsForm(VerbForm):
    """The control group, out of merchants that are alike and those chosen already."""

    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    controls = forms.TypedMultipleChoiceField(
        label=_("Control group"),
        required=False,
        coerce=str,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "Same kind of business, same district, no campaign in these periods, similar size; "
            "the most alike first."
        ),
    )
    control_because = LongTextField(label=_("Why these merchants"), required=False)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["controls"].choices = choices  # type: ignore[attr-defined]


class ConcludeForm(VerbForm):
    conclusion = LongTextField(label=_("What follows from it"))


class BecauseForm(VerbForm):
    because = LongTextField(label=_("Reason"))


class EmptyForm(VerbForm):
    """Nothing needs to be told."""


class FeesForm(VerbForm):
    """Card fees from a day on."""

    row_id = forms.UUIDField(widget=forms.HiddenInput)
    effective_from = DayField(label=_("In force from"))
    issuer_credit = PercentField(label=_("Issuer fee, credit cards (%)"), parts=10_000, places=4)
    issuer_debit = PercentField(label=_("Issuer fee, debit cards (%)"), parts=10_000, places=4)
    issuer_debit_cap_fen = YuanField(label=_("Cap of the issuer fee, debit cards"))
    network_each_side = PercentField(label=_("Network fee, each side (%)"), parts=10_000, places=4)
    network_cap_fen = YuanField(label=_("Cap of the network fee"))
    source = TextField(label=_("Source"), max_length=200)
