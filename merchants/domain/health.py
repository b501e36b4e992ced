"""The health of a partnership: one score from 0 to 100, out of five parts.

    score = 100 × (0.30 activity + 0.20 trend + 0.20 target + 0.15 settlement + 0.15 engagement)

Each part is a share from 0 to 1, or none where there is no data. A part without data is left out
and its weight is spread over the others in proportion, so that a missing plan neither helps nor
harms. Where the parts with data weigh less than half there is no score: a partnership of which
nobody filed any sales is not ill, it is unknown. Reckoned exactly, rounded half-up to one decimal
at the very end.

Source of the formula and of its worked number (68.0): section 4.4 of the partnership method.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType


class Part(StrEnum):
    """What health is made of."""

    ACTIVITY = "activity"
    TREND = "trend"
    TARGET = "target"
    SETTLEMENT = "settlement"
    ENGAGEMENT = "engagement"


@dataclass(frozen=True)
class Rules:
    """Weights and scales of the score. What the lifecycle makes of it stands with its roads.

    All of them are start values that the bank is free to change, not laws of nature.
    """

    weights: Mapping[Part, Decimal] = field(
        default_factory=lambda: MappingProxyType(
            {
                Part.ACTIVITY: Decimal("0.30"),
                Part.TREND: Decimal("0.20"),
                Part.TARGET: Decimal("0.20"),
                Part.SETTLEMENT: Decimal("0.15"),
                Part.ENGAGEMENT: Decimal("0.15"),
            }
        )
    )
    least_weight: Decimal = Decimal("0.50")
    """Parts with data must weigh at least so much together, or there is no score."""
    sales_window_days: int = 30
    """Sales are looked at over so many days, and compared with as many before."""
    full_activity_days: int = 10
    """Days with a qualifying sale, within the window, that make activity full."""
    statements: int = 6
    """How many of the last statements count."""
    contact_window_days: int = 60
    full_contacts: int = 2
    """Two-way contacts, within their window, that make engagement full."""


RULES = Rules()


@dataclass(frozen=True)
class Facts:
    """What is known of a partnership on a day; none means that nothing was filed, which is not
    zero. Money in fen."""

    active_days: int | None = None
    """Days with at least one qualifying sale within the window."""
    sales_fen: int | None = None
    previous_fen: int | None = None
    """Sales of the window, and of the window before."""
    redemptions: int | None = None
    planned_redemptions: Decimal | None = None
    statements: int | None = None
    """How many of the last six statements there are."""
    statements_overdue: int | None = None
    contacts: int | None = None
    """Two-way contacts within their window."""


@dataclass(frozen=True)
class Health:
    """The score and its parts. A part is none where there is no data; the score, where too few
    parts have any."""

    score: Decimal | None
    parts: Mapping[Part, Fraction | None]

    @property
    def without_data(self) -> tuple[Part, ...]:
        return tuple(part for part, share in self.parts.items() if share is None)


def health(facts: Facts, rules: Rules = RULES) -> Health:
    """The health that the facts give."""
    parts = {
        Part.ACTIVITY: activity(facts, rules),
        Part.TREND: trend(facts),
        Part.TARGET: target(facts),
        Part.SETTLEMENT: settlement(facts),
        Part.ENGAGEMENT: engagement(facts, rules),
    }
    return Health(score(parts, rules), MappingProxyType(parts))


def activity(facts: Facts, rules: Rules = RULES) -> Fraction | None:
    """Days with a qualifying sale against ten in thirty; no data if no sales were ever filed."""
    if facts.active_days is None:
        return None
    return min(Fraction(1), Fraction(facts.active_days, rules.full_activity_days))


def trend(facts: Facts) -> Fraction | None:
    """A half if sales stand still, one if they doubled, nothing if they stopped.

    With no sales in the window before there is nothing to compare with: one if there are sales
    now, a half if there are none either. No data if no sales were ever filed.
    """
    now, before = facts.sales_fen, facts.previous_fen
    if now is None or before is None:
        return None
    if before == 0:
        return Fraction(1) if now else Fraction(1, 2)
    return _share(Fraction(1, 2) + Fraction(now - before, 2 * before))


def target(facts: Facts) -> Fraction | None:
    """Redemptions against plan; no data without a plan, or with a plan of none at all."""
    if facts.redemptions is None or not facts.planned_redemptions:
        return None
    return _share(Fraction(facts.redemptions) / Fraction(facts.planned_redemptions))


def settlement(facts: Facts) -> Fraction | None:
    """The share of the last six statements that is not overdue; no data without statements.

    Where there are fewer than six, the ones that there are count.
    """
    if not facts.statements or facts.statements_overdue is None:
        return None
    return _share(1 - Fraction(facts.statements_overdue, facts.statements))


def engagement(facts: Facts, rules: Rules = RULES) -> Fraction | None:
    """Two-way contacts against two in sixty days; no data if nobody counts contacts."""
    if facts.contacts is None:
        return None
    return _share(Fraction(facts.contacts, rules.full_contacts))


def score(parts: Mapping[Part, Fraction | None], rules: Rules = RULES) -> Decimal | None:
    """The parts, weighted; the weight of a part without data is spread over the others."""
    weighed = {part: Fraction(rules.weights[part]) for part in parts if parts[part] is not None}
    whole = sum(weighed.values())
    if whole < Fraction(rules.least_weight):
        return None
    got = sum(((parts[part] or 0) * weight for part, weight in weighed.items()), Fraction(0))
    return rounded(100 * got / whole, 1)


def points(part: Part, health: Health, rules: Rules = RULES) -> Decimal | None:
    """How many points of the score come from a part, rounded for showing to one decimal."""
    share = health.parts[part]
    if share is None:
        return None
    return rounded(100 * share * weight(part, health, rules), 1)


def weight(part: Part, health: Health, rules: Rules = RULES) -> Fraction:
    """The weight that a part has once the weight of those without data is spread."""
    if health.parts[part] is None:
        return Fraction(0)
    whole = sum(Fraction(rules.weights[one]) for one in Part if health.parts[one] is not None)
    return Fraction(rules.weights[part]) / whole


def rounded(value: Fraction, places: int) -> Decimal:
    """Half-up, exactly: no binary fraction on the way."""
    exponent = Decimal(1).scaleb(-places)
    shifted = value * 10**places
    # Integer arithmetic decides the half; Decimal division might already have rounded it.
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return (Decimal(whole) * exponent).quantize(exponent, rounding=ROUND_HALF_UP)


def _share(value: Fraction) -> Fraction:
    return max(Fraction(0), min(Fraction(1), value))
