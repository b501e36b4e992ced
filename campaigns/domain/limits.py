"""Limits of an offer: when it holds, and how often it can be used.

Pure, without Django. They are checked in this order, and the first that fails is the reason that is
kept: window, customer a day, a month, in all; uses a day, in all; budget of a day, of the whole.
Source: domain page, 5.3.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import time
from typing import Any

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
"""Monday to Sunday."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Windows and caps; what is None or empty does not limit. Sums in fen."""

    weekdays: tuple[int, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    uses_per_customer_day: int | None = None
    uses_per_customer_month: int | None = None
    uses_per_customer: int | None = None
    uses_per_day: int | None = None
    uses_in_total: int | None = None
    day_budget_fen: int | None = None

    def flaws(self) -> list[str]:
        """The codes of what cannot be."""
        found = []
        if not set(self.weekdays) <= set(EVERY_DAY):
            found.append("weekday_unknown")
        if (self.opens_at is None) != (self.closes_at is None) or (
            self.opens_at and self.closes_at and self.closes_at <= self.opens_at
        ):
            found.append("hours_end_before_start")
        caps = [value for name, value in asdict(self).items() if name.startswith(("uses", "day_"))]
        if any(isinstance(cap, bool) or (cap is not None and cap <= 0) for cap in caps):
            found.append("cap_not_above_zero")
        return found


def stored(limits: Limits) -> dict[str, Any]:
    """Limits as plain JSON values, without those that do not limit."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else value.isoformat("minutes")
        if isinstance(value, time)
        else value
        for name, value in asdict(limits).items()
        if value not in (None, ())
    }


def read(values: Mapping[str, Any]) -> Limits:
    """Limits as they were stored. Raises ValueError for what they know nothing of, or cannot be."""
    known = {field.name for field in fields(Limits)}
    if unknown := set(values) - known:
        raise ValueError(", ".join(sorted(unknown)))
    taken = dict(values)
    if "weekdays" in taken:
        taken["weekdays"] = tuple(taken["weekdays"])
    for name in ("opens_at", "closes_at"):
        if isinstance(taken.get(name), str):
            taken[name] = time.fromisoformat(taken[name])
    limits = Limits(**taken)
    if flaws := limits.flaws():
        raise ValueError(", ".join(flaws))
    return limits
