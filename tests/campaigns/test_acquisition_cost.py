"""CAC, payback in its three forms, and the comparison with peers."""

from decimal import Decimal

import pytest

from campaigns.domain import acquisition_cost, peer_comparison


@pytest.mark.parametrize(
    ("customers", "cost"),
    [
        pytest.param(100, 12_000, id="approved"),
        pytest.param(75, 16_000, id="activated"),
        pytest.param(0, None, id="nobody"),
    ],
)
def test_a_new_customer_costs(customers: int, cost: int | None) -> None:
    assert acquisition_cost.per_customer(1_200_000, customers) == cost


def test_simple_payback() -> None:
    assert acquisition_cost.months_simple(16_000, 8_000) == Decimal("2.00")
    assert acquisition_cost.months_simple(16_000, 0) is None


def test_payback_by_revenue_is_shorter_than_by_contribution() -> None:
    by_revenue = acquisition_cost.months_by_revenue(16_000, 16_000)
    assert by_revenue == Decimal("1.00")


@pytest.mark.parametrize(
    ("curve", "months", "missing"),
    [
        pytest.param([6_000, 8_000, 9_000], Decimal("2.22"), 0, id="within the third month"),
        pytest.param([6_000, 10_000], Decimal("2.00"), 0, id="with the last month"),
        pytest.param([6_000, 8_000], None, 2_000, id="not recovered"),
        pytest.param([], None, 16_000, id="no data yet"),
        pytest.param([20_000, -9_000], Decimal("0.80"), 0, id="the first month that reaches it"),
        pytest.param([10_000, -2_000, 8_000], Decimal("3.00"), 0, id="a month that cost money"),
    ],
)
def test_payback_by_curve(curve: list[int], months: Decimal | None, missing: int) -> None:
    found = acquisition_cost.by_curve(16_000, curve)
    assert (found.months, found.still_missing_fen) == (months, missing)
    assert found.recovered is (months is not None)


def test_the_published_figures_agree_with_one_another() -> None:
    found = peer_comparison.payback_from_peers(
        Decimal(3), cost_ratio=Decimal("0.60"), revenue_multiple=Decimal("1.9")
    )
    assert found == Decimal("0.947")


def test_a_comparison_with_nothing_is_no_data() -> None:
    assert peer_comparison.revenue_multiple(Decimal(190), Decimal(100)) == Decimal("1.90")
    assert peer_comparison.cost_ratio(Decimal(60), Decimal(100)) == Decimal("0.60")
    assert peer_comparison.cost_ratio(Decimal(60), Decimal(0)) is None
