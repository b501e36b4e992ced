"""ISO weeks, from Monday to Sunday, in a zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput

_WORD = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week, by the day it begins on; made by `Week.of(day)` or `Week.parse(word)`."""

    monday: date

    @classmethod
    def parse(cls, word: str) -> Self:
        """`2026-W47`. Raises InvalidInput for anything else and for week 53 of a 52-week year."""
        found = _WORD.fullmatch(word)
        try:
            # Nobody reports on other centuries, and the calendar itself ends in 9999.
            if found is None or not word.isascii() or not "2000" <= found[1] < "2100":
                raise ValueError(word)
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError:
            raise InvalidInput(
                _("A week is written like 2026-W47."), code="week_invalid", attr="week"
            ) from None

    @classmethod
    def of(cls, day: date) -> Self:
        """The week that a day is in."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def next(self) -> "Week":
        return Week(self.monday + timedelta(days=7))

    @property
    def previous(self) -> "Week":
        return Week(self.monday - timedelta(days=7))

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    def starts(self, zone: ZoneInfo) -> datetime:
        """Monday 00:00 in the zone."""
        return datetime.combine(self.monday, time(), zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The Monday 00:00 that ends it: the cut-off of its report."""
        return self.next.starts(zone)

    def __str__(self) -> str:
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02d}"
