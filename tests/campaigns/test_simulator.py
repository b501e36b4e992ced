"""The simulator: what the customer pays, who pays which part, where the money goes, or why not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.domain import simulating
from campaigns.domain.eligibility import Used
from campaigns.models import RefusalCode
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.models import SpecialDay, User
from merchants.models import MerchantCategory
from tests import factories
from tests.api import Phone
from tests.campaigns.offer_desk import merchant_of, offered
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
type SignedIn = Callable[[User], Client]


def tried(cast: Cast, at: datetime, amount_fen: int = 10_000, **facts: Any) -> Any:
    said = facts.pop("said", {})
    campaign = offered(cast, **said)
    return simulating.simulate(campaign.pk, amount_fen=amount_fen, by=cast.pia, at=at, **facts)


def flows(made: simulating.Simulation) -> list[tuple[str, str, int]]:
    return [(one.payer, one.payee, one.fen) for one in made.transfers]


def test_a_hundred_less_twenty_brings_the_merchant_93_52(cast: Cast, at: datetime) -> None:
    made = tried(cast, at, merchant_rate=6_000)
    assert made.refusal is None
    assert made.flow.parts == {"bank": 1_000, "merchant": 600, "scheme": 300, "platform": 100}
    assert (made.flow.customer_pays, made.flow.merchant_receivable) == (8_000, 9_400)
    assert (made.flow.claim_on_funders, made.flow.merchant_receives) == (1_400, 9_352)
    assert flows(made) == [
        ("customer", "merchant", 8_000),
        ("bank", "merchant", 1_000),
        ("scheme", "merchant", 300),
        ("platform", "merchant", 100),
        ("merchant", "acquirer", 48),
    ]
    came = sum(fen for _payer, payee, fen in flows(made) if payee == "merchant")
    went = sum(fen for payer, _payee, fen in flows(made) if payer == "merchant")
    assert came - went == made.flow.merchant_receives


@pytest.mark.parametrize(
    ("shares", "receives"),
    [
        pytest.param({"bank": 10_000}, 10_000, id="paid by others, the merchant gets all"),
        pytest.param({"merchant": 10_000}, 8_000, id="paid by the merchant, what is paid"),
    ],
)
def test_the_merchant_gets_all_but_its_own_part(
    cast: Cast, at: datetime, shares: dict[str, int], receives: int
) -> None:
    assert tried(cast, at, said={"shares": shares}).flow.merchant_receives == receives


def test_cash_back_goes_to_the_customer_later(cast: Cast, at: datetime) -> None:
    back = {"mechanic": "cash_back", "terms": {"rate_back": 200, "cap_fen": 8_000}}
    made = tried(cast, at, 300_000, said=back | {"shares": {"bank": 10_000}})
    assert (made.flow.customer_pays, made.comes_later_fen) == (300_000, 6_000)
    assert flows(made) == [("customer", "merchant", 300_000), ("bank", "customer", 6_000)]


def test_instalments_show_their_rate_a_year(cast: Cast, at: datetime) -> None:
    parts = {"monthly_rate": 60, "months": 12, "principal_cap_fen": 600_000}
    said = {"mechanic": "instalment", "terms": parts, "shares": {"bank": 4_000, "merchant": 6_000}}
    made = tried(cast, at, 600_000, said=said)
    assert made.flow.discount == 43_200
    assert made.monthly is not None
    assert (made.monthly.months, made.monthly.first_fen) == (12, 50_000)
    assert str(made.monthly.annual_rate) == "0.00"
    assert str(made.monthly.annual_rate_without) == "13.03", "and never 7.2"
    assert flows(made) == [("customer", "merchant", 600_000), ("merchant", "bank", 25_920)]


def test_a_prize_draw_shows_what_the_law_allows(cast: Cast, at: datetime) -> None:
    prizes = [{"value_fen": 5_000_000, "count": 1}, {"value_fen": 5_000, "count": 100}]
    said = {"mechanic": "lottery", "terms": {"prizes": prizes, "draws": 10_000}}
    made = tried(cast, at, prize_fen=5_000, said=said)
    assert made.draw == simulating.Draw(5_000_000, 5_000_000, 5_500_000, 10_000)
    assert (made.flow.discount, made.flow.customer_pays) == (5_000, 10_000)
    said["terms"]["prizes"] = [{"value_fen": 5_000_001, "count": 1}]
    with pytest.raises(InvalidInput) as refused:
        tried(cast, at, said=said)
    assert refused.value.code == "prize_above_ceiling"


def test_holidays_are_those_of_the_banks_calendar(cast: Cast, at: datetime) -> None:
    SpecialDay.objects.create(
        day=at.date(), is_working_day=False, name="…", created_at=at, updated_at=at
    )
    never = tried(cast, at, said={"limits": {"holidays": "never"}})
    assert never.refusal == RefusalCode.WINDOW
    assert tried(cast, at, said={"limits": {"holidays": "only"}}).refusal is None


def test_the_shop_brings_its_merchant_and_its_category(cast: Cast, at: datetime) -> None:
    dining = MerchantCategory.objects.create(
        code="5812", label_en="Restaurants", label_zh="餐厅", category_group="dining"
    )
    mine = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, category=dining)
    campaign = offered(cast, mine, merchant_of(cast), limits={"categories": ["5812"]})
    shop = factories.OutletFactory(merchant=mine)
    made = simulating.simulate(
        campaign.pk, amount_fen=10_000, outlet_id=shop.pk, by=cast.pia, at=at
    )
    assert (made.refusal, made.purchase.merchant_id) == (None, mine.pk)
    assert made.purchase.category == "5812"
    with pytest.raises(InvalidInput) as refused:
        simulating.simulate(campaign.pk, amount_fen=10_000, by=cast.pia, at=at)
    assert refused.value.code == "merchant_missing"
    with pytest.raises(NotFound):
        simulating.simulate(
            campaign.pk,
            amount_fen=10_000,
            outlet_id=factories.OutletFactory().pk,
            by=cast.pia,
            at=at,
        )


def test_a_ceiling_holds_while_no_pot_is_open(cast: Cast, at: datetime) -> None:
    campaign = offered(cast)
    campaign.shares.filter(party="merchant").update(ceiling_fen=599)
    made = simulating.simulate(campaign.pk, amount_fen=10_000, by=cast.pia, at=at)
    assert made.refusal == RefusalCode.PARTY_BUDGET
    campaign.shares.filter(party="merchant").update(fallback="bank")
    made = simulating.simulate(campaign.pk, amount_fen=10_000, by=cast.pia, at=at)
    assert made.flow.parts == {"bank": 1_001, "merchant": 599, "scheme": 300, "platform": 100}


def test_what_was_used_before_counts(cast: Cast, at: datetime) -> None:
    limits = {"uses_per_customer_day": 1}
    made = tried(cast, at, used=Used(customer_day=1), said={"limits": limits})
    assert (made.refusal, str(made.because)) == (
        RefusalCode.CUSTOMER_DAY,
        "The customer has used the offer up for this day.",
    )
    assert (made.flow.discount, made.flow.customer_pays) == (0, 10_000)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"amount_fen": -1}, "below_zero"),
        ({"amount_fen": 10**13 + 1}, "too_large"),
        ({"merchant_rate": 100_001}, "too_large"),
        ({"prize_fen": -1}, "below_zero"),
        ({"card_prefix": "6222601234567890"}, "card_number"),
        ({"card_prefix": "visa"}, "card_number"),
    ],
    ids=lambda value: str(value),
)
def test_what_is_no_purchase_is_refused(
    cast: Cast, at: datetime, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        tried(cast, at, **facts)
    assert refused.value.code == code


def test_without_an_offer_there_is_nothing_to_try(cast: Cast, at: datetime) -> None:
    with pytest.raises(RuleBroken) as refused:
        tried(cast, at, said={"mechanic": "", "terms": {}})
    assert refused.value.code == "offer_missing"


# --- doors ---------------------------------------------------------------------------------------


def test_the_api_answers_in_yuan_and_writes_nothing(cast: Cast) -> None:
    campaign = offered(cast)
    phone = Phone(cast.ann)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = phone.post(
            f"campaigns/{campaign.pk}/simulations/",
            {
                "amount": "100.00",
                "occurred_at": "2026-12-01T18:30:00+08:00",
                "merchant_rate": 6000,
                "used": {"customer_day": 0, "day_amount": "20.00"},
            },
        )
    assert answer.status_code == 200, answer.content
    body = orjson.loads(answer.content)
    assert body["refusal"] is None
    assert (body["customer_pays"], body["merchant_receives"]) == ("80.00", "93.52")
    assert body["parts"][0] == {"party": "bank", "basis_points": 5_000, "amount": "10.00"}
    assert body["transfers"][-1] == {"payer": "merchant", "payee": "acquirer", "amount": "0.48"}
    written = [one["sql"] for one in asked if "campaigns_" in one["sql"]]
    assert written
    assert all(sql.startswith("SELECT") for sql in written)


def test_the_api_says_why_not_in_the_readers_language(cast: Cast) -> None:
    campaign = offered(cast)
    answer = Phone(cast.ann).post(
        f"campaigns/{campaign.pk}/simulations/",
        {"amount": "99.99", "occurred_at": "2026-12-01T18:30:00+08:00"},
    )
    refusal = orjson.loads(answer.content)["refusal"]
    assert refusal == {
        "code": "threshold",
        "detail": "The purchase does not reach what the offer asks for.",
    }


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"amount": "-5.00"}, "amount"),
        ({"amount": 100.5}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"card_prefix": "6222601234567890"}, "card_prefix"),
        ({"used": {"customer_day": -1}}, "used"),
        ({"used": {"customer_year": 1}}, "used"),
        ({"colour": "red"}, "colour"),
        ({"occurred_at": "2026-12-01"}, "occurred_at"),
    ],
    ids=lambda value: str(value),
)
def test_bad_input_is_refused_with_its_field(cast: Cast, change: dict[str, Any], attr: str) -> None:
    campaign = offered(cast)
    answer = Phone(cast.ann).post(
        f"campaigns/{campaign.pk}/simulations/", {"amount": "100.00", **change}
    )
    assert answer.status_code == 400
    assert attr in answer.content.decode()


def test_the_page_shows_what_would_become_of_a_purchase(cast: Cast, signed_in: SignedIn) -> None:
    campaign = offered(cast, limits={"uses_per_customer_day": 1})
    browser = signed_in(cast.pia)
    address = f"/admin/campaigns/campaign/{campaign.pk}/simulate/"
    assert (
        address in browser.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    )
    typed = {
        "amount": "100",
        "occurred_at": "2026-12-01T18:30",
        "place": f"merchant:{campaign.merchants.get().pk}",
        "merchant_rate": "0.6",
    }
    text = browser.post(address, typed).content.decode()
    for said in ("¥80", "¥93.52", "Gets the offer", "Customer → Merchant", "¥10"):
        assert said in text, said
    refused = browser.post(address, {**typed, "customer_day": "1"}).content.decode()
    assert "The customer has used the offer up for this day." in refused
    number = browser.post(address, {**typed, "card_prefix": "6222601234567890"}).content.decode()
    assert "never its number" in number
    assert browser.get(address).status_code == 200


def test_a_stranger_does_not_learn_of_the_campaign(cast: Cast, signed_in: SignedIn) -> None:
    campaign = offered(cast)
    address = f"/admin/campaigns/campaign/{campaign.pk}/simulate/"
    assert signed_in(cast.sam).get(address).status_code == 404


def test_the_moment_is_typed_in_the_persons_own_time(cast: Cast, signed_in: SignedIn) -> None:
    campaign = offered(cast, limits={"opens_at": "18:00", "closes_at": "19:00"})
    typed = {"amount": "100", "place": f"merchant:{campaign.merchants.get().pk}"}
    address = f"/admin/campaigns/campaign/{campaign.pk}/simulate/"
    browser = signed_in(cast.pia)
    within = browser.post(address, {**typed, "occurred_at": "2026-12-01T18:30"})
    assert "Gets the offer" in within.content.decode()
    made = simulating.simulate(
        campaign.pk,
        amount_fen=10_000,
        occurred_at=datetime(2026, 12, 1, 10, 30, tzinfo=UTC),
        by=cast.pia,
        at=datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert made.refusal is None
