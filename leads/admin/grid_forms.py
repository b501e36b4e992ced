"""The forms of the needs interview."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, UnfoldBooleanWidget

from crm.admin.forms import (
    ChoiceField,
    LongTextField,
    MomentField,
    RoomForm,
    RowField,
    VerbForm,
)
from leads.domain.cell_figures import MOST_FIGURES, Given
from leads.domain.cells import LONGEST_WORDS
from leads.domain.interviews import MOST_CAPABILITIES, Wanted
from leads.models import (
    AgreedVia,
    CellNumber,
    CellStatus,
    GridCell,
    NamedCapability,
    NumberPeriod,
    NumberUnit,
    Pain,
    PainEnd,
)
from leads.models.grid_words import CONFIRM_CELLS
from merchants.admin.partnership_forms import DocumentField
from merchants.models import Contact, ContactState, Insight

_INPUT = " ".join(INPUT_CLASSES)
_SELECT = " ".join(SELECT_CLASSES)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
BLANK_FIGURES = 2
BLANK_CAPABILITIES = 3


class _InALine(forms.MultiWidget):
    """A few small inputs beside one another."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        inner = super().render(name, value, attrs, renderer)
        return format_html('<div class="crm-inline">{}</div>', inner)


class FigureWidget(_InALine):
    def __init__(self) -> None:
        super().__init__(
            [
                forms.TextInput(
                    {"class": _INPUT, "aria-label": _("What it is"), "placeholder": _("What it is")}
                ),
                forms.TextInput(
                    {
                        "class": _INPUT,
                        "aria-label": _("How much"),
                        "placeholder": _("How much"),
                        "inputmode": "decimal",
                    }
                ),
                forms.Select(
                    {"class": _SELECT, "aria-label": pgettext_lazy("figure", "Unit")},
                    NumberUnit.choices,
                ),
                forms.Select(
                    {"class": _SELECT, "aria-label": pgettext_lazy("figure", "Period")},
                    NumberPeriod.choices,
                ),
            ]
        )

    def decompress(self, value: CellNumber | None) -> list[Any]:
        if value is None:
            return ["", "", NumberUnit.YUAN, NumberPeriod.MONTH]
        fen = Decimal(value.amount_fen or 0)
        amount = f"{fen / 100:.2f}" if value.value is None else f"{value.value:f}"
        return [value.label, amount, value.unit, value.period]


class FigureField(forms.MultiValueField):
    """A figure; none while neither its name nor its size is given."""

    widget = FigureWidget

    def __init__(self, **options: Any) -> None:
        fields = (
            forms.CharField(required=False, max_length=100),
            forms.CharField(required=False, max_length=20),
            forms.ChoiceField(choices=NumberUnit.choices),
            forms.ChoiceField(choices=NumberPeriod.choices),
        )
        super().__init__(fields, required=False, require_all_fields=False, **options)

    def compress(self, values: Sequence[Any]) -> Given | None:
        label, amount, unit, period = values or ("", "", "", "")
        if not label and not amount:
            return None
        if not _AMOUNT.fullmatch(amount):
            raise forms.ValidationError(_("Write how much as a number, like 48000 or 12.5."))
        number = Decimal(amount)
        if unit == NumberUnit.YUAN:
            return Given(label, unit, period, amount_fen=int(number.scaleb(2)))
        return Given(label, unit, period, value=number)


class _SaidForm(VerbForm):
    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    words = LongTextField(
        label=_("In the merchant's words"), max_length=LONGEST_WORDS, required=False
    )

    def __init__(self, *args: Any, row: GridCell, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["read_version"].initial = version
        self.fields["words"].initial = row.merchant_words
        figures: list[CellNumber | None] = list(row.numbers.all())
        blank = min(BLANK_FIGURES, MOST_FIGURES - len(figures))
        for place, number in enumerate([*figures, *[None] * blank], start=1):
            field = FigureField(label=_("Figure %(number)s") % {"number": place}, initial=number)
            self.fields[f"figure_{place}"] = field
        self.fields["document"] = DocumentField(label=_("Add a document"), required=False)

    def numbers(self) -> list[Given]:
        given = (value for name, value in self.cleaned_data.items() if name.startswith("figure_"))
        return [one for one in given if one is not None]


class FillForm(_SaidForm):
    """What was said in a cell, and how far it is."""

    status = ChoiceField(
        label=pgettext_lazy("nine-grid", "Status"),
        help_text=_("Complete once there is nothing more to ask here; the next cell follows."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed_only = self.row.cell in CONFIRM_CELLS
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            (value, label)
            for value, label in CellStatus.choices
            if not (agreed_only and value == CellStatus.COMPLETE)
        ]
        begun = self.row.status != CellStatus.EMPTY
        self.fields["status"].initial = self.row.status if begun else CellStatus.PARTIAL


class ConfirmForm(_SaidForm):
    """Who at the merchant agreed to it, when and how."""

    agreed_by = RowField(
        label=pgettext_lazy("nine-grid", "Agreed by"), queryset=Contact.objects.none()
    )
    agreed_at = MomentField(label=_("Agreed at"))
    agreed_via = ChoiceField(label=_("Agreed in"), choices=AgreedVia.choices)
    insight = RowField(
        label=_("The insight that is open now"), queryset=Insight.objects.none(), required=False
    )

    def __init__(self, *args: Any, pain: Pain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Contact.objects.filter(merchant=pain.merchant_id, state=ContactState.ACTIVE)
        self.fields["agreed_by"].queryset = people.order_by("created_at", "pk")  # type: ignore[attr-defined]
        insights = Insight.objects.filter(merchant=pain.merchant_id)
        self.fields["insight"].queryset = insights.order_by("-created_at", "-pk")  # type: ignore[attr-defined]
        self.fields["agreed_at"].initial = timezone.localtime


class TakeBackForm(VerbForm):
    because = LongTextField(label=_("Because"), max_length=500)


class ClosePainForm(VerbForm):
    closed_as = ChoiceField(label=_("How it ended"), choices=PainEnd.choices)
    because = LongTextField(label=_("Because"), max_length=500, required=False)


class CapabilityWidget(_InALine):
    def __init__(self) -> None:
        name = forms.TextInput({"class": _INPUT, "aria-label": _("Capability")})
        super().__init__([name, UnfoldBooleanWidget({"aria-label": _("we can cover it")})])

    def decompress(self, value: NamedCapability | None) -> list[Any]:
        return ["", False] if value is None else [value.name, value.covered]


class CapabilityField(forms.MultiValueField):
    widget = CapabilityWidget

    def __init__(self, **options: Any) -> None:
        fields = (
            forms.CharField(required=False, max_length=200),
            forms.BooleanField(required=False),
        )
        super().__init__(fields, required=False, require_all_fields=False, **options)

    def compress(self, values: Sequence[Any]) -> Wanted | None:
        name, covered = values or ("", False)
        return Wanted(name, covered=bool(covered)) if name else None


class CapabilitiesForm(VerbForm):
    """What the merchant needs to be able to do; a tick says that our plays cover it."""

    def __init__(self, *args: Any, pain: Pain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: list[NamedCapability | None] = list(pain.capabilities.all())
        blank = min(BLANK_CAPABILITIES, MOST_CAPABILITIES - len(named))
        for place, one in enumerate([*named, *[None] * blank], start=1):
            self.fields[f"capability_{place}"] = CapabilityField(
                label=_("Capability %(number)s") % {"number": place},
                initial=one,
                help_text=_("Tick what we can cover."),
            )

    def wanted(self) -> list[Wanted]:
        return [one for one in self.cleaned_data.values() if one is not None]


class PainForm(RoomForm):
    """A pain as it is put on the table and corrected."""

    class Meta:
        help_texts = {
            "title": _("In a few words: empty weekday evenings, first-time guests do not return …"),
            "mode": _(
                "Re-engineer when the merchant has a plan or another bank's offer in hand already."
            ),
            "trigger": _("The rent is due, a rival opens, the season begins …"),
        }
