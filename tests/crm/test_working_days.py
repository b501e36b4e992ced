"""Working days: the announced plan of 2026 in figures, make-up days, and years nobody announced."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm.domain import calendar
from crm.domain.working_days import WorkingDays

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded() -> WorkingDays:
    calendar.seed(range(2025, 2028), at=timezone.now())
    return calendar.read()


def month(year: int, number: int) -> tuple[date, date]:
    first = date(year, number, 1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def test_the_months_of_2026_have_the_announced_working_days(seeded: WorkingDays) -> None:
    counted = [seeded.count(*month(2026, number)) for number in range(1, 13)]
    assert counted == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    assert sum(counted) == 248


def test_the_first_quarter_of_2026_has_59_and_32_had_begun_by_14_february(
    seeded: WorkingDays,
) -> None:
    assert seeded.count(date(2026, 1, 1), date(2026, 3, 31)) == 59
    assert seeded.count(date(2026, 1, 1), date(2026, 2, 14)) == 32


@pytest.mark.parametrize("day", ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"])
def test_a_make_up_weekend_day_is_worked(seeded: WorkingDays, day: str) -> None:
    made_up = date.fromisoformat(f"2026-{day}")
    assert made_up.weekday() >= 5
    assert seeded.is_working(made_up)


def test_a_day_off_becomes_the_next_working_day(seeded: WorkingDays) -> None:
    assert seeded.on_or_after(date(2026, 2, 16)) == date(2026, 2, 24)
    assert seeded.on_or_after(date(2026, 2, 14)) == date(2026, 2, 14)
    assert seeded.on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)


@pytest.mark.parametrize("count", [1, 2, 5, 10, 20])
def test_counting_back_undoes_counting_on(seeded: WorkingDays, count: int) -> None:
    start = date(2026, 2, 13)
    later = seeded.after(start, count)
    assert seeded.before(later, count) == start
    assert seeded.elapsed(start, later) == count


def test_nothing_lies_between_a_day_and_the_day_before(seeded: WorkingDays) -> None:
    assert seeded.count(date(2026, 3, 2), date(2026, 3, 1)) == 0
    assert seeded.elapsed(date(2026, 3, 2), date(2026, 3, 2)) == 0


def test_a_year_that_nobody_announced_is_counted_and_warned_of(seeded: WorkingDays) -> None:
    assert 2027 not in seeded.announced
    assert calendar.warnings(seeded, date(2026, 9, 30)) == []
    (warning,) = calendar.warnings(seeded, date(2026, 10, 1))
    assert "2027" in warning
    assert calendar.warnings(seeded, date(2027, 1, 4)) != []


def test_what_people_entered_survives_another_seeding(seeded: WorkingDays) -> None:
    assert calendar.seed(range(2025, 2028), at=timezone.now()) == 0


def test_without_a_table_monday_to_friday_is_worked() -> None:
    bare = WorkingDays()
    assert bare.is_working(date(2026, 10, 1))
    assert not bare.is_working(date(2026, 10, 10))


@given(
    special=st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.booleans()),
    first=st.dates(date(2025, 11, 1), date(2028, 2, 1)),
    length=st.integers(-3, 500),
)
def test_what_is_reckoned_is_what_one_counts_day_by_day(
    special: dict[date, bool], first: date, length: int
) -> None:
    calendar_ = WorkingDays(special=special)
    days = [first + timedelta(days=number) for number in range(length)]
    counted = sum(calendar_.is_working(day) for day in days)
    assert calendar_.count(first, first + timedelta(days=length - 1)) == counted
