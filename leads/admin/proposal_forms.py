"""The form of a proposal: yuan and per cent as people write them, fen and basis points inside."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.domain import offer_words, offers
from campaigns.models import Party
from crm.admin.forms import (
    DayField,
    LongTextField,
    MakingForm,
    TextField,
    VerbForm,
    YuanField,
)
from crm.errors import Sentence
from leads.models import ProposalVersion

_CLASSES = " ".join(INPUT_CLASSES)
TERM = "term_"
WEEKDAYS = (
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
)
RATES = ("rate_off", "rate_back", "monthly_rate")
"""Terms in basis points, typed in per cent."""
_PRIZE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?\s*[x×*]\s*([0-9]{1,9})")


class PercentField(forms.DecimalField):
    """Per cent as people type it; the domain counts in whole parts of it (`parts` to one per
    cent: 100 for basis points, 10,000 for millionths)."""

    def __init__(self, *, parts: int = 100, places: int = 2, **options: Any) -> None:
        self.parts = parts
        super().__init__(
            min_value=0,
            max_value=100,
            max_digits=3 + places,
            decimal_places=places,
            widget=forms.NumberInput(attrs={"class": _CLASSES, "step": "any", "min": "0"}),
            **options,
        )

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else int(typed * self.parts)


class CountField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=0, max_value=2_000_000_000, widget=UnfoldAdminIntegerFieldWidget, **options
        )


class ClockField(forms.TimeField):
    """A time of day, chosen with the browser's own clock."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": _CLASSES})
        super().__init__(widget=widget, **options)


class WeekdaysField(forms.TypedMultipleChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=WEEKDAYS,
            coerce=int,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            **options,
        )


class PrizesField(TextField):
    """Prizes as people write them: 888×1, 50×100."""

    default_error_messages = {
        "prizes": _("Write prizes as worth × count, separated by commas: 888×1, 50×100.")
    }

    def clean(self, value: Any) -> Any:
        found = []
        # Commas and semicolons of either width, and the Chinese mark between listed things.
        for one in filter(None, re.split(r"\s*[,;\uff0c\uff1b、]\s*", super().clean(value))):
            match = _PRIZE.fullmatch(one.strip())
            if match is None:
                raise forms.ValidationError(self.error_messages["prizes"], code="prizes")
            yuan, cents, count = match.groups()
            worth = int(yuan) * 100 + int((cents or "").ljust(2, "0"))
            found.append({"value_fen": worth, "count": int(count)})
        return found

    @staticmethod
    def shown(prizes: list[Mapping[str, int]]) -> str:
        return ", ".join(
            f"{(Decimal(one['value_fen']) / 100).normalize():f}×{one['count']}" for one in prizes
        )


def _money(label: Sentence, help_text: Sentence = "") -> YuanField:
    return YuanField(label=label, required=False, help_text=help_text)


def _count(label: Sentence, help_text: Sentence = "") -> CountField:
    return CountField(label=label, required=False, help_text=help_text)


class ProposalForm(MakingForm):
    """What a proposal says. Which numbers the offer has depends on its mechanic."""

    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    """Of the proposal, as the person read it."""
    pain_words = LongTextField(
        label=_("The pain, in the merchant's own words"),
        required=False,
        help_text=_("Stands on the page for the merchant."),
    )
    monthly_impact = _money(_("What it costs the merchant a month"), _("In yuan."))
    title = TextField(
        label=_("Name of the offer"),
        max_length=100,
        required=False,
        help_text=_("As customers will read it."),
    )
    starts_on = DayField(label=_("Starts on"), required=False)
    ends_on = DayField(label=_("Ends on"), required=False)
    weekdays = WeekdaysField(
        label=_("On these days"), required=False, help_text=_("None chosen: every day.")
    )
    opens_at = ClockField(label=_("Every day from"), required=False)
    closes_at = ClockField(label=_("Every day until"), required=False)
    uses_per_customer_day = _count(_("Uses per customer a day"), _("Empty: as often as they like."))
    uses_per_customer_month = _count(_("Uses per customer a month"))
    uses_per_customer = _count(_("Uses per customer in all"))
    uses_per_day = _count(_("Uses a day"))
    uses_in_total = _count(_("Uses in all"))
    budget = _money(_("Budget"), _("In yuan, all parties together."))
    day_budget = _money(_("Budget a day"))
    operating_cost = _money(_("Operating cost of the bank"))
    redemptions = _count(_("Redemptions expected"))
    purchases_without = _count(
        _("Of these, purchases that would come anyway"),
        _("Count a quiet week without the offer."),
    )
    ticket = _money(_("Average purchase"), _("In yuan, before the discount."))
    gross_margin = PercentField(label=_("Gross margin of the merchant (%)"), required=False)
    merchant_rate = PercentField(
        label=_("Merchant discount rate (%)"), parts=10_000, places=4, required=False
    )
    first_swipe_cards = _count(_("Cards used for the first time"))
    reactivated_cards = _count(_("Sleeping cards woken up"))
    card_contribution = _money(_("What an activated card brings in 12 months"), _("In yuan."))
    next_steps = LongTextField(
        label=_("Next steps"),
        required=False,
        help_text=_("One a line, four at the most. Empty: our usual four."),
    )

    def __init__(self, *args: Any, mechanic: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mechanic = mechanic
        for party in Party:
            self.fields[f"share_{party.value}"] = PercentField(
                label=format_lazy("{} (%)", party.label), required=False
            )
        self.term_names = _term_names(mechanic)
        for name in self.term_names:
            self.fields[f"{TERM}{name}"] = _term_field(name)

    @classmethod
    def starting(
        cls,
        version: ProposalVersion | None,
        *,
        mechanic: str,
        read_version: int | None,
        data: Any = None,
    ) -> "ProposalForm":
        """The form, filled with what a version says."""
        form = cls(data, mechanic=mechanic)
        form.fields["read_version"].initial = read_version
        if version is not None:
            for name, value in _initial(version, mechanic).items():
                if name in form.fields:
                    form.fields[name].initial = value
        return form

    @property
    def sections(self) -> list[tuple[Sentence, list[forms.BoundField]]]:
        """The fields in the order in which a proposal is thought through."""
        terms = [f"{TERM}{name}" for name in self.term_names]
        shares = [f"share_{party.value}" for party in Party]
        named: list[tuple[Sentence, list[str]]] = [
            (_("The merchant's pain"), ["pain_words", "monthly_impact"]),
            (_("The offer"), ["title", *terms]),
            (
                pgettext_lazy("proposal", "When"),
                ["starts_on", "ends_on", "weekdays", "opens_at", "closes_at"],
            ),
            (
                _("How often"),
                [
                    "uses_per_customer_day",
                    "uses_per_customer_month",
                    "uses_per_customer",
                    "uses_per_day",
                    "uses_in_total",
                ],
            ),
            (_("Who pays: together exactly 100 %"), shares),
            (_("Money"), ["budget", "day_budget", "operating_cost"]),
            (
                _("What is expected"),
                [
                    "redemptions",
                    "purchases_without",
                    "ticket",
                    "gross_margin",
                    "merchant_rate",
                    "first_swipe_cards",
                    "reactivated_cards",
                    "card_contribution",
                ],
            ),
            (_("Next steps"), ["next_steps"]),
        ]
        return [(title, [self[name] for name in names]) for title, names in named]

    def changes(self) -> dict[str, Any]:
        """What was typed, as the verbs call it."""
        given = self.cleaned_data
        terms = {
            name: value
            for name in self.term_names
            if (value := given[f"{TERM}{name}"]) not in (None, "", False, [])
        }
        if terms == {"threshold_fen": 0}:
            terms = {}
        plain = {
            name: given[name]
            for name in _PLAIN
            if name not in ("merchant_rate",) or given[name] is not None
        }
        return {
            **plain,
            **{f"{name}_fen": given[name] for name in _SUMS},
            "weekdays": given["weekdays"],
            "mechanic": self.mechanic,
            "terms": terms,
            "shares": {
                party.value: given[f"share_{party.value}"]
                for party in Party
                if given[f"share_{party.value}"]
            },
        }

    @property
    def fields_of(self) -> dict[str, str]:
        """Where a refusal about an attribute is shown."""
        return {
            "shares": "share_bank",
            **{f"shares.{party.value}": f"share_{party.value}" for party in Party},
            **{f"terms.{name}": f"{TERM}{name}" for name in self.term_names},
        }


_SUMS = (
    "monthly_impact",
    "budget",
    "day_budget",
    "operating_cost",
    "ticket",
    "card_contribution",
)
_PLAIN = (
    "pain_words",
    "title",
    "starts_on",
    "ends_on",
    "opens_at",
    "closes_at",
    "uses_per_customer_day",
    "uses_per_customer_month",
    "uses_per_customer",
    "uses_per_day",
    "uses_in_total",
    "redemptions",
    "purchases_without",
    "gross_margin",
    "merchant_rate",
    "first_swipe_cards",
    "reactivated_cards",
    "next_steps",
)


def _term_names(mechanic: str) -> list[str]:
    known = list(offers.terms_known(mechanic))
    if mechanic == "threshold_off":
        return known
    return [*(name for name in known if name != "threshold_fen"), "threshold_fen"]


def _term_field(name: str) -> forms.Field:
    label: Any = offer_words.TERMS[name]
    if name == "every":
        return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanSwitchWidget)
    if name == "prizes":
        return PrizesField(
            label=label, required=False, help_text=_("Worth in yuan × count: 888×1, 50×100.")
        )
    if name in RATES:
        return PercentField(label=format_lazy("{} (%)", label), required=False)
    if name.endswith("_fen"):
        return YuanField(label=label, required=False, help_text=_("In yuan."))
    return CountField(label=label, required=False)


def _initial(version: ProposalVersion, mechanic: str) -> dict[str, Any]:
    def yuan(fen: int | None) -> str | None:
        return None if fen is None else f"{Decimal(fen) / 100:.2f}"

    def percent(parts: int | None, of: int = 100) -> str | None:
        return None if parts is None else f"{(Decimal(parts) / of).normalize():f}"

    initial = {name: getattr(version, name) for name in _PLAIN}
    initial |= {name: yuan(getattr(version, f"{name}_fen")) for name in _SUMS}
    for party in Party:
        share = getattr(version, f"{party.value}_share")
        initial[f"share_{party.value}"] = percent(share) if share else None
    initial["gross_margin"] = percent(version.gross_margin)
    initial["merchant_rate"] = percent(version.merchant_rate, 10_000)
    initial["weekdays"] = version.weekdays
    if version.mechanic == mechanic:
        for name, value in version.terms.items():
            shown = value
            if name == "prizes":
                shown = PrizesField.shown(value)
            elif name in RATES:
                shown = percent(value)
            elif name.endswith("_fen"):
                shown = yuan(value)
            initial[f"{TERM}{name}"] = shown
    return initial


class ProposalBecauseForm(VerbForm):
    """A reason that stays on record."""

    because = LongTextField(label=_("Because"))


class NothingForm(VerbForm):
    """Nothing is asked but to go ahead."""
