"""Which purchases get an offer, what they are worth, and who pays: every worked number, and every
refusal in its order."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain import eligibility
from campaigns.domain.campaign_terms import Share
from campaigns.domain.eligibility import Rules, Used, decide
from campaigns.domain.offers import ImpossibleOffer
from campaigns.models import RefusalCode
from tests.campaigns.purchases import (
    FOUR,
    GROUND_FLOOR,
    MALL,
    OTHER,
    ROOF,
    bought,
    some_terms,
)


def decided(purchase: Any = None, used: Used | None = None, **terms: Any) -> eligibility.Decision:
    holidays = terms.pop("public_holidays", frozenset())
    rules = Rules.of(some_terms(**terms), holidays=holidays)
    return decide(rules, purchase or bought(), used or Used())


def offering(mechanic: str, **numbers: Any) -> dict[str, Any]:
    return {"mechanic": mechanic, "terms": numbers}


OFF = offering("threshold_off", threshold_fen=10_000, off_fen=2_000)
EVERY = offering("threshold_off", threshold_fen=10_000, off_fen=2_000, every=True, cap_fen=10_000)
HALF = offering("rate_off", rate_off=5_000, cap_fen=2_000)
WASH = offering("one_yuan", agreed_price_fen=2_500)
BACK = offering("cash_back", rate_back=200, cap_fen=8_000, month_cap_fen=20_000)
POINTS = offering("points", points=500, unit_cost_fen=4)
PARTS = offering("instalment", monthly_rate=60, months=12, principal_cap_fen=600_000)


@pytest.mark.parametrize(
    ("terms", "amount", "discount", "pays"),
    [
        pytest.param(OFF, 9_999, None, 9_999, id="99.99 is below 100"),
        pytest.param(OFF, 10_000, 2_000, 8_000, id="100 less 20"),
        pytest.param(OFF, 25_000, 2_000, 23_000, id="250 less 20 once"),
        pytest.param(EVERY, 25_000, 4_000, 21_000, id="250 less 40 for every hundred"),
        pytest.param(HALF, 3_000, 1_500, 1_500, id="half of 30"),
        pytest.param(HALF, 4_000, 2_000, 2_000, id="half of 40"),
        pytest.param(HALF, 6_000, 2_000, 4_000, id="half of 60, capped"),
        pytest.param(WASH, 2_500, 2_400, 100, id="hair wash for one yuan"),
        pytest.param(WASH, 100, None, 100, id="nothing comes off one yuan"),
        pytest.param(BACK, 300_000, 6_000, 300_000, id="cash back leaves the bill"),
        pytest.param(POINTS, 2_500, 2_000, 500, id="500 points pay 20"),
        pytest.param(PARTS, 600_000, 43_200, 600_000, id="instalments cost 432"),
    ],
)
def test_a_purchase_is_worth_what_the_offer_says(
    terms: dict[str, Any], amount: int, discount: int | None, pays: int
) -> None:
    found = decided(bought(amount), **terms)
    assert found.customer_pays_fen == pays
    assert found.discount_fen == (discount or 0)
    assert found.refusal == (RefusalCode.THRESHOLD if discount is None else None)
    assert sum(found.parts.values()) == found.discount_fen


@pytest.mark.parametrize(
    ("amount", "parts"),
    [(4_000, [1_000, 600, 300, 100]), (3_998, [999, 600, 300, 100]), (3_999, [999, 600, 300, 100])],
    ids=["20.00", "19.99", "19.995 is the funders' 19.99"],
)
def test_the_parties_pay_by_their_shares(amount: int, parts: list[int]) -> None:
    found = decided(bought(amount), **HALF)
    assert list(found.parts.values()) == parts
    assert list(found.parts) == ["bank", "merchant", "scheme", "platform"]


def test_cash_back_stops_at_the_cap_of_the_month() -> None:
    rules, brought, month = Rules.of(some_terms(**BACK)), [], 0
    for amount in (300_000, 600_000, 400_000):
        found = decide(rules, bought(amount), Used(customer_month_fen=month))
        brought.append(found.discount_fen)
        month += found.discount_fen
    assert brought == [6_000, 8_000, 6_000]
    again = decide(rules, bought(300_000), Used(customer_month_fen=month))
    assert (again.refusal, again.discount_fen) == (RefusalCode.CUSTOMER_MONTH, 0)
    both = Rules.of(some_terms(**BACK, limits={"uses_per_customer": 3}))
    third = decide(both, bought(300_000), Used(customer_total=3, customer_month_fen=month))
    assert third.refusal == RefusalCode.CUSTOMER_MONTH, "the month is asked before all the time"


def test_a_prize_that_was_drawn_is_what_the_purchase_costs() -> None:
    draw = offering("lottery", prizes=[{"value_fen": 88_800, "count": 1}], draws=1_000,
                    threshold_fen=5_000)  # fmt: skip
    assert decided(bought(10_000), **draw).discount_fen == 88
    assert decided(bought(10_000, prize_fen=88_800), **draw).discount_fen == 88_800
    nothing = decided(bought(10_000, prize_fen=0), **draw)
    assert (nothing.refusal, nothing.discount_fen) == (None, 0)
    assert decided(bought(10_000, prize_fen=99_999), **draw).discount_fen == 88_800
    assert decided(bought(4_999), **draw).refusal == RefusalCode.THRESHOLD


@pytest.mark.parametrize(
    ("limits", "on", "refused"),
    [
        ({}, (2026, 10, 31, 23, 59), True),
        ({}, (2026, 11, 1, 0, 0), False),
        ({}, (2026, 11, 30, 23, 59), False),
        ({}, (2026, 12, 1, 0, 0), True),
        ({"weekdays": [1, 2]}, (2026, 11, 17), False),
        ({"weekdays": [1, 2]}, (2026, 11, 18), True),
        ({"opens_at": "14:00", "closes_at": "17:30"}, (2026, 11, 18, 13, 59), True),
        ({"opens_at": "14:00", "closes_at": "17:30"}, (2026, 11, 18, 14, 0), False),
        ({"opens_at": "14:00", "closes_at": "17:30"}, (2026, 11, 18, 17, 30, 59), False),
        ({"opens_at": "14:00", "closes_at": "17:30"}, (2026, 11, 18, 17, 31), True),
        ({"blackout_days": ["2026-11-18"]}, (2026, 11, 18), True),
        ({"blackout_days": ["2026-11-18"]}, (2026, 11, 19), False),
        ({"holidays": "never"}, (2026, 11, 18), True),
        ({"holidays": "never"}, (2026, 11, 19), False),
        ({"holidays": "only"}, (2026, 11, 18), False),
        ({"holidays": "only"}, (2026, 11, 19), True),
    ],
    ids=lambda value: str(value),
)
def test_the_offer_holds_in_its_window(
    limits: dict[str, Any], on: tuple[int, ...], refused: bool
) -> None:
    holidays = frozenset({date(2026, 11, 18)})
    found = decided(bought(on=on), limits=limits, public_holidays=holidays)
    assert found.refusal == (RefusalCode.WINDOW if refused else None)


def test_the_day_is_that_of_the_shop_and_not_of_greenwich() -> None:
    at_the_shop = bought()._replace(occurred_at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC))
    assert decided(at_the_shop).refusal is None
    before = at_the_shop._replace(occurred_at=datetime(2026, 10, 31, 15, 59, tzinfo=UTC))
    assert decided(before).refusal == RefusalCode.WINDOW


@pytest.mark.parametrize(
    ("limits", "facts", "refused"),
    [
        ({"card_prefixes": ["622260", "62226199"]}, {"card_prefix": "622260"}, False),
        ({"card_prefixes": ["622260"]}, {"card_prefix": "62226012"}, False),
        ({"card_prefixes": ["62226199"]}, {"card_prefix": "622261"}, True),
        ({"card_prefixes": ["622260"]}, {}, True),
        ({"card_products": ["platinum"]}, {"card_product": "platinum"}, False),
        ({"card_products": ["platinum"]}, {"card_product": "gold"}, True),
        ({"cardholders": "new"}, {"cardholder_is_new": True}, False),
        ({"cardholders": "new"}, {"cardholder_is_new": False}, True),
        ({"cardholders": "new"}, {}, True),
        ({"cardholders": "existing"}, {"cardholder_is_new": False}, False),
        ({"cardholders": "existing"}, {"cardholder_is_new": True}, True),
        ({}, {"card_prefix": "411111"}, False),
    ],
    ids=lambda value: str(value),
)
def test_the_card_is_in_the_offer(
    limits: dict[str, Any], facts: dict[str, Any], refused: bool
) -> None:
    found = decided(bought(**facts), limits=limits)
    assert found.refusal == (RefusalCode.CARD if refused else None)


@pytest.mark.parametrize(
    ("terms", "facts", "refused"),
    [
        ({}, {"merchant_id": OTHER}, True),
        ({"merchant_ids": frozenset({MALL, OTHER})}, {"merchant_id": OTHER}, False),
        ({"outlet_ids": frozenset({GROUND_FLOOR})}, {}, False),
        ({"outlet_ids": frozenset({GROUND_FLOOR})}, {"outlet_id": ROOF}, True),
        ({"outlet_ids": frozenset({GROUND_FLOOR})}, {"outlet_id": None}, True),
        ({}, {"outlet_id": None}, False),
        ({"limits": {"categories": ["5812"]}}, {"category": "5812"}, False),
        ({"limits": {"categories": ["5812"]}}, {"category": "5411"}, True),
        ({"limits": {"categories": ["5812"]}}, {}, True),
    ],
    ids=lambda value: str(value)[:50],
)
def test_the_shop_is_in_the_offer(
    terms: dict[str, Any], facts: dict[str, Any], refused: bool
) -> None:
    assert decided(bought(**facts), **terms).refusal == (RefusalCode.STORE if refused else None)


CAPS = [
    ("uses_per_customer_day", "customer_day", RefusalCode.CUSTOMER_DAY),
    ("uses_per_customer_week", "customer_week", RefusalCode.CUSTOMER_WEEK),
    ("uses_per_customer_month", "customer_month", RefusalCode.CUSTOMER_MONTH),
    ("uses_per_customer", "customer_total", RefusalCode.CUSTOMER_TOTAL),
    ("uses_per_store_day", "store_day", RefusalCode.DAY_QUOTA),
    ("uses_per_day", "campaign_day", RefusalCode.DAY_QUOTA),
    ("uses_in_total", "campaign_total", RefusalCode.TOTAL_QUOTA),
]


@pytest.mark.parametrize(("limit", "counter", "code"), CAPS)
def test_the_last_use_counts_and_the_next_does_not(
    limit: str, counter: str, code: RefusalCode
) -> None:
    assert decided(used=Used(**{counter: 1}), limits={limit: 2}).refusal is None
    assert decided(used=Used(**{counter: 2}), limits={limit: 2}).refusal == code
    assert decided(used=Used(**{counter: 10**6})).refusal is None, "no limit, no refusal"


def test_a_budget_is_spent_to_the_last_fen_and_not_beyond() -> None:
    day = {"day_budget_fen": 10_000}
    assert decided(used=Used(day_fen=8_000), limits=day).refusal is None
    assert decided(used=Used(day_fen=8_001), limits=day).refusal == RefusalCode.DAY_BUDGET
    assert decided(used=Used(total_fen=998_000)).refusal is None
    assert decided(used=Used(total_fen=998_001)).refusal == RefusalCode.TOTAL_BUDGET


def test_a_party_without_money_is_stood_in_for_or_the_purchase_is_refused() -> None:
    poor = Used(left={"merchant": 500, "bank": 10_000})
    assert decided(used=poor).refusal == RefusalCode.PARTY_BUDGET
    helped = (FOUR[0], Share("merchant", 3_000, fallback="bank"), *FOUR[2:])
    found = decided(used=poor, shares=helped)
    assert found.parts == {"bank": 1_100, "merchant": 500, "scheme": 300, "platform": 100}
    spent = Used(left={"merchant": 500, "bank": 1_099})
    assert decided(used=spent, shares=helped).refusal == RefusalCode.PARTY_BUDGET


ORDER: list[tuple[RefusalCode, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (RefusalCode.WINDOW, {"ends_on": date(2026, 11, 17)}, {}, {}),
    (RefusalCode.CARD, {"card_prefixes": ["999999"]}, {}, {}),
    (RefusalCode.STORE, {"categories": ["1234"]}, {}, {}),
    (RefusalCode.THRESHOLD, {}, {"amount_fen": 9_999}, {}),
    (RefusalCode.CUSTOMER_DAY, {"uses_per_customer_day": 1}, {}, {"customer_day": 1}),
    (RefusalCode.CUSTOMER_WEEK, {"uses_per_customer_week": 1}, {}, {"customer_week": 1}),
    (RefusalCode.CUSTOMER_MONTH, {"uses_per_customer_month": 1}, {}, {"customer_month": 1}),
    (RefusalCode.CUSTOMER_TOTAL, {"uses_per_customer": 1}, {}, {"customer_total": 1}),
    (RefusalCode.DAY_QUOTA, {"uses_per_day": 1}, {}, {"campaign_day": 1}),
    (RefusalCode.TOTAL_QUOTA, {"uses_in_total": 1}, {}, {"campaign_total": 1}),
    (RefusalCode.DAY_BUDGET, {"day_budget_fen": 1}, {}, {}),
    (RefusalCode.TOTAL_BUDGET, {}, {}, {"total_fen": 10**9}),
    (RefusalCode.PARTY_BUDGET, {}, {}, {"left": {"bank": 0}}),
]


def test_there_is_a_case_for_every_code_in_its_order() -> None:
    assert [code for code, *_rest in ORDER] == list(RefusalCode)


@pytest.mark.parametrize("first", range(len(ORDER)), ids=lambda place: str(ORDER[place][0]))
def test_of_all_that_fails_the_first_is_kept(first: int) -> None:
    terms: dict[str, Any] = {"limits": {}}
    facts: dict[str, Any] = {}
    used: dict[str, Any] = {}
    for code, limits, given_facts, given_used in ORDER[first:]:
        if code == RefusalCode.WINDOW:
            terms |= limits
        else:
            terms["limits"] |= limits
        facts |= given_facts
        used |= given_used
    found = decided(bought(**facts), Used(**used), **terms)
    assert found.refusal == ORDER[first][0]
    assert (found.discount_fen, found.parts) == (0, {})


def test_terms_without_an_offer_decide_nothing() -> None:
    with pytest.raises(ImpossibleOffer):
        Rules.of(some_terms(mechanic="", terms={}))
    with pytest.raises(ValueError, match="uses_per_day"):
        Rules.of(some_terms(limits={"uses_per_day": 0}))


SHARES = st.lists(st.integers(1, 10_000), min_size=1, max_size=5).map(
    lambda weights: tuple(
        Share(party, share)
        for party, share in zip(
            ("bank", "merchant", "scheme", "platform", "government"),
            _made_whole(weights),
            strict=False,
        )
        if share
    )
)


def _made_whole(weights: list[int]) -> list[int]:
    cut = [weight * 10_000 // sum(weights) for weight in weights]
    return [cut[0] + 10_000 - sum(cut), *cut[1:]]


@given(
    shares=SHARES,
    amount=st.integers(0, 10**9),
    rate=st.integers(1, 10_000),
    left=st.dictionaries(st.sampled_from(["bank", "merchant", "scheme"]), st.integers(0, 10**6)),
    stands_in=st.sampled_from(["", "bank", "merchant"]),
)
def test_parts_always_make_the_discount_and_nobody_pays_more_than_it_has(
    shares: tuple[Share, ...], amount: int, rate: int, left: dict[str, int], stands_in: str
) -> None:
    parties = {share.party for share in shares}
    standing_in = stands_in if stands_in in parties else ""
    helped = tuple(
        Share(one.party, one.basis_points, None, "" if one.party == standing_in else standing_in)
        for one in shares
    )
    terms = some_terms(
        budget_fen=10**12, shares=helped, **offering("rate_off", rate_off=rate, cap_fen=10**7)
    )
    found = decide(Rules.of(terms), bought(amount), Used(left=left))
    assert sum(found.parts.values()) == found.discount_fen
    assert found.customer_pays_fen == amount - found.discount_fen >= 0
    assert all(0 <= part <= left.get(party, part) for party, part in found.parts.items())
    if found.refusal is None:
        assert found.discount_fen == min(amount * rate // 10_000, 10**7)
