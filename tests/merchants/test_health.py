"""The health score: the worked number, and every edge of every part."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.domain import health
from merchants.domain.health import Facts, Part
from merchants.models.partnership_numbers import ALARMING_HEALTH, RECOVERED_HEALTH

WORKED = Facts(
    active_days=8,
    sales_fen=9_000_000,
    previous_fen=10_000_000,
    redemptions=450,
    planned_redemptions=Decimal(600),
    statements=6,
    statements_overdue=1,
    contacts=1,
)
POINTS = {
    Part.ACTIVITY: "24.0",
    Part.TREND: "9.0",
    Part.TARGET: "15.0",
    Part.SETTLEMENT: "12.5",
    Part.ENGAGEMENT: "7.5",
}


def test_the_worked_partnership_has_a_health_of_68() -> None:
    found = health.health(WORKED)
    assert found.score == Decimal("68.0")
    assert {part: str(health.points(part, found)) for part in Part} == POINTS
    assert found.without_data == ()
    assert ALARMING_HEALTH.default <= found.score < RECOVERED_HEALTH.default


def test_the_weights_are_a_whole() -> None:
    assert sum(health.RULES.weights.values()) == 1
    assert set(health.RULES.weights) == set(Part)


ACTIVITY: list[tuple[int | None, Any]] = [
    (None, None), (0, 0), (1, "1/10"), (9, "9/10"), (10, 1), (11, 1), (30, 1),
]  # fmt: skip


@pytest.mark.parametrize(("days", "share"), ACTIVITY)
def test_activity_is_full_at_ten_days(days: int | None, share: Any) -> None:
    assert health.activity(Facts(active_days=days)) == _fraction(share)


TREND: dict[str, tuple[int | None, int | None, Any]] = {
    "a tenth less": (90_000, 100_000, "9/20"),
    "the same": (100, 100, "1/2"),
    "doubled": (200, 100, 1),
    "one fen short of doubled": (199, 100, "199/200"),
    "trebled": (300, 100, 1),
    "stopped": (0, 100, 0),
    "a third, which has no end as a decimal": (1, 3, "1/6"),
    "from nothing": (1, 0, 1),
    "nothing at all": (0, 0, "1/2"),
    "never filed": (None, None, None),
}


@pytest.mark.parametrize("case", TREND)
def test_trend(case: str) -> None:
    now, before, share = TREND[case]
    assert health.trend(Facts(sales_fen=now, previous_fen=before)) == _fraction(share)


TARGET: dict[str, tuple[int | None, str | None, Any]] = {
    "three quarters": (450, "600", "3/4"),
    "exactly": (600, "600", 1),
    "beyond": (601, "600", 1),
    "none of them": (0, "600", 0),
    "part of a month's plan": (31, "62.5", "62/125"),
    "no plan": (450, None, None),
    "a plan of none": (450, "0", None),
    "never filed": (None, "600", None),
}


@pytest.mark.parametrize("case", TARGET)
def test_target(case: str) -> None:
    redeemed, planned, share = TARGET[case]
    facts = Facts(
        redemptions=redeemed,
        planned_redemptions=None if planned is None else Decimal(planned),
    )
    assert health.target(facts) == _fraction(share)


@pytest.mark.parametrize(
    ("statements", "overdue", "share"),
    [(6, 0, 1), (6, 1, "5/6"), (6, 6, 0), (2, 1, "1/2"), (0, 0, None), (None, None, None)],
)
def test_settlement(statements: int | None, overdue: int | None, share: Any) -> None:
    facts = Facts(statements=statements, statements_overdue=overdue)
    assert health.settlement(facts) == _fraction(share)


@pytest.mark.parametrize(("contacts", "share"), [(None, None), (0, 0), (1, "1/2"), (2, 1), (9, 1)])
def test_engagement(contacts: int | None, share: Any) -> None:
    assert health.engagement(Facts(contacts=contacts)) == _fraction(share)


SCORES: dict[str, tuple[Facts, str | None, int]] = {
    "everything": (Facts(30, 2, 1, 9, Decimal(9), 6, 0, 2), "100.0", 0),
    "nothing went well": (Facts(0, 0, 1, 0, Decimal(9), 6, 6, 0), "0.0", 0),
    "nothing is known": (Facts(), None, 5),
    # 0.24 + 0.09 + 0.125 + 0.075 = 0.53 of the 0.80 that are left: 66.25, half-up 66.3.
    "without a plan": (
        Facts(8, 90_000, 100_000, 450, None, 6, 1, 1),
        "66.3",
        1,
    ),
    # 0.15 + 0.15 of the weight: too little to say anything.
    "contacts and statements alone": (
        Facts(statements=6, statements_overdue=6, contacts=0),
        None,
        3,
    ),
    # 24 + 9 of 50.
    "sales alone": (Facts(8, 90_000, 100_000), "66.0", 3),
    # 30 + 10 + 0 + 10 + 7.5.
    "under the alarm": (Facts(10, 100, 100, 0, Decimal(9), 6, 2, 1), "57.5", 0),
}


@pytest.mark.parametrize("case", SCORES)
def test_a_part_without_data_leaves_its_weight_to_the_others(case: str) -> None:
    facts, score, without = SCORES[case]
    found = health.health(facts)
    assert found.score == (None if score is None else Decimal(score))
    assert len(found.without_data) == without


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(6625, 100), "66.3"),
        (Fraction(66249, 1000), "66.2"),
        (Fraction(599499999, 10000000), "59.9"),
        (Fraction(5995, 100), "60.0"),
        (Fraction(2, 3), "0.7"),
        (Fraction(0), "0.0"),
        (Fraction(100), "100.0"),
    ],
)
def test_a_half_goes_up(value: Fraction, rounded: str) -> None:
    assert str(health.rounded(value, 1)) == rounded


_COUNTS = st.none() | st.integers(0, 10**12)


@given(
    st.builds(
        Facts,
        active_days=st.none() | st.integers(0, 30),
        sales_fen=_COUNTS,
        previous_fen=_COUNTS,
        redemptions=_COUNTS,
        planned_redemptions=st.none() | st.decimals(0, 10**9, places=2),
        statements=st.none() | st.integers(0, 6),
        statements_overdue=st.none() | st.integers(0, 6),
        contacts=st.none() | st.integers(0, 1000),
    )
)
def test_health_is_always_between_0_and_100(facts: Facts) -> None:
    found = health.health(facts)
    assert found.score is None or 0 <= found.score <= 100
    missing = sum(health.RULES.weights[part] for part in found.without_data)
    assert (found.score is None) == (missing > Decimal("0.50"))
    weights = sum(health.weight(part, found) for part in Part)
    assert weights == (0 if len(found.without_data) == len(Part) else 1)


def _fraction(share: Any) -> Fraction | None:
    return None if share is None else Fraction(share)
