"""Wall time: what the clock on a person's wall shows, and which instant that is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.utils import timezone

log = structlog.get_logger()


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name. One that nobody knows is taken for the bank's own, and logged."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # Unknown, malformed, or the name of a folder.
        log.warning("unknown_time_zone", zone=name)
        return ZoneInfo(timezone.get_default_timezone_name())


def minute_of_day(local: datetime) -> int:
    """Minutes after midnight, as the clock shows them."""
    return local.hour * 60 + local.minute


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the clock shows this minute of the day.

    Where the clocks are put forward over it, the first instant after the gap; where they are put
    back, the first of the two.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    while True:
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
            return moment
        wall += timedelta(minutes=1)
