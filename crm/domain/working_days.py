"""Arithmetic in working days: the usual week, corrected by holidays and make-up working days."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """A calendar. `special` maps a day to whether it is worked; other days follow Monday–Friday."""

    special: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    """Years whose holidays are official. Others are an assumption that people must be told of."""

    def is_working(self, day: date) -> bool:
        """Whether people work on this day."""
        return self.special.get(day, day.weekday() < 5)

    def on_or_after(self, day: date) -> date:
        """The day itself if it is worked, else the next day that is."""
        while not self.is_working(day):
            day += _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The count-th working day after a day (count ≥ 1)."""
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def before(self, day: date, count: int) -> date:
        """The count-th working day before a day (count ≥ 1)."""
        for _ in range(count):
            day -= _DAY
            while not self.is_working(day):
                day -= _DAY
        return day

    def count(self, first: date, last: date) -> int:
        """Working days from first to last, both included; 0 if last is before first.

        Reckoned, not counted: a list asks it for each of its rows.
        """
        if last < first:
            return 0
        days, totals = self._corrections
        before, upto = bisect_left(days, first), bisect_right(days, last)
        return _weekdays(last) - _weekdays(first - _DAY) + totals[upto] - totals[before]

    @cached_property
    def _corrections(self) -> tuple[list[date], list[int]]:
        """The special days that differ from the usual week, in order, and how many working days
        they add (or take away) up to each."""
        differing = sorted(
            day for day, is_working in self.special.items() if is_working != (day.weekday() < 5)
        )
        steps = (1 if self.special[day] else -1 for day in differing)
        return differing, [0, *accumulate(steps)]

    def elapsed(self, start: date, end: date) -> int:
        """Working days that have begun since the start day, which itself does not count."""
        return self.count(start + _DAY, end)


def _weekdays(day: date) -> int:
    """Mondays to Fridays from the beginning of time to a day."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)
