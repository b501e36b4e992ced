"""Due times in working days, and the days on which follow-ups come back, as tables."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.errors import InvalidInput
from leads.domain import due_dates, recurrence
from leads.domain.due_dates import InWorkingDays
from leads.domain.recurrence import Recurrence
from leads.models import Repeats
from tests.leads.october import OCTOBER

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY, WEEKLY, MONTHLY = Repeats.WORKING_DAYS, Repeats.WEEKLY, Repeats.MONTHLY


IN_WORKING_DAYS = [
    # (today, so many working days, hour) → moment
    ("2026-09-29", 1, None, "2026-09-30 10:00"),
    ("2026-09-30", 1, None, "2026-10-08 10:00"),
    ("2026-09-30", 3, time(15, 30), "2026-10-10 15:30"),
    ("2026-09-30", 4, None, "2026-10-12 10:00"),
    ("2026-10-04", 1, None, "2026-10-08 10:00"),
    ("2026-10-09", 1, None, "2026-10-10 10:00"),
    ("2026-09-18", 1, time(8, 0), "2026-09-20 08:00"),
    ("2026-09-24", 2, None, "2026-09-29 10:00"),
    ("2026-11-20", 5, None, "2026-11-27 10:00"),
]


@pytest.mark.parametrize(("today", "count", "hour", "kept"), IN_WORKING_DAYS)
def test_so_many_working_days_from_today(
    today: str, count: int, hour: time | None, kept: str
) -> None:
    at = datetime.fromisoformat(f"{today} 18:00").replace(tzinfo=SHANGHAI)
    chosen = due_dates.kept(
        InWorkingDays(count, hour), at=at, zone=SHANGHAI, calendar=OCTOBER, attr="due_at"
    )
    assert chosen.value.strftime("%Y-%m-%d %H:%M") == kept
    (notice,) = chosen.notices
    assert notice.code == "counted_in_working_days"
    assert kept[:10] in str(notice.detail)


def test_the_borders_of_a_day_are_those_of_the_owners_own_zone() -> None:
    late_in_shanghai = datetime(2026, 9, 29, 23, 0, tzinfo=SHANGHAI)
    there = ZoneInfo("Pacific/Auckland")
    chosen = due_dates.kept(
        InWorkingDays(1), at=late_in_shanghai, zone=there, calendar=OCTOBER, attr="due_at"
    )
    assert chosen.value == datetime(2026, 10, 8, 10, 0, tzinfo=there), "it is the 30th there"


@pytest.mark.parametrize("count", [-3, 0, 251])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        due_dates.kept(
            InWorkingDays(count),
            at=datetime(2026, 9, 29, tzinfo=SHANGHAI),
            zone=SHANGHAI,
            calendar=OCTOBER,
            attr="due_at",
        )
    assert refusal.value.code == "working_days_out_of_range"


NEXT = [
    # (repeats, number, was due, closed on) → comes back
    (EVERY, 1, "2026-09-29", "2026-09-29", "2026-09-30"),
    (EVERY, 1, "2026-09-30", "2026-09-30", "2026-10-08"),
    (EVERY, 3, "2026-09-30", "2026-09-30", "2026-10-10"),
    (EVERY, 5, "2026-11-18", "2026-11-16", "2026-11-25"),  # Done before its time.
    (EVERY, 5, "2026-11-18", "2026-11-30", "2026-12-07"),  # Left lying.
    (WEEKLY, 1, "2026-11-16", "2026-11-16", "2026-11-23"),
    (WEEKLY, 5, "2026-11-18", "2026-11-18", "2026-11-20"),
    (WEEKLY, 3, "2026-11-18", "2026-12-10", "2026-12-16"),
    (WEEKLY, 4, "2026-09-24", "2026-09-24", "2026-10-08"),  # The 1st is off, and moves to the 8th,
    (WEEKLY, 4, "2026-10-08", "2026-10-08", "2026-10-15"),  # which has its own Thursday.
    (WEEKLY, 5, "2026-09-18", "2026-09-18", "2026-09-28"),
    (WEEKLY, 6, "2026-10-03", "2026-10-09", "2026-10-10"),  # A Saturday that is worked.
    (WEEKLY, 6, "2026-10-10", "2026-10-10", "2026-10-19"),
    (WEEKLY, 7, "2026-09-14", "2026-09-14", "2026-09-20"),  # A Sunday that is worked.
    (MONTHLY, 1, "2026-09-01", "2026-09-01", "2026-10-08"),
    (MONTHLY, 1, "2026-10-08", "2026-10-08", "2026-11-02"),
    (MONTHLY, 15, "2026-11-16", "2026-11-16", "2026-12-15"),
    (MONTHLY, 31, "2026-08-31", "2026-08-31", "2026-09-30"),
    (MONTHLY, 31, "2026-09-30", "2026-09-30", "2026-11-02"),  # 31 October is a Saturday.
    (MONTHLY, 31, "2026-11-02", "2026-11-02", "2026-11-30"),
    (MONTHLY, 31, "2026-12-31", "2026-12-31", "2027-02-01"),  # 31 January is a Sunday,
    (MONTHLY, 31, "2027-02-01", "2027-02-01", "2027-03-01"),  # 28 February is one,
    (MONTHLY, 31, "2027-03-01", "2027-03-01", "2027-03-31"),
    (MONTHLY, 30, "2028-01-31", "2028-01-31", "2028-02-29"),  # a leap year has its 29th.
    (MONTHLY, 29, "2027-01-29", "2027-01-29", "2027-03-01"),
    (MONTHLY, 10, "2026-09-10", "2026-09-10", "2026-10-10"),
    (MONTHLY, 5, "2026-12-05", "2026-12-31", "2027-01-05"),
]


@pytest.mark.parametrize(("repeats", "number", "due", "closed", "comes_back"), NEXT)
def test_the_day_on_which_a_follow_up_comes_back(
    repeats: Repeats, number: int, due: str, closed: str, comes_back: str
) -> None:
    found = recurrence.next_day(
        repeats,
        number,
        closed=date.fromisoformat(due),
        today=date.fromisoformat(closed),
        calendar=OCTOBER,
    )
    assert found.isoformat() == comes_back


@pytest.mark.parametrize("repeats", list(Repeats))
@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_series_always_moves_on_to_a_day_that_is_worked(repeats: Repeats, number: int) -> None:
    day = date(2026, 8, 28)
    for _occurrence in range(40):
        following = recurrence.next_day(repeats, number, closed=day, today=day, calendar=OCTOBER)
        assert following > day
        assert OCTOBER.is_working(following)
        day = following


UNSOUND: list[tuple[dict[str, Any], str]] = [
    ({"repeats": WEEKLY, "number": 8}, "recurrence_number_out_of_range"),
    ({"repeats": MONTHLY, "number": 32}, "recurrence_number_out_of_range"),
    ({"repeats": EVERY, "number": 251}, "recurrence_number_out_of_range"),
    ({"repeats": EVERY, "number": 0}, "recurrence_number_out_of_range"),
    ({"repeats": EVERY, "number": 5, "times": 1}, "recurrence_times_out_of_range"),
    ({"repeats": EVERY, "number": 5, "times": 251}, "recurrence_times_out_of_range"),
    ({"repeats": EVERY, "number": 5, "until": date(2026, 11, 18)}, "recurrence_ends_at_once"),
    (
        {"repeats": EVERY, "number": 5, "until": date(2027, 1, 1), "times": 3},
        "recurrence_ends_twice",
    ),
]


@pytest.mark.parametrize(("values", "code"), UNSOUND)
def test_a_recurrence_that_makes_no_sense_is_refused(values: dict[str, Any], code: str) -> None:
    first = date(2026, 11, 18)
    with pytest.raises(InvalidInput) as refusal:
        recurrence.sound(Recurrence(**values), first=first)
    assert refusal.value.code == code
    sound = Recurrence(EVERY, 5, until=first + timedelta(days=1))
    assert recurrence.sound(sound, first=first) is sound
