"""Terms of a campaign in the words of people: sums in yuan, names for ids; it decides nothing."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from campaigns.domain import limit_sentences, limit_words
from campaigns.domain.campaign_terms import Difference
from campaigns.domain.offer_sentences import per_cent, price
from campaigns.models import CampaignStage, Collection, Mechanic, Objective, Party
from crm.errors import Sentence
from merchants.models import Merchant, Outlet

NOTHING = "—"
RATES = ("rate_off", "rate_back", "monthly_rate")
MOST_NAMED = 10
STEPS: Mapping[str, Sentence] = {
    CampaignStage.SCHEDULED: pgettext_lazy("campaign step", "Schedule…"),
    CampaignStage.PAUSED: pgettext_lazy("campaign step", "Pause…"),
    CampaignStage.ENDED: pgettext_lazy("campaign step", "End…"),
    CampaignStage.SETTLING: pgettext_lazy("campaign step", "Begin to settle…"),
    CampaignStage.SETTLED: pgettext_lazy("campaign step", "All is settled…"),
    CampaignStage.CLOSED: pgettext_lazy("campaign step", "Close the campaign…"),
    CampaignStage.CANCELLED: pgettext_lazy("campaign step", "Cancel the campaign…"),
    CampaignStage.TERMINATED: pgettext_lazy("campaign step", "Terminate…"),
    CampaignStage.DRAFT: pgettext_lazy("campaign step", "Back to the draft…"),
}
"""What a button says that takes a campaign to a stage."""
CHOSEN = {"holidays": limit_words.HOLIDAYS, "cardholders": limit_words.CARDHOLDERS}
"""Limits of which one of several words is chosen."""


def step_to(stage: CampaignStage, *, paused: bool) -> Sentence:
    """What the button to a stage says; a paused campaign does not start, it goes on."""
    if stage == CampaignStage.ACTIVE:
        return (
            pgettext("campaign step", "Resume…") if paused else pgettext("campaign step", "Start…")
        )
    return STEPS.get(stage, stage.label)


def told(found: Iterable[Difference]) -> list[tuple[Sentence, str, str]]:
    """(what, before, after) of differences, for a table."""
    listed = list(found)
    names = _names(listed)
    return [(_label(one), _value(one, one.before, names), _value(one, one.after, names))
            for one in listed]  # fmt: skip


def _label(one: Difference) -> Sentence:
    kind, _dot, name = one.name.partition(".")
    if kind == "shares":
        return Party(name).label
    if kind == "limits":
        return limit_words.NAMES.get(name, one.label)
    return one.label


def _value(one: Difference, value: Any, names: Mapping[str, str]) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    kind, _dot, name = one.name.partition(".")
    last = name or kind
    if kind == "shares":
        return share(value)
    if kind in ("merchant_ids", "outlet_ids"):
        return _listed([names.get(pk, pk) for pk in value])
    if kind == "limits" and last in CHOSEN:
        return str(CHOSEN[last].get(value, value))
    if last == "weekdays":
        return limit_sentences.weekdays(value)
    if last == "prizes":
        return _listed([f"{price(each['value_fen'])} × {each['count']:,}" for each in value])
    if last == "objective":
        return str(Objective(value).label)
    if last == "mechanic":
        return str(Mechanic(value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if last.endswith("_fen"):
        return price(value)
    if last in RATES:
        return per_cent(value)
    if isinstance(value, list):
        return _listed([str(each) for each in value])
    return str(value)


def share(value: Mapping[str, Any]) -> str:
    """50%, at most ¥60,000, then the merchant; by invoice."""
    said = [per_cent(value["basis_points"])]
    if value.get("ceiling_fen"):
        said.append(_("at most %(sum)s") % {"sum": price(value["ceiling_fen"])})
    if value.get("fallback"):
        said.append(_("beyond it: %(party)s") % {"party": Party(value["fallback"]).label})
    said.append(str(Collection(value["collection"]).label))
    return " · ".join(said)


def _listed(values: list[str]) -> str:
    shown = pgettext("between names", ", ").join(values[:MOST_NAMED])
    more = len(values) - MOST_NAMED
    return _("%(names)s and %(more)s more") % {"names": shown, "more": more} if more > 0 else shown


def _names(found: list[Difference]) -> dict[str, str]:
    wanted: dict[str, set[str]] = {"merchant_ids": set(), "outlet_ids": set()}
    for one in found:
        if one.name in wanted:
            wanted[one.name] |= {*one.before, *one.after}
    names: dict[str, str] = {}
    models: tuple[tuple[str, Any], ...] = (("merchant_ids", Merchant), ("outlet_ids", Outlet))
    for name, model in models:
        if wanted[name]:
            rows = model.objects.filter(pk__in=[UUID(pk) for pk in wanted[name]])
            names |= {str(pk): said for pk, said in rows.values_list("pk", "name")}
    return names
