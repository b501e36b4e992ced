"""The forecast: the worked campaign, its break-even, and “no data” where there is none."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain.forecasts import Expected, Forecast, forecast

WORKED = Expected(
    redemptions=1_000,
    purchases_without=600,
    ticket_fen=12_000,
    discount_fen=2_000,
    shares={"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500},
    operating_cost_fen=200_000,
    first_swipe_cards=80,
    reactivated_cards=50,
    card_contribution_fen=15_000,
    gross_margin=6_000,
    merchant_rate=6_000,
)


@pytest.fixture
def worked() -> Forecast:
    return forecast(WORKED)


def test_the_bank_of_the_worked_campaign(worked: Forecast) -> None:
    bank = worked.bank
    assert worked.subsidy == 2_000_000
    assert (bank.share, bank.cost) == (1_000_000, 1_200_000)
    assert worked.incremental_purchases == 400
    assert worked.incremental_spend == 4_800_000
    assert bank.net_interchange == 20_040
    assert bank.interchange_only_roi == Decimal("-98.33")
    assert (bank.activations, bank.activation_value) == (130, 1_950_000)
    assert bank.value == 1_970_040
    assert bank.net == 770_040
    assert bank.roi == Decimal("64.17")
    assert bank.cost_per_activation == 9_231
    assert worked.precision == Decimal("40.00")
    assert bank.deadweight == 600_000
    assert bank.break_even_activations == 79


def test_the_merchant_and_the_customer_of_the_worked_campaign(worked: Forecast) -> None:
    merchant = worked.merchant
    assert merchant.gain == 2_880_000
    assert (merchant.share, merchant.fee, merchant.cost) == (600_000, 28_800, 628_800)
    assert merchant.net == 2_251_200
    assert merchant.roi == Decimal("358.02")
    assert worked.customer_benefit == 2_000_000
    assert worked.customer_rate == Decimal("16.67")
    assert worked.return_on_subsidy == Decimal("2.40")
    assert worked.spend_that_pays_back == Decimal("4790.42")
    assert worked.everybody_wins


@pytest.mark.parametrize(("cards", "wins"), [(78, False), (79, True)])
def test_the_break_even_is_where_the_bank_begins_to_win(cards: int, wins: bool) -> None:
    found = forecast(replace(WORKED, first_swipe_cards=cards, reactivated_cards=0))
    assert (found.bank.net > 0) is wins
    assert found.everybody_wins is wins


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"first_swipe_cards": 0, "reactivated_cards": 0}, id="the bank loses"),
        pytest.param({"gross_margin": 100}, id="the merchant loses"),
        pytest.param({"discount_fen": 0}, id="the customer gets nothing"),
        pytest.param({"purchases_without": 1_000}, id="nobody comes because of it"),
    ],
)
def test_all_three_must_win(change: dict[str, int]) -> None:
    assert not forecast(replace(WORKED, **change)).everybody_wins


def test_of_nothing_there_is_no_data() -> None:
    nothing = forecast(
        replace(
            WORKED,
            redemptions=0,
            purchases_without=0,
            operating_cost_fen=0,
            first_swipe_cards=0,
            reactivated_cards=0,
        )
    )
    assert (nothing.precision, nothing.return_on_subsidy, nothing.customer_rate) == (None,) * 3
    assert (nothing.bank.roi, nothing.bank.interchange_only_roi, nothing.merchant.roi) == (
        None,
        None,
        None,
    )
    assert (nothing.bank.cost_per_activation, nothing.bank.break_even_activations) == (None, 0)
    without_value = forecast(replace(WORKED, card_contribution_fen=0))
    assert without_value.bank.break_even_activations is None


def test_fewer_purchases_than_without_are_a_loss_and_all_of_the_subsidy_is_wasted() -> None:
    worse = forecast(replace(WORKED, purchases_without=1_100))
    assert worse.incremental_spend == -1_200_000
    assert worse.bank.net_interchange == -5_010
    assert worse.merchant.gain < 0
    assert worse.bank.deadweight == worse.bank.share


@pytest.mark.parametrize(
    "change",
    [
        {"redemptions": -1},
        {"discount_fen": -1},
        {"discount_fen": 12_001},
        {"gross_margin": -1},
        {"shares": {"bank": 9_999}},
        {"shares": {}},
    ],
)
def test_what_cannot_be_is_not_reckoned(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        forecast(replace(WORKED, **change))  # type: ignore[arg-type]


@given(
    redemptions=st.integers(0, 10**6),
    without=st.integers(0, 10**6),
    ticket=st.integers(1, 10**7),
    part=st.integers(0, 10_000),
    margin=st.integers(0, 10_000),
)
def test_the_sides_are_reckoned_from_the_same_money(
    redemptions: int, without: int, ticket: int, part: int, margin: int
) -> None:
    found = forecast(
        replace(
            WORKED,
            redemptions=redemptions,
            purchases_without=without,
            ticket_fen=ticket,
            discount_fen=ticket * part // 10_000,
            gross_margin=margin,
        )
    )
    assert found.bank.share + found.merchant.share <= found.subsidy == found.customer_benefit
    assert 0 <= found.bank.deadweight <= found.bank.share
    assert found.bank.net == found.bank.value - found.bank.cost
    assert found.merchant.net == found.merchant.gain - found.merchant.cost
