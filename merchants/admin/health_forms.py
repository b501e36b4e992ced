"""The forms in which sales and monthly figures are filed by hand."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import INPUT_CLASSES

from crm.admin.forms import ChoiceField, LongTextField, TextField, VerbForm
from merchants.domain.figures import MOST_DAYS, DayOfSales
from merchants.models import BankProduct, PeriodFigures
from merchants.models.figures import HIGHEST_RETURN, LARGEST_COUNT

_CLASSES = " ".join(INPUT_CLASSES)
_LINE = re.compile(
    r"(\d{4}-\d{2}-\d{2})[\s,;,]+(\d{1,11}(?:\.\d{1,2})?)[\s,;,]+(\d{1,9})[\s,;,]+(\d{1,9})",
    re.ASCII,
)


class SalesForm(VerbForm):
    """One line for each day, typed or pasted out of a sheet."""

    days = LongTextField(
        label=pgettext_lazy("daily sales", "Days"),
        max_length=30_000,
        help_text=gettext_lazy(
            "One day a line: day, sales in yuan, qualifying sales, redemptions. "
            "For example: 2026-11-01 1200.50 8 3"
        ),
    )

    def clean_days(self) -> list[DayOfSales]:
        lines = [line.strip() for line in self.cleaned_data["days"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > MOST_DAYS:
            raise forms.ValidationError(
                _("File from 1 to %(most)d days at once.") % {"most": MOST_DAYS}
            )
        return [_day_of(line, number) for number, line in enumerate(lines, 1)]


def _day_of(line: str, number: int) -> DayOfSales:
    found = _LINE.fullmatch(line)
    try:
        if found is None:
            raise ValueError(line)
        return DayOfSales(
            date.fromisoformat(found[1]),
            int(Decimal(found[2]).scaleb(2)),
            int(found[3]),
            int(found[4]),
        )
    except ValueError:
        raise forms.ValidationError(
            _("Line %(number)d is not a day, a sum and two counts: “%(line)s”.")
            % {"number": number, "line": line[:60]}
        ) from None


class CountField(forms.IntegerField):
    """A whole number, or nothing at all."""

    def __init__(self, label: Any, most: int = LARGEST_COUNT, **options: Any) -> None:
        super().__init__(
            label=label,
            min_value=0,
            max_value=most,
            required=False,
            widget=forms.NumberInput(attrs={"class": _CLASSES}),
            **options,
        )


class PercentField(forms.DecimalField):
    """A rate typed in percent; the domain counts in basis points."""

    def __init__(self, label: Any, least: int = 0, most: int = 100) -> None:
        super().__init__(
            label=label,
            min_value=least,
            max_value=most,
            max_digits=9,
            decimal_places=2,
            required=False,
            widget=forms.NumberInput(attrs={"class": _CLASSES, "step": "0.01"}),
        )

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent.scaleb(2))

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value).scaleb(-2):.2f}" if isinstance(value, int) else value


class YesNoField(ChoiceField):
    """Yes, no, or not said."""

    def __init__(self, label: Any) -> None:
        choices = [("", "—"), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
        super().__init__(label=label, choices=choices, required=False)

    def clean(self, value: Any) -> Any:
        return {"": None, "yes": True, "no": False}[super().clean(value)]

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)


_RETURN = HIGHEST_RETURN // 100


class FiguresForm(VerbForm):
    """The figures of one month as they are filed; an empty field is “not known”."""

    source = TextField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Where the figures come from, for example a monthly report."),
    )
    planned_redemptions = CountField(gettext_lazy("Planned redemptions"))
    statements = CountField(
        gettext_lazy("Statements"),
        6,
        help_text=gettext_lazy("How many of the last six there are."),
    )
    statements_overdue = CountField(gettext_lazy("Overdue statements"), 6)
    live_offers = CountField(gettext_lazy("Live offers"))
    new_cards = CountField(gettext_lazy("Attributed new cards"))
    first_swipe = PercentField(gettext_lazy("30-day first-swipe rate, %"))
    lifted_campaigns = CountField(gettext_lazy("Campaigns with measured positive lift"), 1000)
    segmented_campaigns = CountField(gettext_lazy("Of those, aimed at a segment"), 1000)
    bank_roi = PercentField(
        gettext_lazy("Bank's return on the latest campaign, %"), -_RETURN, _RETURN
    )
    further_products = forms.MultipleChoiceField(
        label=gettext_lazy("Further bank products"),
        choices=BankProduct.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    joint_plan = YesNoField(gettext_lazy("Joint annual plan"))
    merchant_share = PercentField(gettext_lazy("Merchant's funding share, %"))
    bank_side = CountField(gettext_lazy("Bank: smart tools (0–2)"), 2)
    merchant_side = CountField(gettext_lazy("Merchant: use of the scenario (0–2)"), 2)
    customer_side = CountField(gettext_lazy("Customer: mobile experience (0–2)"), 2)

    def clean_further_products(self) -> list[str] | None:
        return self.cleaned_data["further_products"] or None


def filed(row: PeriodFigures | None) -> dict[str, Any]:
    """What the form shows of a month that is filed already."""
    return {name: getattr(row, name) for name in FiguresForm.base_fields} if row else {}
