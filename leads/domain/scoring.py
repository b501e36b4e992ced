"""How promising a lead is: one score from 0 to 100, every point of which has its reason.

    score = 100 × Σ (weight × share) / Σ weight, over the inputs of which something is known

Seven inputs come from what is public and what the bank knows of the place, the eighth is the intent
that the merchant has shown so far (its own 0 to 100, from four signals). An input without data is
left out and said so: it is neither zero nor average. Where the known ones weigh too little together
there is no score at all. It says how well a lead fits, and is no probability of winning.

Pure, and in exact fractions; who shows them rounds half-up to one decimal. Source of the inputs:
the look-up of leads in public enterprise data, and the signals of existing clients, of the method.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models.reference import CategoryGroup


class Input(models.TextChoices):
    """What the score is made of."""

    CATEGORY = "category", _("Category")
    DISTANCE = "distance", _("Distance to our branch")
    CARDHOLDERS = "cardholders", _("Cardholders nearby")
    AGE = "age", _("Age of the business")
    OUTLETS = "outlets", _("Number of outlets")
    PENALTIES = "penalties", _("Administrative penalties")
    RIVAL = "rival", _("Offers of rivals")
    INTENT = "intent", _("Intent shown")


class Signal(models.TextChoices):
    """What intent is made of."""

    REPLIES = "replies", _("Replies")
    MEETINGS = "meetings", _("Meetings kept")
    NUMBERS = "numbers", _("Numbers shared")
    DECISION_MAKER = "decision_maker", _("Decision maker present")


class RivalStanding(models.TextChoices):
    """Where rivals stand at the merchant today."""

    EXCLUSIVE = "exclusive", _("An exclusive offer of a rival is running")
    RUNNING = "running", _("An offer of a rival is running, not exclusive")
    OVER = "over", _("Offers of rivals were seen, none is running")


@dataclass(frozen=True)
class Facts:
    """What is known of a lead; none means that nobody looked, which is not zero."""

    category_group: str = ""
    branch_metres: int | None = None
    cardholders_nearby: int | None = None
    days_in_business: int | None = None
    outlets: int | None = None
    penalties: int | None = None
    rival: RivalStanding | None = None
    replied: int = 0
    tried: int = 0
    """Calls and messages that were answered, and all of them."""
    kept: int = 0
    met: int = 0
    """Visits and meetings at which somebody was there, and all of them."""
    shared: int = 0
    hidden: int = 0
    """What the merchant told us of the things that it alone knew, and all such things."""
    contacts: int = 0
    deciders: int = 0
    decider_met: bool = False


@dataclass(frozen=True)
class Scales:
    """Weights and scales. Start values, to be changed by an administrator."""

    weights: Mapping[Input, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                Input.CATEGORY: 15,
                Input.DISTANCE: 10,
                Input.CARDHOLDERS: 15,
                Input.AGE: 10,
                Input.OUTLETS: 10,
                Input.PENALTIES: 10,
                Input.RIVAL: 10,
                Input.INTENT: 20,
            }
        )
    )
    signals: Mapping[Signal, int] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(Signal, 25))
    )
    priorities: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                CategoryGroup.DINING: 100,
                CategoryGroup.ENTERTAINMENT: 80,
                CategoryGroup.RETAIL: 80,
                CategoryGroup.LIFESTYLE: 80,
                CategoryGroup.TRAVEL: 60,
                CategoryGroup.LODGING: 50,
            }
        )
    )
    """How much the bank wants a category group, in percent."""
    least_weight: int = 25
    """What is known must weigh at least so much of all, in percent, or there is no score."""
    farthest_metres: int = 10_000
    full_cardholders: int = 5_000
    full_years: int = 3
    full_outlets: int = 5
    worst_penalties: int = 3
    full_shared: int = 3


@dataclass(frozen=True)
class Score:
    """The score, the share from 0 to 1 of each input, and of each signal of the intent."""

    score: Fraction | None
    parts: Mapping[Input, Fraction | None]
    points: Mapping[Input, Fraction | None]
    """What each input brings to the score; they add up to it."""
    signals: Mapping[Signal, Fraction | None]

    @property
    def left_out(self) -> tuple[Input, ...]:
        return tuple(part for part, share in self.parts.items() if share is None)


def score(facts: Facts, scales: Scales | None = None) -> Score:
    """The score that the facts give."""
    scales = scales or Scales()
    signals = signals_of(facts, scales)
    parts: dict[Input, Fraction | None] = {
        Input.CATEGORY: _category(facts, scales),
        Input.DISTANCE: _falling(facts.branch_metres, scales.farthest_metres),
        Input.CARDHOLDERS: _rising(facts.cardholders_nearby, scales.full_cardholders),
        Input.AGE: _rising(facts.days_in_business, 365 * scales.full_years),
        Input.OUTLETS: _rising(facts.outlets or None, scales.full_outlets),
        Input.PENALTIES: _falling(facts.penalties, scales.worst_penalties),
        Input.RIVAL: None if facts.rival is None else _RIVAL_SHARES[facts.rival],
        Input.INTENT: _weighed(signals, scales.signals),
    }
    known = sum(scales.weights[part] for part, share in parts.items() if share is not None)
    everything = sum(scales.weights.values())
    points: dict[Input, Fraction | None] = dict.fromkeys(parts)
    if not known or known * 100 < scales.least_weight * everything:
        return Score(None, parts, points, signals)
    for part, share in parts.items():
        if share is not None:
            points[part] = 100 * share * scales.weights[part] / known
    return Score(
        sum((one for one in points.values() if one is not None), Fraction(0)),
        parts,
        points,
        signals,
    )


def signals_of(facts: Facts, scales: Scales) -> dict[Signal, Fraction | None]:
    """The share of each signal; none where there was no occasion for it."""
    return {
        Signal.REPLIES: Fraction(facts.replied, facts.tried) if facts.tried else None,
        Signal.MEETINGS: Fraction(facts.kept, facts.met) if facts.met else None,
        Signal.NUMBERS: _rising(facts.shared if facts.hidden else None, scales.full_shared),
        Signal.DECISION_MAKER: _decider(facts),
    }


_RIVAL_SHARES = {
    RivalStanding.EXCLUSIVE: Fraction(0),
    RivalStanding.RUNNING: Fraction(1, 2),
    RivalStanding.OVER: Fraction(1),
}
"""Who ran an offer of a rival knows what it is; who runs an exclusive one is not free for ours."""


def _category(facts: Facts, scales: Scales) -> Fraction | None:
    priority = scales.priorities.get(facts.category_group)
    return None if priority is None else Fraction(priority, 100)


def _decider(facts: Facts) -> Fraction | None:
    """One if the decision maker was met, a half if we know who it is."""
    if facts.decider_met:
        return Fraction(1)
    if not facts.contacts:
        return None
    return Fraction(1, 2) if facts.deciders else Fraction(0)


def _rising(value: int | None, full: int) -> Fraction | None:
    return None if value is None else min(Fraction(1), Fraction(max(0, value), full))


def _falling(value: int | None, worst: int) -> Fraction | None:
    share = _rising(value, worst)
    return None if share is None else 1 - share


def _weighed(
    shares: Mapping[Signal, Fraction | None], weights: Mapping[Signal, int]
) -> Fraction | None:
    known = {one: share for one, share in shares.items() if share is not None}
    whole = sum(weights[one] for one in known)
    if not whole:
        return None
    return sum((weights[one] * share for one, share in known.items()), Fraction(0)) / whole
