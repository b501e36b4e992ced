"""Clocks that are wrong, days that have 23 or 25 hours, years that have 53 weeks (F15).

A worker's own clock decides nothing: what is due is asked of the database's. Days on which the
clocks change are lived through tick by tick, and checked against what the wall clock shows.
"""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.domain import held_notices, reminders, ticking, weekly_report
from crm.domain.working_days import WorkingDays
from crm.models import Delivery, Notification, Reminder, SpecialDay
from crm.weeks import Week
from tests import factories

pytestmark = pytest.mark.django_db

TOLERANCE = timedelta(seconds=60)
HALF_HOUR = timedelta(minutes=30)


def wrong_by(minutes: int, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Let this process believe in another time; returns the right one."""
    right = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert abs(timezone.now() - right) > timedelta(minutes=9)
    return right


@pytest.fixture
def one_due_one_not() -> datetime:
    """A reminder that is due, and one that is due in five minutes, in a time without nights."""
    factories.never_quiet()
    now = timezone.now()
    factories.ReminderFactory(key="due", kind="tests", due_at=now - timedelta(seconds=1))
    factories.ReminderFactory(key="soon", kind="tests", due_at=now + timedelta(minutes=5))
    return now


@pytest.mark.parametrize("minutes", [-10, 10], ids=["ten minutes slow", "ten minutes fast"])
def test_a_worker_whose_clock_is_wrong_says_nothing_early_and_nothing_late(
    one_due_one_not: datetime,
    minutes: int,
    monkeypatch: pytest.MonkeyPatch,
    mailoutbox: list[Any],
) -> None:
    right = wrong_by(minutes, monkeypatch)
    for _ in range(2):
        call_command("run_due", stdout=StringIO())
    assert dict(Reminder.objects.values_list("key", "state")) == {
        "due": "released",
        "soon": "planned",
    }
    assert len(mailoutbox) == Notification.objects.count() == 1
    released = Reminder.objects.get(key="due").released_at
    assert released is not None
    assert abs(released - right) <= TOLERANCE


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-10, set()), (10, {"due", "soon"})],
    ids=["ten minutes slow", "ten minutes fast"],
)
def test_control_by_the_workers_own_clock_it_would_be_wrong(
    one_due_one_not: datetime, minutes: int, said: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_by(minutes, monkeypatch)
    ticking.tick(at=timezone.now())
    assert set(Reminder.objects.filter(state="released").values_list("key", flat=True)) == said


DAYS_OF_CHANGE = [
    ("Europe/Berlin", date(2026, 3, 29), 23 * 60),
    ("Europe/Berlin", date(2026, 10, 25), 25 * 60),
    ("America/New_York", date(2026, 3, 8), 23 * 60),
    ("America/New_York", date(2026, 11, 1), 25 * 60),
    ("Australia/Sydney", date(2026, 10, 4), 23 * 60),
    ("Australia/Sydney", date(2026, 4, 5), 25 * 60),
    ("America/Santiago", date(2026, 9, 6), 23 * 60),
    ("America/Santiago", date(2026, 4, 4), 25 * 60),
    ("Africa/Cairo", date(2026, 4, 24), 23 * 60),
    ("Africa/Cairo", date(2026, 10, 29), 25 * 60),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23 * 60 + 30),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24 * 60 + 30),
]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, found by asking every minute around it."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    while moment.astimezone(zone).date() < day:
        moment += timedelta(minutes=15)
    return moment


@pytest.mark.parametrize(
    ("name", "day", "minutes"), DAYS_OF_CHANGE, ids=[f"{n} {d}" for n, d, _m in DAYS_OF_CHANGE]
)
def test_on_a_day_of_23_or_25_hours_everything_is_said_once_and_in_time(
    name: str, day: date, minutes: int
) -> None:
    zone = ZoneInfo(name)
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    assert (end - begin) == timedelta(minutes=minutes), "the clocks change on this day"
    for offset in range(-1, 3):
        SpecialDay.objects.create(
            day=day + timedelta(days=offset), is_working_day=True, name="tests"
        )
    person = factories.UserFactory(time_zone=name, language="en")
    due = [begin + HALF_HOUR * number for number in range(int((end - begin) / HALF_HOUR))]
    for number, moment in enumerate(due):
        reminders.plan(
            f"r{number:02}",
            recipient=person,
            kind=reminders.Kind("tests", "Tests", "Tests", "Tests"),
            facts={},
            link="",
            due_at=moment,
            at=begin - timedelta(days=1),
        )
    # The mornings of this day and the next are the only other moments that count.
    mornings = [
        datetime(one.year, one.month, one.day, 8, 45, tzinfo=zone).astimezone(UTC)
        for one in (day, day + timedelta(days=1))
    ]
    half_minute = timedelta(seconds=30)
    for moment in sorted(
        one + shift for one in (*due, *mornings) for shift in (-half_minute, half_minute)
    ):
        while reminders.release_due(at=moment):
            pass
        held_notices.say_due(at=moment)

    said = dict(Reminder.objects.values_list("key", "released_at"))
    assert len(said) == len(due)
    for number, moment in enumerate(due):
        released = said[f"r{number:02}"]
        assert released is not None
        assert timedelta() <= released - moment <= TOLERANCE
    assert Delivery.objects.filter(channel="inbox").count() == len(due)

    def is_quiet(moment: datetime) -> bool:
        wall = moment.astimezone(zone)
        return not (8, 30) <= (wall.hour, wall.minute) < (21, 0)

    mails = list(Delivery.objects.filter(channel="mail").order_by("created_at"))
    singles = {mail.key for mail in mails if not mail.key.startswith("digest:")}
    assert singles == {
        f"r{number:02}:mail" for number, moment in enumerate(due) if not is_quiet(moment)
    }
    digests = [mail for mail in mails if mail.key.startswith("digest:")]
    assert [mail.created_at - morning for mail, morning in zip(digests, mornings, strict=True)] == [
        half_minute,
        half_minute,
    ]
    held = sum(is_quiet(moment) for moment in due)
    assert sum(int(mail.subject.split()[2]) for mail in digests) == held


ZONES = sorted({name for name, _day, _minutes in DAYS_OF_CHANGE})


@pytest.mark.parametrize("name", [*ZONES, "Asia/Shanghai"])
def test_from_2020_to_2035_every_week_has_one_name_and_one_monday_at_eight(name: str) -> None:
    zone = ZoneInfo(name)
    monday, names, moments = date(2019, 12, 30), [], []
    while monday < date(2036, 1, 1):
        week = Week.of(monday)
        # By the C library, not by our own arithmetic: the week of a year is that of its Thursday.
        assert str(week) == (monday + timedelta(days=3)).strftime("%G-W%V")
        assert Week.parse(str(week)) == week
        names.append(str(week))
        due = weekly_report.due_at(week, zone, WorkingDays())
        moments.append(due.astimezone(UTC))
        wall = due.astimezone(UTC).astimezone(zone)
        assert wall.date() == monday + timedelta(days=7)
        assert (wall.hour, wall.minute) == (8, 0)
        monday += timedelta(days=7)
    assert len(set(names)) == len(names) == 835 + 1
    assert {one[:4] for one in names if one.endswith("W53")} == {"2020", "2026", "2032"}
    assert all(earlier < later for earlier, later in pairwise(moments))
