"""Arithmetic in working days: the usual week, corrected by holidays and make-up working days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

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
        """Working days from first to last, both included; 0 if last is before first."""
        return sum(self.is_working(day) for day in _days(first, last))

    def elapsed(self, start: date, end: date) -> int:
        """Working days that have begun since the start day, which itself does not count."""
        return self.count(start + _DAY, end)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
