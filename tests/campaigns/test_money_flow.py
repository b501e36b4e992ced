"""Shares and fees: where the money of a purchase goes, to the last fen."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain import fees, shares
from campaigns.domain.fees import Fees

FOUR = {"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500}


def test_a_hundred_less_twenty_over_four_parties() -> None:
    flow = shares.flow(10_000, 2_000, FOUR, merchant_rate=6_000)
    assert flow.parts == {"bank": 1_000, "merchant": 600, "scheme": 300, "platform": 100}
    assert (flow.customer_pays, flow.merchant_receivable, flow.claim_on_funders) == (
        8_000,
        9_400,
        1_400,
    )
    assert (flow.merchant_fee, flow.merchant_receives) == (48, 9_352)


def test_the_contract_may_charge_the_rate_on_the_whole_amount() -> None:
    flow = shares.flow(10_000, 2_000, FOUR, merchant_rate=6_000, rate_on_paid=False)
    assert (flow.merchant_fee, flow.merchant_receives) == (60, 9_340)


@pytest.mark.parametrize(
    ("payer", "receives"),
    [
        pytest.param("scheme", 10_000, id="paid by a third party"),
        pytest.param("merchant", 9_000, id="paid by the merchant"),
    ],
)
def test_two_kinds_of_coupons(payer: str, receives: int) -> None:
    flow = shares.flow(10_000, 1_000, {payer: 10_000})
    assert (flow.customer_pays, flow.merchant_receivable) == (9_000, receives)


@pytest.mark.parametrize(("amount", "discount"), [(100, 101), (100, -1)])
def test_a_discount_is_part_of_the_amount(amount: int, discount: int) -> None:
    with pytest.raises(ValueError):
        shares.flow(amount, discount, FOUR)


@pytest.mark.parametrize(
    ("left", "fallback", "parts", "uncovered"),
    [
        pytest.param({}, {}, (1_000, 600, 300, 100), 0, id="no ceilings"),
        pytest.param({"scheme": 120}, {"scheme": "bank"}, (1_180, 600, 120, 100), 0, id="named"),
        pytest.param({"scheme": 120}, {}, (1_000, 600, 120, 100), 180, id="nobody is named"),
        pytest.param(
            {"scheme": 0, "bank": 1_100},
            {"scheme": "bank", "bank": "merchant"},
            (1_100, 800, 0, 100),
            0,
            id="one after the other",
        ),
        pytest.param(
            {"scheme": 0, "platform": 100},
            {"scheme": "platform", "platform": "scheme"},
            (1_000, 600, 0, 100),
            300,
            id="in a circle",
        ),
    ],
)
def test_what_is_above_a_ceiling_goes_to_whom_is_named(
    left: dict[str, int],
    fallback: dict[str, str],
    parts: tuple[int, ...],
    uncovered: int,
) -> None:
    covered = shares.split_within(2_000, FOUR, left=left, fallback=fallback)
    assert tuple(covered.parts.values()) == parts
    assert covered.uncovered == uncovered


PARTIES = ("bank", "merchant", "scheme", "platform", "government")


@st.composite
def some_shares(draw: st.DrawFn) -> dict[str, int]:
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=4)))
    edges = [0, *cuts, 10_000]
    points = [high - low for low, high in pairwise(edges)]
    return dict(zip(PARTIES, points, strict=False))


@given(fen=st.integers(0, 10**12), split=some_shares())
def test_parts_always_sum_and_never_differ_by_a_fen_or_more(
    fen: int, split: dict[str, int]
) -> None:
    assert shares.make_the_whole(split)
    parts = shares.split(fen, split)
    assert sum(parts.values()) == fen
    for party, part in parts.items():
        assert abs(part * 10_000 - fen * split[party]) < 10_000


@given(
    fen=st.integers(0, 10**7),
    split=some_shares(),
    left=st.dictionaries(st.sampled_from(PARTIES), st.integers(0, 10**6)),
    fallback=st.dictionaries(st.sampled_from(PARTIES), st.sampled_from(PARTIES)),
)
def test_ceilings_are_kept_and_nothing_is_lost(
    fen: int, split: dict[str, int], left: dict[str, int], fallback: dict[str, str]
) -> None:
    covered = shares.split_within(fen, split, left=left, fallback=fallback)
    assert sum(covered.parts.values()) + covered.uncovered == fen
    assert all(0 <= part <= left.get(party, fen) for party, part in covered.parts.items())


@given(amount=st.integers(0, 10**9), part=st.integers(0, 10_000), split=some_shares())
def test_all_that_the_merchant_misses_is_its_own_share(
    amount: int, part: int, split: dict[str, int]
) -> None:
    flow = shares.flow(amount, amount * part // 10_000, split)
    assert flow.customer_pays + flow.claim_on_funders == flow.merchant_receivable
    assert flow.customer_pays + sum(flow.parts.values()) == amount


# --- fees ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yuan", "expected"),
    [
        (120, Fees(72, 54, 4, 50, 14, 8)),
        (10_000, Fees(6_000, 4_500, 325, 4_175, 1_175, 650)),
        (20_000, Fees(12_000, 9_000, 325, 8_675, 2_675, 650)),
    ],
)
def test_a_credit_sale_at_sixty_basis_points(yuan: int, expected: Fees) -> None:
    assert fees.of_sale(yuan * 100, merchant_rate=6_000) == expected


def test_debit_cards_are_capped_and_exempt_merchants_pay_the_acquirer_only() -> None:
    assert fees.of_sale(371_429, merchant_rate=6_000, credit=False).issuer_gross == 1_300
    assert fees.of_sale(1_000_000, merchant_rate=6_000, credit=False).issuer_gross == 1_300
    assert fees.of_sale(100_000, merchant_rate=6_000, credit=False).issuer_gross == 350
    assert fees.of_sale(12_000, merchant_rate=1_000, exempt=True) == Fees(12, 0, 0, 0, 12, 0)


def test_the_caps_are_reached_where_the_price_list_says() -> None:
    assert fees.network_cap_reached_at() == 1_000_000
    assert fees.debit_cap_reached_at() == 371_429


def test_twenty_yuan_ask_for_4790_of_card_spend() -> None:
    assert fees.spend_that_pays_back(2_000) == Decimal("4790.42")


@given(amount=st.integers(0, 10**10), rate=st.integers(0, 30_000), credit=st.booleans())
def test_issuer_acquirer_and_scheme_share_the_merchant_discount(
    amount: int, rate: int, credit: bool
) -> None:
    sale = fees.of_sale(amount, merchant_rate=rate, credit=credit)
    assert sale.issuer_net + sale.acquirer_net + sale.scheme == sale.merchant_discount
    assert sale.network_each <= 325
