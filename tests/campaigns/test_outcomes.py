"""The outcome: every worked number of the method, and “no data” for what was not filed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain.outcomes import Effect, Groups, Measured, Method, Outcome, effect, reckon

WORKED = Measured(
    redemptions=1_000,
    redeemed_spend=12_000_000,
    subsidy={"bank": 1_000_000, "merchant": 600_000, "scheme": 300_000, "platform": 100_000},
    purchases=Groups(test_before=600, test_after=1_000, control_before=500, control_after=500),
    spend=Groups(),
    operating_cost_fen=200_000,
    first_swipe_cards=80,
    reactivated_cards=50,
    card_contribution_fen=15_000,
    gross_margin=6_000,
    merchant_rate=6_000,
)


@pytest.fixture
def worked() -> Outcome:
    return reckon(WORKED)


def test_a_control_group_tells_what_would_have_come_anyway() -> None:
    found = effect(
        Groups(test_before=10_000, test_after=16_000, control_before=20_000, control_after=22_000)
    )
    assert found == Effect(Method.CONTROL_GROUP, 11_000, 5_000, Decimal("45.45"), 4_000)


def test_before_and_after_alone_overstates_and_is_labelled() -> None:
    found = effect(Groups(test_before=10_000, test_after=16_000))
    assert found == Effect(Method.NO_CONTROL, 10_000, 6_000, Decimal("60.00"), None)


def test_without_a_control_group_days_are_compared_with_as_many_days() -> None:
    found = effect(Groups(test_before=10_000, test_after=16_000, days_before=30, days_after=45))
    assert (found.expected, found.incremental) == (15_000, 1_000)


def test_with_a_control_group_the_length_of_the_periods_cancels_out() -> None:
    groups = Groups(
        test_before=100, test_after=240, control_before=50, control_after=100,
        days_before=30, days_after=60,
    )  # fmt: skip
    found = effect(groups)
    assert (found.expected, found.incremental, found.difference) == (200, 40, None)


@pytest.mark.parametrize(
    ("groups", "method"),
    [
        pytest.param(Groups(test_after=5), Method.NO_DATA, id="nothing before"),
        pytest.param(Groups(test_before=5), Method.NO_DATA, id="nothing after"),
        pytest.param(
            Groups(test_before=5, test_after=5, control_before=0, control_after=9),
            Method.NO_CONTROL,
            id="a control group without sales before",
        ),
        pytest.param(
            Groups(test_before=5, test_after=5, control_before=9),
            Method.NO_CONTROL,
            id="half a control group",
        ),
    ],
)
def test_what_was_not_filed_is_no_data(groups: Groups, method: Method) -> None:
    assert effect(groups).method is method


def test_a_lift_upon_nothing_is_no_data() -> None:
    assert effect(Groups(test_before=0, test_after=7)).lift is None


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param(Groups(test_before=-1, test_after=1), id="below zero"),
        pytest.param(Groups(days_after=0), id="no day"),
    ],
)
def test_impossible_figures_are_refused(groups: Groups) -> None:
    with pytest.raises(ValueError):
        effect(groups)


def test_the_worked_campaign(worked: Outcome) -> None:
    assert worked.method is Method.CONTROL_GROUP
    assert worked.subsidy == 2_000_000
    assert (worked.incremental_purchases, worked.incremental_spend) == (400, 4_800_000)
    assert worked.ticket == 12_000
    assert worked.precision == Decimal("40.00")
    assert worked.customer_rate == Decimal("16.67")
    assert worked.return_on_subsidy == Decimal("2.40")
    assert worked.spend_that_pays_back == Decimal("4790.42")
    assert worked.everybody_wins is True
    assert worked.missing == ()


def test_the_banks_value_stands_in_two_lines(worked: Outcome) -> None:
    line, bank = worked.interchange_line, worked.bank
    assert line is not None
    assert bank is not None
    assert (line.net_interchange, line.cost) == (20_040, 1_200_000)
    assert (line.roi, line.interchange_only_roi) == (Decimal("-98.33"), Decimal("-98.33"))
    assert (bank.activation_value, bank.value, bank.roi) == (
        1_950_000,
        1_970_040,
        Decimal("64.17"),
    )
    assert (bank.cost_per_activation, bank.deadweight) == (9_231, 600_000)
    assert bank.break_even_activations == 79


def test_the_merchants_side_of_the_worked_campaign(worked: Outcome) -> None:
    assert worked.merchant is not None
    assert (worked.merchant.gain, worked.merchant.cost) == (2_880_000, 628_800)
    assert worked.merchant.roi == Decimal("358.02")


def test_spend_that_was_filed_counts_before_purchases_times_ticket() -> None:
    spend = Groups(test_before=9_000_000, test_after=15_000_000)
    found = reckon(replace(WORKED, spend=spend))
    assert (found.incremental_spend, found.method) == (6_000_000, Method.NO_CONTROL)
    assert found.ticket == 15_000


def test_purchases_follow_from_spend_where_only_spend_was_filed() -> None:
    spend = Groups(test_before=7_200_000, test_after=12_000_000)
    found = reckon(replace(WORKED, purchases=Groups(), spend=spend))
    assert (found.incremental_purchases, found.incremental_spend) == (400, 4_800_000)


@pytest.mark.parametrize(
    ("changes", "missing", "unknown"),
    [
        pytest.param({"operating_cost_fen": None}, "operating_cost_fen",
                     ("interchange_line", "bank"), id="operating cost"),
        pytest.param({"first_swipe_cards": None}, "first_swipe_cards", ("bank",), id="new cards"),
        pytest.param({"card_contribution_fen": None}, "card_contribution_fen", ("bank",),
                     id="contribution"),
        pytest.param({"gross_margin": None}, "gross_margin", ("merchant",), id="margin"),
        pytest.param({"purchases": Groups()}, "test_figures",
                     ("interchange_line", "bank", "merchant", "precision", "lift"), id="figures"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_never_zero(
    changes: dict[str, Any], missing: str, unknown: tuple[str, ...]
) -> None:
    found = reckon(replace(WORKED, **changes))
    assert missing in found.missing
    assert {name for name in unknown if getattr(found, name) is not None} == set()
    assert found.everybody_wins is None


def test_a_known_loss_decides_even_if_something_else_is_missing() -> None:
    found = reckon(replace(WORKED, gross_margin=100, operating_cost_fen=None))
    assert found.everybody_wins is False


def test_nothing_redeemed_is_no_data() -> None:
    found = reckon(replace(WORKED, redemptions=0, redeemed_spend=0, subsidy={}))
    assert (found.precision, found.customer_rate, found.spend_that_pays_back) == (None, None, None)
    assert found.customer_wins is None
    assert found.everybody_wins is None


@given(
    before=st.integers(0, 10**9),
    after=st.integers(0, 10**9),
    control=st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)),
)
def test_expected_and_incremental_make_what_came(
    before: int, after: int, control: tuple[int, int]
) -> None:
    found = effect(
        Groups(
            test_before=before,
            test_after=after,
            control_before=control[0],
            control_after=control[1],
        )
    )
    assert found.expected is not None
    assert found.incremental is not None
    assert found.expected + found.incremental == after
