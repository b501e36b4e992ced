"""A calendar as a file that calendar programs read (iCalendar, RFC 5545)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from icalendar import Calendar, Event, vText

from crm.domain.agenda import Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Merchant partnership CRM//Calendar//EN"
_REFRESH = timedelta(hours=1)
_UNWRITABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def written(entries: Sequence[Entry], *, name: str, time_zone: str, tells_details: bool) -> bytes:
    """The file. It is the same byte for byte as long as nothing in it has changed."""
    zone = sound_zone(time_zone)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", vText(_sound(name)))
    calendar.add("x-wr-calname", vText(_sound(name)))
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, zone, tells_details))
    moments = [entry.starts for entry in entries if isinstance(entry.starts, datetime)]
    if moments:
        years = [moment.year for moment in moments]
        # The rules of the zone for these years only, whole years, so that they seldom change.
        calendar.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    return bytes(calendar.to_ical(sorted=False))


def sound_zone(name: str) -> ZoneInfo:
    """The zone of this name; the bank's where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def _sound(text: str) -> str:
    """Without the characters that RFC 5545 knows no way to write."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n"))


def _event(entry: Entry, zone: ZoneInfo, tells_details: bool) -> Event:
    event = Event()
    host = urlsplit(settings.PUBLIC_URL).hostname
    event.add("uid", f"{entry.key.replace(':', '-')}@{host}")
    event.add("sequence", entry.version - 1)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    if isinstance(entry.starts, datetime):
        event.add("dtstart", entry.starts.astimezone(zone))
        event.add("duration", timedelta(minutes=entry.minutes))
    else:
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.starts + timedelta(days=1))
    event.add("summary", _sound(entry.title))
    if tells_details and entry.details:
        event.add("description", _sound(entry.details))
    if tells_details and entry.place:
        event.add("location", _sound(entry.place))
    event.add("url", f"{settings.PUBLIC_URL}{entry.link}")
    event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
