"""ISO weeks: written, parsed, and cut off at Monday midnight, from 2020 to 2035."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.errors import InvalidInput
from crm.weeks import Week

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_every_day_from_2020_to_2035_is_in_the_week_that_its_name_says() -> None:
    day = date(2020, 1, 1)
    while day < date(2036, 1, 1):
        week = Week.of(day)
        assert week.monday <= day <= week.sunday
        assert Week.parse(str(week)) == week
        year, number, _ = day.isocalendar()
        assert str(week) == f"{year}-W{number:02d}"
        assert week.number == number
        assert week.next.previous == week
        day += timedelta(days=1)


def test_2026_has_a_week_53_and_2027_begins_in_it() -> None:
    week = Week.parse("2026-W53")
    assert week.monday == date(2026, 12, 28)
    assert Week.of(date(2027, 1, 3)) == week
    assert str(week.next) == "2027-W01"


@pytest.mark.parametrize("word", ["2025-W53", "2027-W53", "2026-W00", "2026-W54"])
def test_a_week_that_the_year_does_not_have_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput, match="2026-W47") as refusal:
        Week.parse(word)
    assert refusal.value.code == "week_invalid"


@pytest.mark.parametrize(
    "word", ["", "2026-47", "W47", "2026-W7", "2026-W47 ", "0000-W01", "二〇二六"]
)
def test_anything_else_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput):
        Week.parse(word)


def test_a_week_ends_where_the_next_begins() -> None:
    week = Week.parse("2026-W47")
    assert week.starts(SHANGHAI) == datetime(2026, 11, 16, tzinfo=SHANGHAI)
    assert week.ends(SHANGHAI) == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert week.ends(SHANGHAI) == week.next.starts(SHANGHAI)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_a_week_begins_at_local_midnight_whatever_the_clocks_do(zone: str) -> None:
    for number in range(1, 53):
        start = Week.parse(f"2026-W{number:02d}").starts(ZoneInfo(zone))
        assert (start.hour, start.minute, start.weekday()) == (0, 0, 0)
