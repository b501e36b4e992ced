"""Quiet hours and days off by the clock on the person's wall; what is too late to be pushed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.domain.lateness import AT_ONCE, INBOX_ONLY, Patience, Push, push
from crm.domain.quiet_hours import QuietHours, held_until
from crm.domain.wall_clock import instant, zone_of
from crm.domain.working_days import WorkingDays
from crm.models import HeldBecause

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = QuietHours(begins=21 * 60, ends=8 * 60 + 30, digest=8 * 60 + 45)
CALENDAR = WorkingDays(
    {
        date(2026, 11, 21): True,  # A Saturday that is worked.
        date(2026, 11, 25): False,  # A Wednesday that is not.
    }
)
PATIENCE = Patience(late=timedelta(hours=2), too_late=timedelta(hours=48))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-18 08:29:59", "2026-11-18 08:45"),
        ("2026-11-18 08:30", None),
        ("2026-11-18 20:59:59", None),
        ("2026-11-18 21:00", "2026-11-19 08:45"),
        ("2026-11-18 00:00", "2026-11-18 08:45"),
        ("2026-11-20 22:00", "2026-11-21 08:45"),
        ("2026-11-21 12:00", None),
        ("2026-11-21 21:00", "2026-11-23 08:45"),
        ("2026-11-22 03:00", "2026-11-23 08:45"),
        ("2026-11-22 12:00", "2026-11-23 08:45"),
        ("2026-11-24 23:00", "2026-11-26 08:45"),
        ("2026-11-25 10:00", "2026-11-26 08:45"),
    ],
    ids=[
        "the last second of the night",
        "the night is over",
        "the last second of the day",
        "the night begins",
        "midnight",
        "Friday night before a make-up Saturday",
        "a make-up Saturday is worked",
        "its evening waits for Monday",
        "Sunday before dawn",
        "Sunday at noon",
        "the night before a holiday",
        "a holiday on a weekday",
    ],
)
def test_what_can_wait_waits_for_the_next_working_morning(now: str, until: str | None) -> None:
    expected = at(until) if until else None
    assert held_until(at(now), zone=SHANGHAI, calendar=CALENDAR, hours=HOURS) == expected


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (QuietHours(0, 0, 525), "2026-11-18 03:00", None),
        (QuietHours(0, 0, 525), "2026-11-22 03:00", "2026-11-23 08:45"),
        (QuietHours(720, 840, 525), "2026-11-18 13:00", "2026-11-18 14:00"),
        (QuietHours(720, 840, 525), "2026-11-18 14:00", None),
        (QuietHours(1260, 510, 300), "2026-11-18 03:00", "2026-11-18 08:30"),
    ],
    ids=[
        "none at all",
        "none, but days off hold",
        "at noon only",
        "after noon",
        "a digest set before the end of the night comes at its end",
    ],
)
def test_the_hours_may_be_set_otherwise(hours: QuietHours, now: str, until: str | None) -> None:
    expected = at(until) if until else None
    assert held_until(at(now), zone=SHANGHAI, calendar=CALENDAR, hours=hours) == expected


def test_the_same_instant_is_day_for_one_and_night_for_another() -> None:
    now = at("2026-11-18 20:00")
    new_york = ZoneInfo("America/New_York")
    assert held_until(now, zone=SHANGHAI, calendar=CALENDAR, hours=HOURS) is None
    morning = held_until(now, zone=new_york, calendar=CALENDAR, hours=HOURS)
    assert morning == at("2026-11-18 08:45", new_york)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "expected"),
    [
        ("America/New_York", date(2026, 3, 8), 150, "2026-03-08T07:00"),
        ("America/New_York", date(2026, 3, 8), 120, "2026-03-08T07:00"),
        ("America/New_York", date(2026, 3, 8), 180, "2026-03-08T07:00"),
        ("America/New_York", date(2026, 11, 1), 90, "2026-11-01T05:30"),
        ("Europe/Berlin", date(2026, 3, 29), 150, "2026-03-29T01:00"),
        ("Africa/Cairo", date(2026, 4, 24), 15, "2026-04-23T22:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03T15:30"),
        ("Pacific/Apia", date(2011, 12, 30), 525, "2011-12-30T10:00"),
        ("Asia/Shanghai", date(2026, 11, 18), 525, "2026-11-18T00:45"),
    ],
    ids=[
        "in the gap",
        "at its first minute",
        "at its end",
        "in the overlap, the first",
        "Berlin's gap",
        "a gap at midnight",
        "a gap of half an hour",
        "a day that was left out",
        "no gap at all",
    ],
)
def test_wall_time_becomes_one_instant(zone: str, day: date, minute: int, expected: str) -> None:
    moment = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert instant(day, minute, ZoneInfo(zone)) == moment


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Asia", "Asia/Shanghai\0"])
def test_a_zone_that_nobody_knows_is_the_banks_own(name: str) -> None:
    assert zone_of(name) == SHANGHAI


def pushed(due: str, now: str, *, is_urgent: bool = False) -> Push:
    return push(
        at(due),
        at=at(now),
        is_urgent=is_urgent,
        zone=SHANGHAI,
        calendar=CALENDAR,
        hours=HOURS,
        patience=PATIENCE,
    )


@pytest.mark.parametrize(
    ("due", "now", "is_urgent", "expected"),
    [
        ("2026-11-18 10:00", "2026-11-18 10:00", False, AT_ONCE),
        ("2026-11-18 10:00", "2026-11-18 12:00", False, AT_ONCE),
        (
            "2026-11-18 10:00",
            "2026-11-18 12:00:01",
            False,
            Push(at("2026-11-18 12:00:01"), HeldBecause.LATE),
        ),
        (
            "2026-11-18 10:00",
            "2026-11-20 10:00",
            False,
            Push(at("2026-11-20 10:00"), HeldBecause.LATE),
        ),
        ("2026-11-18 10:00", "2026-11-20 10:00:01", False, INBOX_ONLY),
        (
            "2026-11-18 10:00",
            "2026-11-18 22:00",
            False,
            Push(at("2026-11-19 08:45"), HeldBecause.LATE),
        ),
        (
            "2026-11-18 22:00",
            "2026-11-18 22:00",
            False,
            Push(at("2026-11-19 08:45"), HeldBecause.QUIET),
        ),
        (
            "2026-11-18 20:30",
            "2026-11-18 21:30",
            False,
            Push(at("2026-11-19 08:45"), HeldBecause.QUIET),
        ),
        ("2026-11-22 03:00", "2026-11-23 09:00", False, AT_ONCE),
        (
            "2026-11-22 03:00",
            "2026-11-23 12:00",
            False,
            Push(at("2026-11-23 12:00"), HeldBecause.LATE),
        ),
        ("2026-11-18 22:00", "2026-11-18 22:00", True, AT_ONCE),
        ("2026-11-22 12:00", "2026-11-22 12:00", True, AT_ONCE),
        ("2026-11-18 10:00", "2026-11-19 03:00", True, AT_ONCE),
        ("2026-11-18 10:00", "2026-11-20 10:00:01", True, INBOX_ONLY),
    ],
    ids=[
        "on time",
        "two hours late",
        "a second more",
        "two days late",
        "a second more than two days",
        "late and in the night",
        "due in the night",
        "due by day, released in the night",
        "due on Sunday, released on Monday morning",
        "due on Sunday, released on Monday noon",
        "urgent in the night",
        "urgent on Sunday",
        "urgent and late",
        "urgent and too late",
    ],
)
def test_how_a_released_reminder_is_pushed(
    due: str, now: str, is_urgent: bool, expected: Push
) -> None:
    assert pushed(due, now, is_urgent=is_urgent) == expected
