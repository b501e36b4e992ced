"""The score of an entry point, in four parts.

Pure. The score is never shown without its parts. Source: `docs/words.md`; weights and limits are
start values that an administrator edits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from leads.models.grid_words import Cell, NotEligible

_WHOLE = Decimal(1)
_PERCENT = Decimal("0.01")
_PART = Decimal("0.0001")


@dataclass(frozen=True)
class Weights:
    """What counts how much. Only the proportion of the four weights matters."""

    impact: int = 35
    fit: int = 25
    urgency: int = 20
    evidence: int = 20
    turnover_share: int = 10
    """Percent of the monthly turnover at which the impact is at its highest."""
    urgent_days: int = 90
    """A date farther away than this presses nobody."""
    least_fit: Decimal = Decimal("0.30")

    @property
    def sum(self) -> int:
        """One hundred, unless an administrator weighs otherwise; the score ends at 100 anyway."""
        return self.impact + self.fit + self.urgency + self.evidence


@dataclass(frozen=True)
class Facts:
    """What is known of one pain. Money in fen."""

    monthly_impact_fen: int | None
    monthly_turnover_fen: int | None
    covered: int
    """Capabilities that our plays cover …"""
    named: int
    """… of those that the merchant named, or that shops of the kind usually want."""
    trigger_on: date | None
    evidence_points: Decimal
    """Points of reasons and impact, of twelve."""
    barred: bool = False


@dataclass(frozen=True)
class Score:
    """The four parts, each from 0 to 1, and what they make together, from 0 to 100."""

    impact: Decimal
    fit: Decimal
    urgency: Decimal
    evidence: Decimal
    total: Decimal
    unknown: tuple[str, ...] = field(default=())
    """The parts that count nothing because nobody knows, not because they are small."""
    because: NotEligible | None = None

    @property
    def eligible(self) -> bool:
        return self.because is None


def score(facts: Facts, *, today: date, weights: Weights) -> Score:
    """100 × (0.35 impact + 0.25 fit + 0.20 urgency + 0.20 evidence), rounded half up."""
    unknown = []
    impact = Decimal(0)
    if facts.monthly_impact_fen is None or not facts.monthly_turnover_fen:
        unknown.append("impact")
    else:
        measure = Decimal(facts.monthly_turnover_fen) * weights.turnover_share / 100
        impact = min(_WHOLE, facts.monthly_impact_fen / measure)
    fit = Decimal(0)
    if facts.named:
        fit = Decimal(facts.covered) / facts.named
    else:
        unknown.append("fit")
    urgency = Decimal(0)
    if facts.trigger_on is not None and facts.trigger_on >= today:
        days = Decimal((facts.trigger_on - today).days)
        urgency = max(Decimal(0), 1 - days / weights.urgent_days)
    evidence = facts.evidence_points / 12
    weighed = (
        weights.impact * impact
        + weights.fit * fit
        + weights.urgency * urgency
        + weights.evidence * evidence
    )
    total = 100 * weighed / weights.sum if weights.sum else Decimal(0)
    because = None
    if facts.barred:
        because = NotEligible.MERCHANT_BARRED
    elif fit < weights.least_fit:
        because = NotEligible.FIT_TOO_LOW
    return Score(
        impact=impact.quantize(_PART, ROUND_HALF_UP),
        fit=fit.quantize(_PART, ROUND_HALF_UP),
        urgency=urgency.quantize(_PART, ROUND_HALF_UP),
        evidence=evidence.quantize(_PART, ROUND_HALF_UP),
        total=total.quantize(_PERCENT, ROUND_HALF_UP),
        unknown=tuple(unknown),
        because=because,
    )


@dataclass(frozen=True)
class EntryPoint[P]:
    """A pain with its score and the cell at which to go on."""

    pain: P
    cell: Cell | None
    score: Score
    opened: Any
    """When the pain was opened: of two alike the older one goes first."""


def ranked[P](points: Sequence[EntryPoint[P]]) -> list[EntryPoint[P]]:
    """The best first: by score, then fit, then impact, then age. What is not eligible is last."""
    return sorted(
        points,
        key=lambda one: (
            not one.score.eligible,
            -one.score.total,
            -one.score.fit,
            -one.score.impact,
            one.opened,
        ),
    )
