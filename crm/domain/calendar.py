"""The bank's working-day calendar: loaded from its tables, seeded from the `holidays` library."""

import time
from datetime import date, datetime
from uuid import UUID

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from crm import policies
from crm.actors import Actor
from crm.command import command
from crm.domain.working_days import WorkingDays
from crm.locking import take
from crm.models import CalendarYear, SpecialDay
from crm.policies import require

SEED_SOURCE = "holidays"


REMEMBERED_SECONDS = 60
"""How long a process works with the calendar it read; it changes a few times a year."""

_remembered: tuple[float, WorkingDays] | None = None


def load() -> WorkingDays:
    """The calendar as it stood at most a minute ago."""
    global _remembered
    if _remembered is None or time.monotonic() - _remembered[0] > REMEMBERED_SECONDS:
        _remembered = (time.monotonic(), read())
    return _remembered[1]


def forget() -> None:
    """Read the calendar anew at the next use."""
    global _remembered
    _remembered = None


def read() -> WorkingDays:
    """The calendar as it stands, in two statements."""
    return WorkingDays(
        special=dict(SpecialDay.objects.values_list("day", "is_working_day")),
        announced=frozenset(
            CalendarYear.objects.filter(announced=True).values_list("year", flat=True)
        ),
    )


@command
def seed(years: range, *, at: datetime) -> int:
    """Fill in years that the table does not hold yet; what people edited stays. Returns new days.

    The library knows the make-up days of a year only once they are published (about November of
    the year before). A year without a single one is seeded as not announced.
    """
    known = set(CalendarYear.objects.values_list("year", flat=True))
    missing = [year for year in years if year not in known]
    if not missing:
        return 0
    published = holidays.country_holidays("CN", years=missing)
    days: list[SpecialDay] = []
    for year in missing:
        made_up = {day for day in published.weekend_workdays if day.year == year}
        off = {day: name for day, name in published.items() if day.year == year}
        CalendarYear.objects.create(
            year=year,
            announced=bool(made_up),
            source=SEED_SOURCE,
            created_at=at,
            updated_at=at,
        )
        days += [
            SpecialDay(
                day=day,
                is_working_day=True,
                name="调休上班",
                created_at=at,
                updated_at=at,
            )
            for day in sorted(made_up)
        ]
        days += [
            SpecialDay(
                day=day,
                is_working_day=False,
                name=name[:100],
                created_at=at,
                updated_at=at,
            )
            for day, name in sorted(off.items())
        ]
    SpecialDay.objects.bulk_create(days, ignore_conflicts=True)
    forget()
    return len(days)


def _administered(by: Actor) -> None:
    require(policies.may_administer_people(by), _("Administrators keep the calendar."))


@command
def announce(
    year_id: UUID,
    *,
    announced: bool,
    source: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> CalendarYear:
    """Say whether the holidays of a year are official, and where they were published."""
    _administered(by)
    year = take(CalendarYear.objects.all(), year_id, version=version)
    transaction.on_commit(forget)
    return year.change(at=at, announced=announced, source=source)


@command
def add_year(
    year_id: UUID, *, year: int, announced: bool, source: str, by: Actor, at: datetime
) -> CalendarYear:
    """Add a year by hand; its special days are entered one by one."""
    _administered(by)
    transaction.on_commit(forget)
    return CalendarYear.objects.create(
        pk=year_id, year=year, announced=announced, source=source, created_at=at, updated_at=at
    )


@command
def add_day(
    day_id: UUID, *, day: date, is_working_day: bool, name: str, by: Actor, at: datetime
) -> SpecialDay:
    """Add a holiday or a make-up working day."""
    _administered(by)
    transaction.on_commit(forget)
    return SpecialDay.objects.create(
        pk=day_id,
        day=day,
        is_working_day=is_working_day,
        name=name,
        created_at=at,
        updated_at=at,
    )


@command
def correct_day(
    day_id: UUID,
    *,
    is_working_day: bool,
    name: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> SpecialDay:
    """Change what a special day is."""
    _administered(by)
    day = take(SpecialDay.objects.all(), day_id, version=version)
    transaction.on_commit(forget)
    return day.change(at=at, is_working_day=is_working_day, name=name)


@command
def remove_day(day_id: UUID, *, by: Actor, at: datetime) -> None:
    """Let the usual week hold on this day again."""
    _administered(by)
    take(SpecialDay.objects.all(), day_id).delete()
    transaction.on_commit(forget)


def warnings(calendar: WorkingDays, today: date) -> list[str]:
    """What people must be told: years in reach whose make-up days nobody has announced."""
    reach = {today.year, (today.replace(day=1).year + (1 if today.month >= 10 else 0))}
    return [
        _(
            "The holidays of %(year)s are not announced yet: Monday to Friday is assumed. "
            "Enter them under Calendar as soon as they are."
        )
        % {"year": year}
        for year in sorted(reach - calendar.announced)
    ]
