"""A version of a proposal as it is about to be written: where it begins, what follows from its
numbers, and what numbers would bring that nobody writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import Problem
from crm.locking import known
from leads.domain import proposal_content as content
from leads.models import GridCell, Lead, Pain, ProposalPart, ProposalVersion

_BESIDE = ("R3", "R1", "R2", "I3", "I1")
"""Cells in which the merchant's own words for a pain are looked for, in this order."""


SETTLED = (
    "forecast",
    "bank_net_fen",
    "merchant_net_fen",
    "customer_benefit_fen",
    "forecast_waiver",
    "waived_by_id",
    "waived_at",
    "is_complete",
)


def settle(version: ProposalVersion, columns: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Set the columns and what follows from them on the version, without writing it."""
    before, notices = version.forecast, []
    for name, value in columns.items():
        setattr(version, name, value)
    for name, value in content.reckoned(version).items():
        setattr(version, name, value)
    if version.forecast_waiver and version.forecast != before:
        version.forecast_waiver, version.waived_by_id, version.waived_at = "", None, None
        notices.append(
            Problem("waiver_lapsed", _("The forecast is another one now: its waiver lapsed."))
        )
    version.is_complete = not content.missing(version)
    subsidy = (version.forecast or {}).get("subsidy", 0)
    if version.budget_fen is not None and subsidy > version.budget_fen:
        notices.append(
            Problem(
                "forecast_above_budget",
                _("The discounts of the forecast come to more than the budget."),
                "budget",
            )
        )
    return tuple(notices)


def changed(version: ProposalVersion, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(version, name) for name in (*columns, *SETTLED)}


def entry_point(lead: Lead) -> dict[str, Any]:
    """What the lead's entry point brings to its proposal."""
    pain = lead.entry_pain
    if pain is None:
        return {}
    said = dict(
        GridCell.objects.filter(pain=pain, cell__in=_BESIDE)
        .exclude(merchant_words="")
        .values_list("cell", "merchant_words")
    )
    words = next((said[cell] for cell in _BESIDE if cell in said), pain.title)
    return {
        "entry_pain_id": pain.pk,
        "entry_cell": lead.entry_cell,
        "pain_words": words[: content.WORDS["pain_words"]],
        "monthly_impact_fen": pain.monthly_impact_fen,
    }


def beginning(lead: Lead) -> ProposalVersion:
    """The first version of a lead's proposal as it would begin; nothing is written."""
    return ProposalVersion(**entry_point(lead))


def with_pain(lead: Lead, changes: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Changes whose pain, if they name one, is a pain of the lead's merchant."""
    pain_id = changes.get("entry_pain_id")
    if pain_id is not None:
        known(
            Pain.objects.seen_by(by).filter(merchant=lead.merchant_id), pain_id, attr="entry_pain"
        )
    return dict(changes)


@dataclass(frozen=True)
class Preview:
    """What numbers would bring, without a proposal."""

    version: ProposalVersion
    missing: list[ProposalPart]

    @property
    def forecast(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.version.forecast
        return found

    @property
    def everybody_wins(self) -> bool:
        return content.everybody_wins(self.version)


def preview(changes: Mapping[str, Any], *, onto: ProposalVersion | None = None) -> Preview:
    """Reckon what changes would bring, of nothing or of a version; nothing is written.

    Raises InvalidInput.
    """
    imagined = ProposalVersion(**(content.content_of(onto) if onto else {}))
    settle(imagined, content.sound(imagined, changes))
    return Preview(imagined, content.missing(imagined))
