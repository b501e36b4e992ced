"""The fields of an offer: the numbers of its mechanic, its limits, and who pays which share.

`OfferFields` puts them into any form, fills them with what is stored, and hands on what was typed
as the verbs take it. Campaigns and proposals are written with the same fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldBooleanSwitchWidget

from campaigns.admin.number_fields import (
    ClockField,
    CodesField,
    CountField,
    DaysField,
    PercentField,
    PrizesField,
    WeekdaysField,
    percent,
    yuan,
)
from campaigns.domain import limit_words, limits, offer_words, offers
from campaigns.models import Collection, Party
from crm.admin.forms import ChoiceField, YuanField
from crm.errors import Sentence

TERM = "term_"
RATES = ("rate_off", "rate_back", "monthly_rate")
"""Terms in basis points, typed in per cent."""
WINDOW = ("weekdays", "opens_at", "closes_at", "blackout_days", "holidays")
CARDS = ("card_prefixes", "card_products", "cardholders", "categories")
USES = (
    "uses_per_customer_day",
    "uses_per_customer_week",
    "uses_per_customer_month",
    "uses_per_customer",
    "uses_per_store_day",
    "uses_per_day",
    "uses_in_total",
)
BUDGETS = ("day_budget",)
_SUMS = {"day_budget": "day_budget_fen"}
"""Fields in yuan, and the limit in fen that each is."""
_HELP: Mapping[str, Sentence] = {
    "weekdays": _("None chosen: every day."),
    "blackout_days": _("Days or spans of days: 2026-10-01~2026-10-07, 2027-01-01."),
    "card_prefixes": _("Six to eight digits each, separated by commas. Empty: every card."),
    "card_products": _("Codes of card products, separated by commas."),
    "categories": _("Codes of four digits, separated by commas. Empty: every category."),
    "uses_per_customer_day": _("Empty: as often as they like."),
    "day_budget": _("In yuan."),
}

type Section = tuple[Sentence, list[str]]


class OfferFields:
    """The fields of an offer of one mechanic within a form.

    `limit_names` says which limits are asked (all, unless fewer are stored); `in_detail` adds to
    each share its ceiling, who pays beyond it, and how it is collected.
    """

    def __init__(
        self,
        form: forms.BaseForm,
        *,
        mechanic: str,
        limit_names: Sequence[str] = (*WINDOW, *CARDS, *USES, *BUDGETS),
        in_detail: bool = True,
    ) -> None:
        self.form, self.mechanic, self.in_detail = form, mechanic, in_detail
        self.limit_names = tuple(limit_names)
        self.term_names = _term_names(mechanic)
        for name in self.term_names:
            form.fields[f"{TERM}{name}"] = _term_field(name)
        for name in self.limit_names:
            form.fields[name] = _limit_field(name)
        for party in Party:
            form.fields |= dict(_share_fields(party, in_detail=in_detail))

    # --- what is stored --------------------------------------------------------------------

    def fill(
        self,
        *,
        mechanic: str,
        terms: Mapping[str, Any],
        limits: Mapping[str, Any],
        shares: Iterable[Any],
    ) -> None:
        """Show what is stored: limits as plain values, shares as rows or tuples of terms with
        `party`, `basis_points`, `ceiling_fen`, `fallback` and `collection`. The numbers of another
        mechanic are left out."""
        initial = terms_shown(terms) if mechanic == self.mechanic else {}
        initial |= limits_shown(limits)
        for share in shares:
            initial[f"share_{share.party}"] = percent(share.basis_points)
            if self.in_detail:
                initial[f"ceiling_{share.party}"] = yuan(share.ceiling_fen)
                initial[f"fallback_{share.party}"] = share.fallback
                initial[f"collection_{share.party}"] = share.collection
        for name, value in initial.items():
            if name in self.form.fields:
                self.form.fields[name].initial = value

    # --- what was typed --------------------------------------------------------------------

    @property
    def terms(self) -> dict[str, Any]:
        """The numbers of the mechanic; none where only a threshold of zero was typed."""
        typed = {
            name: value
            for name in self.term_names
            if (value := self.form.cleaned_data[f"{TERM}{name}"]) not in (None, "", False, [])
        }
        return {} if typed == {"threshold_fen": 0} else typed

    @property
    def limits(self) -> dict[str, Any]:
        """The limits as they are stored. Whether they can be is for the verb to say."""
        given = self.form.cleaned_data
        typed = {_SUMS.get(name, name): given[name] for name in self.limit_names}
        return limits.as_stored(typed)

    @property
    def shares(self) -> dict[str, int]:
        """Party → basis points, of those that pay."""
        given = self.form.cleaned_data
        return {
            party.value: given[f"share_{party.value}"]
            for party in Party
            if given[f"share_{party.value}"]
        }

    @property
    def shares_in_detail(self) -> list[dict[str, Any]]:
        """Of each party that pays: party, basis_points, ceiling_fen, fallback, collection."""
        given = self.form.cleaned_data
        return [
            {
                "party": party,
                "basis_points": share,
                "ceiling_fen": given[f"ceiling_{party}"],
                "fallback": given[f"fallback_{party}"],
                "collection": given[f"collection_{party}"] or Collection.NET_SETTLE.value,
            }
            for party, share in self.shares.items()
        ]

    # --- how they are shown ----------------------------------------------------------------

    @property
    def sections(self) -> list[Section]:
        """The names of the fields by subject; those of the shares are in `share_rows`."""
        asked = set(self.limit_names)
        named: list[Section] = [
            (_("The offer"), self.term_fields),
            (pgettext_lazy("proposal", "When"), list(WINDOW)),
            (_("For which cards and shops"), list(CARDS)),
            (_("How often"), list(USES)),
            (_("Money"), list(BUDGETS)),
        ]
        kept = [
            (title, [name for name in names if name in asked or name.startswith(TERM)])
            for title, names in named
        ]
        return [(title, names) for title, names in kept if names]

    @property
    def term_fields(self) -> list[str]:
        return [f"{TERM}{name}" for name in self.term_names]

    @property
    def share_names(self) -> list[str]:
        return [f"share_{party.value}" for party in Party]

    @property
    def share_rows(self) -> list[tuple[Sentence, list[forms.BoundField]]]:
        """A line for each party, for `campaigns/offer_shares.html`."""
        kinds = ("share", *(("ceiling", "fallback", "collection") if self.in_detail else ()))
        return [
            (party.label, [self.form[f"{kind}_{party.value}"] for kind in kinds]) for party in Party
        ]

    @property
    def fields_of(self) -> dict[str, str]:
        """Where a refusal about an attribute is shown."""
        parties = [party.value for party in Party]
        return {
            "shares": "share_bank",
            "limits": self.limit_names[0],
            **{f"shares.{party}": f"share_{party}" for party in parties},
            **{f"shares.{party}.ceiling": f"ceiling_{party}" for party in parties},
            **{f"shares.{party}.fallback": f"fallback_{party}" for party in parties},
            **{f"limits.{_SUMS.get(name, name)}": name for name in self.limit_names},
            **{f"terms.{name}": f"{TERM}{name}" for name in self.term_names},
        }


def terms_shown(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Stored terms as the form shows them."""
    shown = {}
    for name, value in terms.items():
        if name == "prizes":
            value = PrizesField.shown(value)
        elif name in RATES:
            value = percent(value)
        elif name.endswith("_fen"):
            value = yuan(value)
        shown[f"{TERM}{name}"] = value
    return shown


def limits_shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored limits as the form shows them."""
    fields = {limit: field for field, limit in _SUMS.items()}
    listed = ("blackout_days", "card_prefixes", "card_products", "categories")
    return {
        fields.get(name, name): CodesField.shown(value)
        if name in listed
        else yuan(value)
        if name in fields
        else value
        for name, value in values.items()
    }


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


def _limit_field(name: str) -> forms.Field:
    label: Any = limit_words.NAMES[_SUMS.get(name, name)]
    said: dict[str, Any] = {"label": label, "help_text": _HELP.get(name, "")}
    match name:
        case "weekdays":
            return WeekdaysField(required=False, **said)
        case "opens_at" | "closes_at":
            return ClockField(required=False, **said)
        case "blackout_days":
            return DaysField(**said)
        case "holidays":
            return ChoiceField(required=False, choices=[*limit_words.HOLIDAYS.items()], **said)
        case "cardholders":
            return ChoiceField(required=False, choices=[*limit_words.CARDHOLDERS.items()], **said)
        case "card_prefixes" | "card_products" | "categories":
            return CodesField(**said)
        case "day_budget":
            return YuanField(required=False, **said)
    return CountField(required=False, **said)


def _share_fields(party: Party, *, in_detail: bool) -> Iterable[tuple[str, forms.Field]]:
    """One party's share in per cent, and what is agreed about it."""
    own = party.value
    label = _("Share (%)") if in_detail else format_lazy("{} (%)", party.label)
    yield f"share_{own}", PercentField(label=label, required=False)
    if in_detail:
        others = [(other.value, other.label) for other in Party if other != party]
        yield f"ceiling_{own}", YuanField(label=_("At most (yuan)"), required=False)
        yield (
            f"fallback_{own}",
            ChoiceField(
                label=_("Beyond it pays"),
                required=False,
                choices=[("", pgettext_lazy("funding", "Nobody")), *others],
            ),
        )
        yield (
            f"collection_{own}",
            ChoiceField(
                label=pgettext_lazy("funding", "Collected"),
                required=False,
                choices=Collection.choices,
                initial=Collection.NET_SETTLE.value,
            ),
        )
