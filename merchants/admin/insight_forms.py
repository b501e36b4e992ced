"""The small forms of insights, rivals' offers and SWOT."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    RowField,
    TextField,
    VerbForm,
    YuanField,
)
from crm.models import User
from merchants.domain import johari
from merchants.models import InsightKind, MoveThrough, Quadrant, Rival, SwotFactKind


class FlagField(forms.BooleanField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(widget=UnfoldBooleanSwitchWidget, **options)


class WholeField(forms.IntegerField):
    widget = forms.NumberInput(attrs={"class": YuanField().widget.attrs["class"]})


class PercentField(forms.DecimalField):
    """A share typed in per cent; the domain counts in basis points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=100,
            max_digits=5,
            decimal_places=2,
            widget=YuanField().widget,
            **options,
        )

    def clean(self, value: Any) -> Any:
        share = super().clean(value)
        return None if share is None else int(share * 100)


class TagsField(forms.CharField):
    """Words separated by commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=TextField.widget, max_length=500, required=False, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return [one.strip() for one in re.split("[,，、]", text) if one.strip()]


def _quadrant_fields() -> dict[str, forms.Field]:
    """What an insight needs to say where it stands."""
    return {
        "could_tell": TextField(label=_("Who could tell us"), max_length=200, required=False),
        "data_source": TextField(label=_("Data source"), max_length=200, required=False),
        "peers": WholeField(
            label=_("Peer merchants"),
            min_value=0,
            max_value=1_000_000,
            required=False,
            help_text=_("How many merchants the evidence aggregates; at least 5 to be told."),
        ),
        "experiment": TextField(
            label=_("How to find out"),
            max_length=500,
            required=False,
            help_text=_("A pilot, a survey, a week of trying."),
        ),
    }


_ASKED = {
    Quadrant.OPEN: (),
    Quadrant.HIDDEN: ("could_tell",),
    Quadrant.BLIND: ("data_source", "peers"),
    Quadrant.UNKNOWN: ("experiment",),
}


class NewInsightForm(MakingForm):
    """An insight in the quadrant whose button was pressed."""

    kind = ChoiceField(label=_("Kind"), choices=InsightKind.choices)
    statement = LongTextField(label=_("Statement"), max_length=500)
    evidence = LongTextField(label=_("Evidence"), max_length=2000, required=False)

    def __init__(self, *args: Any, quadrant: Quadrant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quadrant = quadrant
        possible = _quadrant_fields()
        self.fields |= {name: possible[name] for name in _ASKED[quadrant]}
        self.order_fields(["kind", "statement", *_ASKED[quadrant], "evidence"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        merchant, bank = johari.knowledge(self.quadrant)
        return {
            **given,
            "known_to_merchant": merchant,
            "known_to_bank": bank,
            "is_hypothesis": self.quadrant == Quadrant.UNKNOWN,
        }


class MoveInsightForm(VerbForm):
    """What a move to another quadrant has to say."""

    def __init__(
        self, *args: Any, left: Quadrant, to: Quadrant, known: dict[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.to = to
        possible = _quadrant_fields()
        for name in _ASKED[to]:
            self.fields[name] = possible[name]
            self.fields[name].initial = known[name]
        correction = johari.through(left, to) == MoveThrough.CORRECTION
        self.fields["because"] = LongTextField(
            label=_("Because"), max_length=500, required=correction
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        merchant, bank = johari.knowledge(self.to)
        changes = {"known_to_merchant": merchant, "known_to_bank": bank}
        if self.to == Quadrant.UNKNOWN:
            changes["is_hypothesis"] = True
        return {**given, **changes}


class TellForm(VerbForm):
    """Telling the merchant what the bank sees."""

    names_no_other_merchant = FlagField(
        label=_("It names no other merchant and tells of no single cardholder."),
        help_text=_("Look through the statement and the evidence once more."),
    )


class NewOfferForm(MakingForm):
    rival = RowField(label=_("Rival"), queryset=Rival.objects.none())
    mechanic = TextField(label=_("Mechanic"), max_length=200)
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"), required=False, help_text=_("Empty: no end is known."))
    exclusive = FlagField(label=_("Exclusive"))
    paid_by_rival_basis_points = PercentField(
        label=_("Paid by the rival (%)"), required=False, help_text=_("Empty: nobody knows.")
    )
    source = TextField(label=_("Source"), max_length=200)
    seen_on = DayField(label=_("Seen on"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rival"].queryset = Rival.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]
        self.fields["seen_on"].initial = timezone.localdate()


class FeatureForm(MakingForm):
    name = TextField(label=_("Feature"), max_length=100)
    difference = ChoiceField(
        label=_("Difference"),
        choices=[(str(n), f"{n:+d}" if n else "0") for n in range(2, -3, -1)],
        help_text=_("From −2, much worse, to +2, much better."),
    )
    importance = ChoiceField(
        label=_("Importance"),
        choices=[(str(n), str(n)) for n in range(5, 0, -1)],
        help_text=_("To the merchant, from 1 to 5."),
    )
    answers = TagsField(
        label=_("Answers"), help_text=_("Capabilities the merchant asked for, with commas between.")
    )

    def clean_difference(self) -> int:
        return int(self.cleaned_data["difference"])

    def clean_importance(self) -> int:
        return int(self.cleaned_data["importance"])


class FactForm(MakingForm):
    kind = ChoiceField(label=_("Kind"), choices=SwotFactKind.choices)
    statement = TextField(label=_("Statement"), max_length=200)
    dated = DayField(label=_("Day"))
    source = TextField(label=_("Source"), max_length=200)
    weight = ChoiceField(label=_("Weight"), choices=[(str(n), str(n)) for n in range(5, 0, -1)])

    def clean_weight(self) -> int:
        return int(self.cleaned_data["weight"])
