"""What a KPI scheme must be: volume is neither the sole nor the main thing people are judged by.

Issuance, customer numbers, market share and rank must not, directly or indirectly, be the sole or
the main indicator: together they weigh less than half, they are not the group that weighs most, and
they stay below a ceiling of the bank's own. Weights are basis points.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WHOLE = 10_000
HALF = WHOLE // 2


@dataclass(frozen=True)
class Part:
    """One indicator of a scheme: the group it belongs to, its weight, and whether it measures
    volume, be it by another name."""

    group: str
    weight: int
    is_volume: bool


@dataclass(frozen=True)
class Weights:
    """What the parts of a scheme weigh together."""

    whole: int
    volume: int
    largest_other: int
    """The heaviest group that is not volume."""


def weigh(parts: Sequence[Part]) -> Weights:
    """Sum the weights up."""
    others: dict[str, int] = defaultdict(int)
    for part in parts:
        if not part.is_volume:
            others[part.group] += part.weight
    return Weights(
        whole=sum(part.weight for part in parts),
        volume=sum(part.weight for part in parts if part.is_volume),
        largest_other=max(others.values(), default=0),
    )


def faults(parts: Sequence[Part], *, ceiling: Decimal) -> list[str]:
    """Everything that is wrong with a scheme, as codes; none if it may stand.

    `ceiling` is the most that volume may weigh, in per cent: at the ceiling it still may.
    """
    found = []
    weights = weigh(parts)
    if not parts:
        return ["scheme_empty"]
    if any(part.weight <= 0 for part in parts):
        found.append("weight_not_positive")
    if weights.whole != WHOLE:
        found.append("weights_not_whole")
    if weights.volume and weights.volume == weights.whole:
        found.append("volume_sole")
    elif weights.volume >= HALF:
        found.append("volume_half")
    if weights.volume and weights.largest_other and weights.volume >= weights.largest_other:
        found.append("volume_largest")
    if weights.volume > ceiling * 100:
        found.append("volume_ceiling")
    return found
