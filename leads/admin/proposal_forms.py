"""The form of a proposal: yuan and per cent as people write them, fen and basis points inside.

The offer, its limits and the shares are the fields that campaigns are planned with.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.admin.number_fields import CountField, PercentField, percent, yuan
from campaigns.admin.offer_fields import OfferFields, terms_shown
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

WINDOW = ("weekdays", "opens_at", "closes_at")
USES = (
    "uses_per_customer_day",
    "uses_per_customer_month",
    "uses_per_customer",
    "uses_per_day",
    "uses_in_total",
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
    budget = _money(_("Budget"), _("In yuan, all parties together."))
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
        self.offer = OfferFields(
            self, mechanic=mechanic, limit_names=(*WINDOW, *USES, "day_budget"), in_detail=False
        )

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
        named: list[tuple[Sentence, list[str]]] = [
            (_("The merchant's pain"), ["pain_words", "monthly_impact"]),
            (_("The offer"), ["title", *self.offer.term_fields]),
            (pgettext_lazy("proposal", "When"), ["starts_on", "ends_on", *WINDOW]),
            (_("How often"), list(USES)),
            (_("Who pays: together exactly 100 %"), self.offer.share_names),
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
            "terms": self.offer.terms,
            "shares": self.offer.shares,
        }

    @property
    def fields_of(self) -> dict[str, str]:
        """Where a refusal about an attribute is shown."""
        return self.offer.fields_of


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
    *USES,
    "redemptions",
    "purchases_without",
    "gross_margin",
    "merchant_rate",
    "first_swipe_cards",
    "reactivated_cards",
    "next_steps",
)


def _initial(version: ProposalVersion, mechanic: str) -> dict[str, Any]:
    initial = {name: getattr(version, name) for name in _PLAIN}
    initial |= {name: yuan(getattr(version, f"{name}_fen")) for name in _SUMS}
    for party in Party:
        share = getattr(version, f"{party.value}_share")
        initial[f"share_{party.value}"] = percent(share) if share else None
    initial["gross_margin"] = percent(version.gross_margin)
    initial["merchant_rate"] = percent(version.merchant_rate, 10_000)
    initial["weekdays"] = version.weekdays
    if version.mechanic == mechanic:
        initial |= terms_shown(version.terms)
    return initial


class ProposalBecauseForm(VerbForm):
    """A reason that stays on record."""

    because = LongTextField(label=_("Because"))


class NothingForm(VerbForm):
    """Nothing is asked but to go ahead."""
