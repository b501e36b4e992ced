"""The Johari window as rules: quadrants, every move between them, openness and conversion."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.ids import uuid7
from merchants.domain import insights, johari
from merchants.models import Insight, InsightMove, Merchant, MoveThrough, Quadrant
from merchants.models.quadrants import ACTIONS
from tests import factories
from tests.conftest import Cast

OPEN, HIDDEN, BLIND, UNKNOWN = Quadrant
DISCLOSURE, FEEDBACK, TOGETHER, CORRECTION = MoveThrough

KNOWN = {OPEN: (True, True), HIDDEN: (True, False), BLIND: (False, True), UNKNOWN: (False, False)}
"""Whether the merchant and whether the bank knows."""

MOVES = [
    (OPEN, OPEN, None),
    (OPEN, HIDDEN, CORRECTION),
    (OPEN, BLIND, CORRECTION),
    (OPEN, UNKNOWN, CORRECTION),
    (HIDDEN, OPEN, DISCLOSURE),
    (HIDDEN, HIDDEN, None),
    (HIDDEN, BLIND, CORRECTION),
    (HIDDEN, UNKNOWN, CORRECTION),
    (BLIND, OPEN, FEEDBACK),
    (BLIND, HIDDEN, CORRECTION),
    (BLIND, BLIND, None),
    (BLIND, UNKNOWN, CORRECTION),
    (UNKNOWN, OPEN, TOGETHER),
    (UNKNOWN, HIDDEN, TOGETHER),
    (UNKNOWN, BLIND, TOGETHER),
    (UNKNOWN, UNKNOWN, None),
]
NEEDED: dict[str, Any] = {
    "could_tell": "店长",
    "data_source": "本行收单交易汇总",
    "peers": 12,
    "experiment": "两周小试点",
}


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def written(merchant: Merchant, cast: Cast, quadrant: Quadrant, at: datetime) -> Insight:
    of_merchant, of_bank = KNOWN[quadrant]
    return insights.record(
        uuid7(),
        merchant.pk,
        kind="fact",
        statement="周末停车难",
        known_to_merchant=of_merchant,
        known_to_bank=of_bank,
        is_hypothesis=quadrant == UNKNOWN,
        by=cast.ann,
        at=at,
        **NEEDED,
    )


def moved(insight: Insight, to: Quadrant, cast: Cast, at: datetime) -> Insight:
    if (insight.quadrant, to) == (BLIND, OPEN):
        return insights.share(insight.pk, names_no_other_merchant=True, by=cast.ann, at=at)
    of_merchant, of_bank = KNOWN[to]
    changes = {"known_to_merchant": of_merchant, "known_to_bank": of_bank}
    if to == UNKNOWN:
        changes["is_hypothesis"] = True
    return insights.change(insight.pk, changes, because="记错了", by=cast.ann, at=at)


@pytest.mark.parametrize("quadrant", Quadrant)
def test_the_quadrant_follows_from_who_knows(quadrant: Quadrant) -> None:
    of_merchant, of_bank = KNOWN[quadrant]
    assert johari.quadrant(known_to_merchant=of_merchant, known_to_bank=of_bank) == quadrant
    assert johari.knowledge(quadrant) == (of_merchant, of_bank)
    assert ACTIONS[quadrant]


@pytest.mark.django_db
@pytest.mark.parametrize("quadrant", Quadrant)
def test_the_database_computes_the_same_quadrant(
    quadrant: Quadrant, merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = written(merchant, cast, quadrant, at)
    insight.refresh_from_db()
    assert insight.quadrant == quadrant
    assert insight.known_to_merchant_on == (at.date() if KNOWN[quadrant][0] else None)
    assert insight.known_to_bank_on == (at.date() if KNOWN[quadrant][1] else None)


def test_every_pair_of_quadrants_is_in_the_table() -> None:
    assert {(left, to) for left, to, _through in MOVES} == {
        (left, to) for left in Quadrant for to in Quadrant
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("left", "to", "through"), MOVES)
def test_a_moves_name_follows_from_where_it_comes_from_and_goes(
    left: Quadrant,
    to: Quadrant,
    through: MoveThrough | None,
    merchant: Merchant,
    cast: Cast,
    at: datetime,
) -> None:
    assert johari.through(left, to) == through
    insight = written(merchant, cast, left, at)
    later = at + timedelta(days=1)
    insight = moved(insight, to, cast, later)
    assert insight.quadrant == to
    moves = list(InsightMove.objects.filter(insight=insight).order_by("at"))
    assert [(one.from_quadrant, one.to_quadrant, one.through) for one in moves] == [
        ("", left, ""),
        *([(left, to, through)] if through else []),
    ]
    if through:
        assert (moves[-1].at, moves[-1].actor) == (later, cast.ann)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (6, 15, "40.00"),
        (3, 9, "33.33"),
        (0, 4, "0.00"),
        (4, 4, "100.00"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (1, 1600, "0.06"),
        (0, 0, None),
    ],
)
def test_percentages_round_half_up_and_nothing_divided_by_nothing_is_no_data(
    part: int, whole: int, expected: str | None
) -> None:
    assert johari.percentage(part, whole) == (Decimal(expected) if expected else None)


def test_six_of_fifteen_open_are_forty_per_cent() -> None:
    counts = {OPEN: 6, HIDDEN: 4, BLIND: 3, UNKNOWN: 2}
    assert johari.Window(counts, 0, 0).openness == Decimal("40.00")
    assert johari.Window({}, 0, 0).openness is None


@pytest.mark.django_db
def test_the_worked_example_of_openness_and_conversion(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    """Nine were not open when November began and three of them are open now: 33.33 %."""
    before = at - timedelta(days=40)
    start = datetime(2026, 10, 31, 16, tzinfo=UTC)
    waiting = [
        written(merchant, cast, one, before)
        for one in (HIDDEN, HIDDEN, HIDDEN, HIDDEN, BLIND, BLIND, BLIND, UNKNOWN, UNKNOWN)
    ]
    for _ in range(3):
        written(merchant, cast, OPEN, before)
    within = start + timedelta(days=3)
    moved(waiting[0], OPEN, cast, within)
    moved(waiting[4], OPEN, cast, within)
    moved(waiting[7], OPEN, cast, within)
    # What is written down within the period was no work waiting at its start.
    for one in (HIDDEN, HIDDEN, BLIND):
        written(merchant, cast, one, within)
    # Opened and taken back is not opened; moved to another dark quadrant neither.
    taken_back = moved(waiting[1], OPEN, cast, within)
    moved(taken_back, HIDDEN, cast, within + timedelta(hours=1))
    moved(waiting[8], BLIND, cast, within)
    window = insights.window(Insight.objects.all(), start=start, end=at)
    assert (window.counts[OPEN], window.total) == (6, 15)
    assert window.openness == Decimal("40.00")
    assert (window.opened, window.closed_at_start) == (3, 9)
    assert window.conversion == Decimal("33.33")


@pytest.mark.django_db
def test_a_merchant_of_whom_nothing_is_known_has_no_figures(
    merchant: Merchant, at: datetime
) -> None:
    rows = Insight.objects.filter(merchant=merchant)
    window = insights.window(rows, start=at - timedelta(days=30), end=at)
    assert (window.openness, window.conversion, window.total) == (None, None, 0)


@pytest.mark.django_db
def test_what_opened_before_the_period_does_not_count_in_it(
    merchant: Merchant, cast: Cast, at: datetime
) -> None:
    insight = written(merchant, cast, HIDDEN, at - timedelta(days=40))
    moved(insight, OPEN, cast, at - timedelta(days=35))
    rows = Insight.objects.filter(merchant=merchant)
    window = insights.window(rows, start=at - timedelta(days=30), end=at)
    assert (window.closed_at_start, window.opened, window.conversion) == (0, 0, None)
