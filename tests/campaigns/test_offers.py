"""Offers: every mechanic reckons as the table of mechanics says, and never gives away too much."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain import offers
from campaigns.domain.offers import (
    CashBack,
    ImpossibleOffer,
    Instalment,
    Lottery,
    Offer,
    OneYuan,
    Points,
    Prize,
    RateOff,
    ThresholdOff,
)
from campaigns.models import Mechanic

SINGLE = ThresholdOff(threshold_fen=10_000, off_fen=2_000)
EVERY = ThresholdOff(threshold_fen=10_000, off_fen=2_000, every=True, cap_fen=10_000)
HALF = RateOff(rate_off=5_000, cap_fen=2_000)
HAIR = OneYuan(agreed_price_fen=2_500)
BACK = CashBack(rate_back=200, cap_fen=8_000, month_cap_fen=20_000)
POINTS = Points(points=500, unit_cost_fen=4)
PARTS = Instalment(monthly_rate=60, months=12, principal_cap_fen=600_000)
DRAW = Lottery(
    prizes=(Prize(value_fen=88_800, count=1), Prize(value_fen=5_000, count=100)), draws=1_000
)
ALL = (SINGLE, EVERY, HALF, HAIR, BACK, POINTS, PARTS, DRAW)


@pytest.mark.parametrize(
    ("offer", "amount", "benefit"),
    [
        pytest.param(SINGLE, 9_999, 0, id="one fen below 100"),
        pytest.param(SINGLE, 10_000, 2_000, id="100 less 20"),
        pytest.param(SINGLE, 25_000, 2_000, id="250 less 20 once"),
        pytest.param(EVERY, 25_000, 4_000, id="250 less 20 for every 100"),
        pytest.param(EVERY, 99_999, 10_000, id="every 100, capped"),
        pytest.param(HALF, 3_000, 1_500, id="half of 30"),
        pytest.param(HALF, 4_000, 2_000, id="half of 40 is the cap"),
        pytest.param(HALF, 6_000, 2_000, id="half of 60, capped"),
        pytest.param(HALF, 3_001, 1_500, id="half a fen is not given"),
        pytest.param(HAIR, 2_500, 2_400, id="hair washed for one yuan"),
        pytest.param(HAIR, 3_000, 2_400, id="no more than the agreed price"),
        pytest.param(HAIR, 50, 0, id="cheaper than one yuan"),
        pytest.param(BACK, 300_000, 6_000, id="2 % of 3000"),
        pytest.param(BACK, 600_000, 8_000, id="2 % of 6000, capped"),
        pytest.param(POINTS, 5_000, 2_000, id="500 points at 0.04"),
        pytest.param(POINTS, 1_500, 1_500, id="points pay no more than the purchase"),
        pytest.param(PARTS, 600_000, 43_200, id="6000 x 0.60 % x 12"),
        pytest.param(PARTS, 900_000, 43_200, id="no more principal than agreed"),
        pytest.param(DRAW, 100, 588, id="588.80 + 5000 over a thousand draws"),
    ],
)
def test_a_purchase_is_worth_what_the_mechanic_says(
    offer: Offer, amount: int, benefit: int
) -> None:
    assert offer.benefit(amount) == benefit
    assert offer.discount(amount) == (benefit if offer.off_the_bill else 0)


@pytest.mark.parametrize(
    ("offer", "largest"),
    [
        (SINGLE, 2_000),
        (EVERY, 10_000),
        (HALF, 2_000),
        (HAIR, 2_400),
        (BACK, 8_000),
        (CashBack(rate_back=200, cap_fen=8_000, month_cap_fen=5_000), 5_000),
        (POINTS, 2_000),
        (PARTS, 43_200),
        (DRAW, 88_800),
    ],
)
def test_the_largest_that_one_purchase_can_cost_is_known(offer: Offer, largest: int) -> None:
    assert offer.largest_benefit == largest


def test_cash_back_ends_with_the_month() -> None:
    left, paid = 20_000, []
    for amount in (300_000, 600_000, 400_000, 100_000):
        back = BACK.back(amount, month_left_fen=left)
        left -= back
        paid.append(back)
    assert (paid, left) == ([6_000, 8_000, 6_000, 0], 0)
    assert BACK.back(300_000, month_left_fen=None) == 6_000


def test_points_are_earned_and_cost_something() -> None:
    points = offers.points_earned(1_000_000, fen_per_point=2_000)
    assert (points, offers.points_cost(points, unit_cost_fen=4)) == (500, 2_000)


def test_instalments_are_equal_parts_and_say_what_they_would_cost() -> None:
    assert PARTS.parts(600_000) == [50_000] * 12
    assert PARTS.parts(600_005)[:6] == [50_001] * 5 + [50_000]
    assert sum(PARTS.parts(600_005)) == 600_005
    monthly = offers.monthly_irr(600_000, 53_600, 12)
    assert round(monthly * 100, 4) == Decimal("1.0862")
    assert offers.simple_annual_rate(monthly) == Decimal("13.03")
    assert PARTS.without_subsidy() == Decimal("13.03"), "not 7.20"


def test_what_is_given_back_in_full_costs_nothing_and_less_is_no_loan() -> None:
    assert offers.monthly_irr(600_000, 50_000, 12) < Decimal("1E-9")
    with pytest.raises(ValueError):
        offers.monthly_irr(600_000, 49_999, 12)


TERMS: dict[str, dict[str, Any]] = {
    "threshold_off": {"threshold_fen": 10_000, "off_fen": 2_000},
    "rate_off": {"rate_off": 5_000, "cap_fen": 2_000},
    "one_yuan": {"agreed_price_fen": 2_500},
    "cash_back": {"rate_back": 200, "cap_fen": 8_000},
    "points": {"points": 500, "unit_cost_fen": 4},
    "instalment": {"monthly_rate": 60, "months": 12, "principal_cap_fen": 600_000},
    "lottery": {"prizes": [{"value_fen": 88_800, "count": 1}], "draws": 1_000},
}


def test_every_mechanic_on_the_screen_can_be_reckoned() -> None:
    assert set(offers.MECHANICS) == set(Mechanic.values) == set(TERMS)


@pytest.mark.parametrize("offer", ALL, ids=lambda offer: offer.mechanic)
def test_what_is_stored_is_read_back(offer: Offer) -> None:
    assert offers.read(offer.mechanic, offers.terms_of(offer)) == offer


@pytest.mark.parametrize(
    ("mechanic", "change", "code", "term"),
    [
        ("threshold_off", {"off_fen": 20.5}, "term_not_a_number", "off_fen"),
        ("threshold_off", {"off_fen": "2000"}, "term_not_a_number", "off_fen"),
        ("threshold_off", {"off_fen": True}, "term_not_a_number", "off_fen"),
        ("threshold_off", {"off_fen": -1}, "term_below_zero", "off_fen"),
        ("threshold_off", {"off_fen": 0}, "term_not_above_zero", "off_fen"),
        ("threshold_off", {"off_fen": None}, "term_required", "off_fen"),
        ("threshold_off", {"threshold_fen": None}, "term_required", "threshold_fen"),
        ("threshold_off", {"off_fen": 10_001}, "off_above_threshold", "off_fen"),
        ("threshold_off", {"every": True}, "cap_required", "cap_fen"),
        ("threshold_off", {"every": 1}, "term_not_a_number", "every"),
        ("threshold_off", {"off": 5}, "term_unknown", "off"),
        ("threshold_off", {"off_fen": 10**13 + 1}, "term_too_large", "off_fen"),
        ("rate_off", {"rate_off": 10_001}, "rate_above_whole", "rate_off"),
        ("rate_off", {"cap_fen": None}, "term_required", "cap_fen"),
        ("one_yuan", {"agreed_price_fen": 100}, "price_not_above_one_yuan", "agreed_price_fen"),
        ("one_yuan", {"threshold_fen": 2_501}, "threshold_above_price", "threshold_fen"),
        ("cash_back", {"rate_back": 10_001}, "rate_above_whole", "rate_back"),
        ("instalment", {"months": 61}, "too_many_months", "months"),
        ("instalment", {"monthly_rate": 1_001}, "monthly_rate_too_high", "monthly_rate"),
        ("instalment", {"threshold_fen": 600_001}, "threshold_above_principal", "threshold_fen"),
        ("lottery", {"prizes": []}, "term_required", "prizes"),
        ("lottery", {"prizes": [5]}, "term_not_a_number", "prizes"),
        ("lottery", {"prizes": [{"value_fen": 5.5, "count": 1}]}, "term_not_a_number", "prizes"),
        ("lottery", {"draws": 0}, "term_not_above_zero", "draws"),
        (
            "lottery",
            {"prizes": [{"value_fen": 100, "count": 2}], "draws": 1},
            "more_prizes_than_draws",
            "draws",
        ),
        (
            "lottery",
            {"prizes": [{"value_fen": 5_000_001, "count": 1}]},
            "prize_above_ceiling",
            "prizes",
        ),
    ],
)
def test_numbers_that_make_no_offer_say_which_and_why(
    mechanic: str, change: dict[str, Any], code: str, term: str
) -> None:
    offers.read(mechanic, TERMS[mechanic])
    with pytest.raises(ImpossibleOffer) as refused:
        offers.read(mechanic, {**TERMS[mechanic], **change})
    assert [(flaw.code, flaw.term) for flaw in refused.value.flaws] == [(code, term)]


def test_the_law_allows_a_prize_of_fifty_thousand_yuan_and_a_mechanic_must_be_known() -> None:
    highest = {"prizes": [{"value_fen": 5_000_000, "count": 1}], "draws": 10}
    assert offers.read("lottery", highest).largest_benefit == offers.LEGAL_PRIZE_CEILING_FEN
    with pytest.raises(ImpossibleOffer) as refused:
        offers.read("gift", {})
    assert refused.value.flaws[0].code == "mechanic_unknown"


fen = st.integers(1, 10**7)
some_offer = st.one_of(
    st.builds(
        lambda threshold, off, every, cap: ThresholdOff(
            threshold_fen=max(threshold, off), off_fen=off, every=every, cap_fen=cap
        ),
        fen,
        fen,
        st.booleans(),
        fen,
    ),
    st.builds(
        RateOff, rate_off=st.integers(1, 10_000), cap_fen=fen, threshold_fen=st.integers(0, 10**6)
    ),
    st.builds(OneYuan, agreed_price_fen=st.integers(101, 10**6)),
    st.builds(CashBack, rate_back=st.integers(1, 10_000), cap_fen=fen, month_cap_fen=fen),
    st.builds(Points, points=st.integers(1, 10**5), unit_cost_fen=st.integers(1, 100)),
    st.builds(
        Instalment,
        monthly_rate=st.integers(1, 1_000),
        months=st.integers(1, 60),
        principal_cap_fen=fen,
    ),
)


@given(offer=some_offer, amount=st.integers(0, 10**9))
def test_nothing_is_given_that_is_negative_above_the_purchase_or_above_the_cap(
    offer: Offer, amount: int
) -> None:
    benefit, discount = offer.benefit(amount), offer.discount(amount)
    assert 0 <= benefit <= offer.largest_benefit
    assert 0 <= discount <= amount
    if amount < offer.threshold_fen:
        assert benefit == 0


@given(offer=some_offer)
def test_the_example_shows_the_offer_at_work(offer: Offer) -> None:
    if offer.flaws() == [] and offer.largest_benefit > 0:
        assert offer.benefit(offer.example_amount) > 0
        assert offers.read(offer.mechanic, asdict(offer)) == offer


def test_a_purchase_below_zero_is_none() -> None:
    with pytest.raises(ValueError):
        SINGLE.benefit(-1)
