"""What is in a colleague's calendar: the rooms to the left bring it (their module `agenda.py`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from django.utils.translation import gettext_lazy as _

from crm import parameters
from crm.models import User

_GROUP = _("Calendar")

DAYS_BACK = parameters.number(
    "crm.calendar.days_back",
    _("Days that the calendar feed looks back"),
    30,
    least=0,
    most=366,
    group=_GROUP,
)
DAYS_AHEAD = parameters.number(
    "crm.calendar.days_ahead",
    _("Days that the calendar feed looks ahead"),
    365,
    least=7,
    most=1100,
    group=_GROUP,
)
MOST = 1000
"""Of each source; a calendar program shows no more in a way that anybody could read."""


@dataclass(frozen=True)
class Entry:
    """One thing in the calendar."""

    key: str
    """Stays the same as long as the thing is the same: `follow-up:<id>`."""
    version: int
    """Grows with every change of the row."""
    changed_at: datetime
    starts: datetime | date
    """A day alone takes the whole day."""
    minutes: int
    title: str
    """With the merchant's name, and without anything that somebody typed in freely."""
    details: str
    """What was typed in freely: told only where the person wants it told."""
    place: str
    link: str
    is_busy: bool
    """Others see the time as taken."""


type Source = Callable[[User, datetime, datetime], Iterable[Entry]]
"""The entries of a person from one moment to another, at most `MOST`, the earliest first."""

_SOURCES: list[Source] = []


def source(entries: Source) -> Source:
    """Let a room put what it knows of into the calendars of its people."""
    _SOURCES.append(entries)
    return entries


def of(user: User, *, at: datetime) -> list[Entry]:
    """A person's calendar as of a moment, in the active language."""
    first = at - timedelta(days=DAYS_BACK.value)
    last = at + timedelta(days=DAYS_AHEAD.value)
    found = chain.from_iterable(one(user, first, last) for one in _SOURCES)
    return sorted(found, key=lambda entry: entry.key)
