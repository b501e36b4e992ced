"""The quiet hours of each kind of shop, on the next day that is worked."""

from datetime import date, time

import pytest

from crm.domain.working_days import WorkingDays
from merchants.domain.contact_windows import ShopKind, best_window

CALENDAR = WorkingDays(
    {
        date(2026, 10, 1): False,
        date(2026, 10, 2): False,
        date(2026, 10, 5): False,
        date(2026, 10, 6): False,
        date(2026, 10, 7): False,
        date(2026, 10, 10): True,
    },
    frozenset({2026}),
)
WEDNESDAY, SATURDAY = date(2026, 11, 18), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("category", "opens", "closes"),
    [
        (ShopKind.RESTAURANT, time(14), time(16, 30)),
        (ShopKind.HAIR_SALON, time(10), time(12)),
        (ShopKind.SUPERMARKET, time(14), time(16)),
        (ShopKind.CINEMA, time(11), time(14)),
        (ShopKind.PETROL_STATION, time(10), time(11, 30)),
        ("5812", time(14), time(16, 30)),
        ("7230", time(10), time(12)),
        ("5411", time(14), time(16)),
        ("7832", time(11), time(14)),
        ("5541", time(10), time(11, 30)),
    ],
)
def test_each_kind_of_shop_has_its_quiet_hours(
    category: ShopKind | str, opens: time, closes: time
) -> None:
    window = best_window(category, WEDNESDAY, CALENDAR)
    assert window is not None
    assert (window.day, window.opens, window.closes) == (WEDNESDAY, opens, closes)


@pytest.mark.parametrize(
    ("day", "goes_on"),
    [
        (WEDNESDAY, WEDNESDAY),
        (SATURDAY, date(2026, 11, 23)),
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 10, 10), date(2026, 10, 10)),
        (date(2026, 10, 11), date(2026, 10, 12)),
    ],
    ids=["a working day", "a weekend", "a holiday", "a make-up Saturday", "the Sunday after"],
)
def test_holidays_are_skipped_and_make_up_days_are_used(day: date, goes_on: date) -> None:
    window = best_window(ShopKind.RESTAURANT, day, CALENDAR)
    assert window is not None
    assert window.day == goes_on


@pytest.mark.parametrize("category", [None, "", "9999"])
def test_of_other_shops_no_hours_are_claimed(category: str | None) -> None:
    assert best_window(category, WEDNESDAY, CALENDAR) is None
