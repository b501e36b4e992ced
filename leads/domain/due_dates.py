"""Days and moments that people choose: not in the past, and on a working day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from crm.domain.working_days import WorkingDays
from crm.errors import InvalidInput, Problem

LATE_TOLERANCE = timedelta(days=1)
"""A phone that was offline may still file what was to be done yesterday."""
FARTHEST = timedelta(days=5 * 366)

MOVED_TO_WORKING_DAY = "moved_to_working_day"
COUNTED = "counted_in_working_days"
MORNING = time(10)
"""The hour of a promise that names none."""
MOST_WORKING_DAYS = 250


@dataclass(frozen=True)
class InWorkingDays:
    """A due time as people say it: in three working days, at ten."""

    count: int
    hour: time | None = None


type Due = datetime | InWorkingDays


@dataclass(frozen=True)
class Chosen[T]:
    """The value as it will be kept, and what to tell the person about it."""

    value: T
    notices: tuple[Problem, ...] = ()


def _moved(day: date, attr: str) -> tuple[Problem, ...]:
    sentence = _("That is a day off; it was moved to the next working day, %(day)s.")
    return (Problem(MOVED_TO_WORKING_DAY, sentence % {"day": day.isoformat()}, attr),)


def working_day(day: date, *, today: date, calendar: WorkingDays, attr: str) -> Chosen[date]:
    """A day after today; a day off becomes the next working day.

    Raises InvalidInput for today, the past and the far future.
    """
    if day <= today:
        raise InvalidInput(_("Choose a day after today."), code="day_in_the_past", attr=attr)
    if day > today + FARTHEST:
        raise InvalidInput(_("That is too far ahead."), code="too_far_ahead", attr=attr)
    worked = calendar.on_or_after(day)
    return Chosen(worked, _moved(worked, attr) if worked != day else ())


def working_moment(
    moment: datetime, *, at: datetime, zone: ZoneInfo, calendar: WorkingDays, attr: str
) -> Chosen[datetime]:
    """A moment to come; on a day off it moves to the same hour of the next working day.

    Whoever chooses a later hour of *this very day* is at work today, whatever the calendar says:
    that moment stays.

    Raises InvalidInput for the past (a day's grace for phones that were offline) and the far
    future.
    """
    if moment < at - LATE_TOLERANCE:
        raise InvalidInput(_("Choose a time to come."), code="time_in_the_past", attr=attr)
    if moment > at + FARTHEST:
        raise InvalidInput(_("That is too far ahead."), code="too_far_ahead", attr=attr)
    local = moment.astimezone(zone)
    if local.date() <= at.astimezone(zone).date() or calendar.is_working(local.date()):
        return Chosen(moment)
    worked = calendar.on_or_after(local.date())
    return Chosen(
        local.replace(year=worked.year, month=worked.month, day=worked.day),
        _moved(worked, attr),
    )


def same_hour_next_working_day(
    moment: datetime, *, at: datetime, zone: ZoneInfo, calendar: WorkingDays
) -> datetime:
    """The hour of a moment, on the first working day after it, or after today if that is later."""
    local = moment.astimezone(zone)
    day = calendar.after(max(local.date(), at.astimezone(zone).date()), 1)
    return local.replace(year=day.year, month=day.month, day=day.day)


def moment_in_working_days(
    due: InWorkingDays, *, at: datetime, zone: ZoneInfo, calendar: WorkingDays, attr: str
) -> Chosen[datetime]:
    """The count-th working day after today at an hour, in the morning if none is named. What day
    that is, is said: holidays and make-up days are easily miscounted.

    Raises InvalidInput for a count below one or above 250.
    """
    if not 1 <= due.count <= MOST_WORKING_DAYS:
        raise InvalidInput(
            _("Count from 1 to %(most)s working days.") % {"most": MOST_WORKING_DAYS},
            code="working_days_out_of_range",
            attr=attr,
        )
    day = calendar.after(at.astimezone(zone).date(), due.count)
    sentence = _("In working days that is %(day)s.") % {"day": day.isoformat()}
    return Chosen(
        datetime.combine(day, due.hour or MORNING, zone), (Problem(COUNTED, sentence, attr),)
    )


def kept(
    due: Due, *, at: datetime, zone: ZoneInfo, calendar: WorkingDays, attr: str
) -> Chosen[datetime]:
    """A moment however it was said, as it will be kept. Raises InvalidInput."""
    if isinstance(due, InWorkingDays):
        return moment_in_working_days(due, at=at, zone=zone, calendar=calendar, attr=attr)
    return working_moment(due, at=at, zone=zone, calendar=calendar, attr=attr)
