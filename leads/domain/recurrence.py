"""When a follow-up that comes back comes back: every so many working days, weekly, monthly.

A day that falls on a day off moves to the next working day. The next occurrence is always after
both the one that is closed and today: a series that was left lying does not come back in the past,
and two Thursdays that a holiday moved to one Monday make one follow-up.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from crm.domain.working_days import WorkingDays
from crm.errors import InvalidInput
from leads.models.follow_up_words import LARGEST_NUMBER, MOST_TIMES, Repeats


@dataclass(frozen=True)
class Recurrence:
    """How a promise repeats. `number` is the working days in between, the weekday from Monday, 1,
    to Sunday, 7, or the day of the month; a month that is too short has its last day.

    A series goes on until a day, which is its last possible one, or for so many times with the
    first, or, with neither, until somebody ends it.
    """

    repeats: Repeats
    number: int
    until: date | None = None
    times: int | None = None


def sound(recurrence: Recurrence, *, first: date) -> Recurrence:
    """The recurrence, if it makes sense for a first occurrence on a day. Raises InvalidInput."""
    if not 1 <= recurrence.number <= LARGEST_NUMBER[recurrence.repeats]:
        raise InvalidInput(
            _("This number does not fit the way it repeats."),
            code="recurrence_number_out_of_range",
            attr="recurrence.number",
        )
    if recurrence.until is not None and recurrence.times is not None:
        raise InvalidInput(
            _("A series ends on a day or after so many times."),
            code="recurrence_ends_twice",
            attr="recurrence.until",
        )
    if recurrence.until is not None and recurrence.until <= first:
        raise InvalidInput(
            _("The series ends before it has come back once."),
            code="recurrence_ends_at_once",
            attr="recurrence.until",
        )
    if recurrence.times is not None and not 2 <= recurrence.times <= MOST_TIMES:
        raise InvalidInput(
            _("A series has from 2 to %(most)s times.") % {"most": MOST_TIMES},
            code="recurrence_times_out_of_range",
            attr="recurrence.times",
        )
    return recurrence


def next_day(
    repeats: Repeats, number: int, *, closed: date, today: date, calendar: WorkingDays
) -> date:
    """The working day of the occurrence after the one that was due on a day and is closed today."""
    latest = max(closed, today)
    if repeats == Repeats.WORKING_DAYS:
        return calendar.after(latest, number)
    # A named day that a day off moved to or before the latest has been served by it.
    named = latest
    while True:
        named = _named_after(repeats, number, named)
        worked = calendar.on_or_after(named)
        if worked > latest:
            return worked


def _named_after(repeats: Repeats, number: int, day: date) -> date:
    """The first weekday, or day of the month, of this number after a day."""
    if repeats == Repeats.WEEKLY:
        return day + timedelta(days=(number - day.isoweekday() - 1) % 7 + 1)
    found = _in_month(day.year, day.month, number)
    if found > day:
        return found
    return _in_month(day.year + day.month // 12, day.month % 12 + 1, number)


def _in_month(year: int, month: int, number: int) -> date:
    return date(year, month, min(number, monthrange(year, month)[1]))
