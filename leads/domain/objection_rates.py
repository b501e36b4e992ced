"""The arithmetic of the objection metrics: rates and the median. Pure.

A rate without a whole has no data, which is not 0 %. Source: the usual metrics of objection
handling (resolution, in the same conversation, progression, reopening, time to resolve); resolved
objections without better win rates are cosmetic, so both are always shown together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def rate(part: int, whole: int) -> Decimal | None:
    """Per cent with two places, half up; none if there is no whole."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(_CENT, ROUND_HALF_UP)


def median(counts: Mapping[int, int]) -> Decimal | None:
    """The median of values that occur so and so often; none if there are none."""
    total = sum(counts.values())
    if not total:
        return None
    middle = _at(counts, (total + 1) // 2) + _at(counts, total // 2 + 1)
    return (Decimal(middle) / 2).quantize(Decimal("0.1"))


def _at(counts: Mapping[int, int], place: int) -> int:
    """The value at a place, from 1, of all values in order."""
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= place:
            return value
    raise IndexError(place)


@dataclass
class Tally:
    """What was counted of one group of objections."""

    raised: int = 0
    resolved: int = 0
    same_conversation: int = 0
    """Resolved in the conversation in which it was raised."""
    suggested: int = 0
    """For which the rule had something to suggest."""
    mismatched: int = 0
    settled_long_enough: int = 0
    """Resolved so long ago that being raised again would show."""
    raised_again: int = 0
    """Of those, raised again in the days that count."""
    merchants: int = 0
    """Merchants with an objection so long ago that moving on would show."""
    moved_on: int = 0
    """Of those, the ones that advanced a stage in the days that count."""
    decided: int = 0
    """Leads with such an objection that were won or lost."""
    won: int = 0
    days_to_resolve: dict[int, int] = field(default_factory=dict)
    """Working days from raised to resolved → how many took that long."""

    @property
    def resolution(self) -> Decimal | None:
        return rate(self.resolved, self.raised)

    @property
    def same_conversation_rate(self) -> Decimal | None:
        return rate(self.same_conversation, self.raised)

    @property
    def progression(self) -> Decimal | None:
        return rate(self.moved_on, self.merchants)

    @property
    def reopen(self) -> Decimal | None:
        return rate(self.raised_again, self.settled_long_enough)

    @property
    def mismatch(self) -> Decimal | None:
        return rate(self.mismatched, self.suggested)

    @property
    def win(self) -> Decimal | None:
        return rate(self.won, self.decided)

    @property
    def median_days(self) -> Decimal | None:
        return median(self.days_to_resolve)
