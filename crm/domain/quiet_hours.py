"""Quiet hours and days off: until when something that can wait does wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm.domain.wall_clock import instant, minute_of_day
from crm.domain.working_days import WorkingDays


@dataclass(frozen=True)
class QuietHours:
    """From when to when nobody is disturbed, and when what was held comes; minutes of the day.

    Hours that begin when they end are none at all: only days off hold then.
    """

    begins: int
    ends: int
    digest: int

    def are_at(self, minute: int) -> bool:
        """Whether this minute of the day is quiet; the hours may reach over midnight."""
        if self.begins <= self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends

    @property
    def morning(self) -> int:
        """When what was held comes: never before the quiet hours end, and never in them."""
        if self.digest < self.ends or self.are_at(self.digest):
            return self.ends
        return self.digest


def held_until(
    at: datetime, *, zone: ZoneInfo, calendar: WorkingDays, hours: QuietHours
) -> datetime | None:
    """The next working morning in the zone, if this is no moment to disturb anybody; else none."""
    local = at.astimezone(zone)
    day, minute = local.date(), minute_of_day(local)
    if calendar.is_working(day) and not hours.are_at(minute):
        return None
    if minute >= hours.ends:
        day += timedelta(days=1)
    return instant(calendar.on_or_after(day), hours.morning, zone)
