"""Filing sales and figures: idempotent, correctable, and nothing written when anything is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from crm.errors import DomainError, InvalidInput, RuleBroken
from crm.ids import uuid7
from merchants.domain import figures
from merchants.domain.figures import DayOfSales, Recorded
from merchants.models import Partnership, PeriodFigures, SalesDay, TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import TODAY, days_ago, partnership

pytestmark = pytest.mark.django_db

AT = factories.AT
SOUND = DayOfSales(days_ago(1), 120_050, 8, 3)


@pytest.fixture
def one(cast: Cast) -> Partnership:
    return partnership(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))


def record(one: Partnership, cast: Cast, *days: DayOfSales) -> Recorded:
    return figures.record_sales_days(one.pk, days, by=cast.ann, at=AT)


def test_the_same_days_again_change_nothing(one: Partnership, cast: Cast) -> None:
    days = [replace(SOUND, day=days_ago(ago)) for ago in range(3)]
    assert record(one, cast, *days) == Recorded(3, 0, 0)
    before = list(SalesDay.objects.order_by("pk").values())
    assert record(one, cast, *days) == Recorded(0, 0, 3)
    assert list(SalesDay.objects.order_by("pk").values()) == before
    (told,) = TimelineEntry.objects.filter(kind=figures.FILED_SALES.name)
    assert told.facts == {"first": "2026-11-16", "last": "2026-11-18", "days": 3}


def test_other_sums_correct_a_day_and_count_its_version(one: Partnership, cast: Cast) -> None:
    record(one, cast, SOUND)
    first = SalesDay.objects.get()
    other = replace(SOUND, redemptions=4)
    done = figures.record_sales_days(
        one.pk,
        [other, replace(SOUND, day=TODAY)],
        by=cast.ann,
        at=AT + timedelta(minutes=1),
    )
    assert done == Recorded(1, 1, 0)
    again = SalesDay.objects.get(day=SOUND.day)
    assert (again.pk, again.redemptions, again.version) == (first.pk, 4, 2)
    assert (again.created_at, again.updated_at) == (AT, AT + timedelta(minutes=1))


WRONG_DAYS: dict[str, tuple[list[DayOfSales], list[tuple[str, str | None]]]] = {
    "none at all": ([], [("days_out_of_range", "days")]),
    "too many": (
        [replace(SOUND, day=days_ago(ago)) for ago in range(401)],
        [("days_out_of_range", "days")],
    ),
    "tomorrow": ([replace(SOUND, day=days_ago(-1))], [("day_in_future", "days.0.day")]),
    "long ago": ([replace(SOUND, day=days_ago(1099))], [("too_long_ago", "days.0.day")]),
    "twice": ([SOUND, SOUND], [("day_twice", "days.0.day"), ("day_twice", "days.1.day")]),
    "less than nothing": (
        [replace(SOUND, sales_fen=-1)],
        [("sales_out_of_range", "days.0.sales")],
    ),
    "more than there is": (
        [replace(SOUND, sales_fen=10**13 + 1)],
        [("sales_out_of_range", "days.0.sales")],
    ),
    "negative counts": (
        [replace(SOUND, qualifying_sales=-1, redemptions=10**8 + 1)],
        [
            ("count_out_of_range", "days.0.qualifying_sales"),
            ("count_out_of_range", "days.0.redemptions"),
        ],
    ),
    "one of two": (
        [SOUND, replace(SOUND, day=days_ago(-1))],
        [("day_in_future", "days.1.day")],
    ),
}


@pytest.mark.parametrize("case", WRONG_DAYS)
def test_wrong_days_are_refused_and_nothing_is_written(
    case: str, one: Partnership, cast: Cast
) -> None:
    days, expected = WRONG_DAYS[case]
    with pytest.raises(InvalidInput) as refused:
        record(one, cast, *days)
    assert [(one.code, one.attr) for one in refused.value.problems] == expected
    assert not SalesDay.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_four_hundred_days_are_taken_in_a_few_statements(
    one: Partnership, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    days = [replace(SOUND, day=days_ago(ago)) for ago in range(400)]
    with django_assert_max_num_queries(12):
        assert record(one, cast, *days).added == 400


FILED: list[dict[str, Any]] = [
    {"planned_redemptions": 600},
    {"statements": 6, "statements_overdue": 6},
    {"statements": 0, "statements_overdue": 0},
    {"lifted_campaigns": 2, "segmented_campaigns": 2, "bank_roi": -10_000},
    {"further_products": ["loan", "acquiring"], "joint_plan": False, "merchant_share": 3000},
    {"bank_side": 0, "merchant_side": 1, "customer_side": 2},
    {"further_products": []},
]


def file(one: Partnership, cast: Cast, month: date = TODAY, **values: Any) -> PeriodFigures:
    source = values.pop("source", "卡部月报")
    return figures.file_figures(one.pk, month, values, source=source, by=cast.ann, at=AT)


@pytest.mark.parametrize("values", FILED, ids=str)
def test_figures_are_filed_by_month(values: dict[str, Any], one: Partnership, cast: Cast) -> None:
    row = file(one, cast, **values)
    row.refresh_from_db()
    assert row.month == date(2026, 11, 1)
    for name, value in values.items():
        assert getattr(row, name) == (sorted(value) if isinstance(value, list) else value)
    assert file(one, cast, **values).version == 1, "the same again changes nothing"
    assert TimelineEntry.objects.count() == 1


def test_what_is_not_named_stays_and_none_takes_back(one: Partnership, cast: Cast) -> None:
    file(one, cast, new_cards=3, live_offers=2)
    row = file(one, cast, new_cards=None)
    assert (row.new_cards, row.live_offers, row.version) == (None, 2, 2)


WRONG_FIGURES: dict[str, tuple[dict[str, Any], str]] = {
    "seven statements": ({"statements": 7, "statements_overdue": 0}, "figure_out_of_range"),
    "more overdue than there are": (
        {"statements": 3, "statements_overdue": 4},
        "statements_invalid",
    ),
    "overdue of nothing": ({"statements_overdue": 1}, "statements_invalid"),
    "statements alone": ({"statements": 1}, "statements_invalid"),
    "more than all of them": ({"first_swipe": 10_001}, "figure_out_of_range"),
    "a negative share": ({"merchant_share": -1}, "figure_out_of_range"),
    "segments without campaigns": ({"segmented_campaigns": 1}, "campaigns_invalid"),
    "more segments than campaigns": (
        {"lifted_campaigns": 1, "segmented_campaigns": 2},
        "campaigns_invalid",
    ),
    "an unheard-of return": ({"bank_roi": 10**7 + 1}, "return_out_of_range"),
    "an unknown product": ({"further_products": ["gold"]}, "product_unknown"),
    "three of two": ({"customer_side": 3}, "figure_out_of_range"),
    "no source": ({"source": " "}, "source_required"),
    "a month far ahead": ({"month": date(2027, 1, 1)}, "month_in_future"),
    "a month long ago": ({"month": date(2023, 1, 1)}, "too_long_ago"),
}


@pytest.mark.parametrize("case", WRONG_FIGURES)
def test_wrong_figures_are_refused_and_nothing_is_written(
    case: str, one: Partnership, cast: Cast
) -> None:
    values, code = WRONG_FIGURES[case]
    with pytest.raises(RuleBroken) as refused:
        file(one, cast, **values)
    assert refused.value.code == code
    assert not PeriodFigures.objects.exists()
    assert not TimelineEntry.objects.exists()


@pytest.mark.parametrize(
    ("who", "code"),
    [("bo", "not_found"), ("sam", "not_found"), ("otto", "not_allowed"), ("fay", None)],
)
def test_figures_are_filed_by_who_works_the_merchant_and_by_finance(
    who: str, code: str | None, one: Partnership, cast: Cast
) -> None:
    def attempts() -> list[Callable[[], Any]]:
        by = cast.named(who)
        return [
            lambda: figures.record_sales_days(one.pk, [SOUND], by=by, at=AT),
            lambda: figures.file_figures(
                one.pk, TODAY, {"new_cards": 1}, source="月报", by=by, at=AT
            ),
        ]

    for attempt in attempts():
        if code is None:
            attempt()
            continue
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.code == code


def test_an_unknown_partnership_is_not_found(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        figures.record_sales_days(uuid7(), [SOUND], by=cast.ann, at=AT)
    assert refused.value.code == "not_found"
