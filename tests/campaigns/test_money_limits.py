"""Sums as large as a bank's, ceilings that never raise a budget, pots that drift apart, and card
numbers in places where nobody expects them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain import (
    budget_alerts,
    campaign_money,
    discrepancies,
    funds,
    ledger,
    pausing,
    reconciliation,
    redemption_rows,
    shares,
)
from campaigns.domain.ledger import COMMITTED, CONSUMED
from campaigns.domain.redemption_rows import Fault
from campaigns.models import (
    Account,
    Budget,
    Campaign,
    CampaignStage,
    Discrepancy,
    EntryKind,
    FundingShare,
    Party,
)
from crm.actors import SYSTEM
from crm.errors import DomainError
from crm.ids import uuid7
from tests import factories
from tests.campaigns import redemption_desk, settlement_desk
from tests.campaigns.ledger_desk import counters, fund_of, posted
from tests.campaigns.redemption_desk import event, held, reported, said, spent
from tests.conftest import Cast

AT = factories.AT
BY: dict[str, Any] = {"by": SYSTEM, "at": AT}
MUCH = 10**12
"""Fen: ten billion yuan, far beyond four bytes."""


# --- sums beyond four bytes ----------------------------------------------------------------------


@pytest.mark.django_db
def test_ten_billion_yuan_go_through_a_fund_a_campaign_and_its_redemptions(cast: Cast) -> None:
    fund = funds.open_fund(
        uuid7(),
        name="大基金",
        unit_id=cast.shanghai.pk,
        starts_on=AT.date() - timedelta(days=300),
        ends_on=AT.date() + timedelta(days=300),
        cap_fen=4 * MUCH,
        by=cast.fay,
        at=AT,
    )
    funds.allocate(fund.pk, 3 * MUCH, movement_id=uuid7(), because="年度预算", by=cast.fay, at=AT)
    funds.change_allocation(
        fund.pk, to_fen=4 * MUCH, expected_fen=3 * MUCH, because="追加", by=cast.fay, at=AT
    )
    shop = redemption_desk.running(
        cast,
        fund=fund,
        budget_fen=2 * MUCH,
        terms={"threshold_fen": MUCH, "off_fen": MUCH // 5},
    )
    assert counters(fund.budget) == (4 * MUCH, 0, MUCH, 0)
    yuan = f"{MUCH // 100}.00"
    outcomes = reported(
        cast,
        event("T1", amount=yuan),
        event("T2", amount=yuan),
        event("T3", "authorised", amount=yuan),
        event("T2", "refunded", amount=yuan, occurred_at="2026-11-17 13:00:00"),
    )
    assert said(outcomes) == ["landed"] * 4
    assert spent(shop)[Party.BANK] == held(shop)[Party.BANK] == MUCH // 10
    assert counters(fund.budget) == (4 * MUCH, 0, MUCH - MUCH // 10, MUCH // 10)
    campaign_money.commit(
        shop.again(),
        key="v2",
        parts={"bank": 2 * MUCH, "merchant": 2 * MUCH, "scheme": MUCH, "platform": MUCH},
        **BY,
    )
    assert counters(fund.budget) == (4 * MUCH, 0, 2 * MUCH - MUCH // 10, MUCH // 10)
    reserved = dict.fromkeys(("bank",), 3 * MUCH)
    campaign_money.reserve(shop.again(), key="raise", parts=reserved, **BY)
    assert campaign_money.reserved_for(shop.again()) == MUCH
    campaign_money.unreserve(shop.again(), key="return", because="…", **BY)
    campaign_money.consume(shop.again(), {"bank": MUCH + MUCH // 2}, key="much", **BY)
    assert budget_alerts.tell(at=AT) >= 1
    assert list(pausing.running_low(10)) == [shop.campaign.pk]
    assert campaign_money.left(shop.campaign.pk)["bank"] == 2 * MUCH - 17 * MUCH // 10
    assert reconciliation.reconcile_all(at=AT) == []
    campaign_money.close(shop.again(), key="close", **BY)
    assert counters(fund.budget)[1:] == (0, 0, 16 * MUCH // 10)
    assert reconciliation.reconcile_all(at=AT) == []


@pytest.mark.django_db
def test_a_statement_of_ten_billion_yuan_is_reckoned_to_the_fen(cast: Cast) -> None:
    desk = settlement_desk.Desk(cast)
    for number in range(3):
        desk.used(f"R{number}", amount=MUCH + 1, discount=MUCH // 5 + 1)
    statement = desk.drafted()
    one = shares.split(MUCH // 5 + 1, settlement_desk.WORKED)
    assert (statement.amount_fen, statement.discount_fen) == (3 * MUCH + 3, 3 * (MUCH // 5) + 3)
    assert statement.payable_fen == 3 * (MUCH // 5 + 1 - one[Party.MERCHANT])


# --- ceilings ------------------------------------------------------------------------------------


def with_ceilings(*shares_given: tuple[str, int, int | None, str]) -> Campaign:
    unit = factories.UnitFactory()
    campaign: Campaign = factories.CampaignFactory(
        unit=unit,
        fund=fund_of(unit, allocated=1_000_000),
        budget_fen=100_000,
        shares={party: points for party, points, _ceiling, _fallback in shares_given},
        stage=CampaignStage.DRAFT,
    )
    for party, _points, ceiling, fallback in shares_given:
        FundingShare.objects.filter(campaign=campaign, party=party).update(
            ceiling_fen=ceiling, fallback=fallback
        )
    return campaign


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_shares", "parts"),
    [
        pytest.param(
            (("bank", 6000, 80_000, ""), ("merchant", 4000, None, "")),
            {"bank": 60_000, "merchant": 40_000},
            id="a ceiling above the part raises no budget",
        ),
        pytest.param(
            (("bank", 6000, 50_000, "merchant"), ("merchant", 4000, None, "")),
            {"bank": 50_000, "merchant": 50_000},
            id="what is above a ceiling is given by whom is named",
        ),
        pytest.param(
            (("bank", 6000, 50_000, ""), ("merchant", 4000, None, "")),
            {"bank": 50_000, "merchant": 40_000},
            id="or by nobody",
        ),
    ],
)
def test_pots_never_hold_more_than_the_budget_that_was_approved(
    given_shares: tuple[tuple[str, int, int | None, str], ...], parts: dict[str, int]
) -> None:
    campaign = with_ceilings(*given_shares)
    assert campaign_money.parts_of(campaign) == parts
    campaign_money.commit(campaign, key="approve", **BY)
    assert campaign_money.standing(campaign).total.allocated <= campaign.budget_fen


# --- pots that drift apart -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "source", "account", "fen"),
    [
        pytest.param(EntryKind.COMMIT, Account.AVAILABLE, COMMITTED, 7, id="committed in the fund"),
        pytest.param(EntryKind.CONSUME, Account.AVAILABLE, CONSUMED, 7, id="spent in the fund"),
    ],
)
def test_a_fund_that_holds_another_sum_than_the_banks_pot_is_found(
    cast: Cast, kind: EntryKind, source: Account, account: Account, fen: int
) -> None:
    shop = redemption_desk.running(cast)
    other = redemption_desk.running(cast, mid="898310058120002", fund=shop.fund)
    reported(cast, event())
    assert reconciliation.reconcile_all(at=AT) == []
    posted(kind, shop.fund.budget, fen, source=source, campaign_id=shop.campaign.pk)
    assert campaign_money.drift(shop.again()) == {account: fen}
    assert campaign_money.drift(other.again()) == {}
    bank = Budget.objects.get(campaign=shop.campaign, party=Party.BANK)
    assert reconciliation.reconcile_all(at=AT) == [bank.pk], "each pot agrees with its own entries"
    with pytest.raises(ledger.BudgetFrozen):
        campaign_money.consume(shop.again(), {"bank": 1}, key="one more", **BY)


@pytest.mark.django_db
def test_a_campaign_at_every_point_of_its_life_agrees_with_its_fund(cast: Cast) -> None:
    shop = redemption_desk.running(cast)
    reported(cast, event("T1"), event("T2", "authorised"), event("T3"))
    assert campaign_money.drift(shop.again()) == {}
    reported(cast, event("T1", "refunded", amount="30.00"), event("T2"), event("T3", "reversed"))
    assert campaign_money.drift(shop.again()) == {}
    campaign_money.close(shop.again(), key="close", **BY)
    assert campaign_money.drift(shop.again()) == {}


# --- card numbers --------------------------------------------------------------------------------

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("card_hash", "4111111111111111"),
        ("card_hash", "4111.1111.1111.1111"),
        ("card_hash", "４１１１１１１１１１１１１１１１"),
        ("person_hash", "no 4111111111111111"),
        ("terminal", CARD),
        ("card_product", f"白金 {CARD}"),
        ("cardholder", "4111111111111111"),
        ("amount", "4111111111111111"),
        ("occurred_at", "4111111111111111"),
        ("campaign", "4111-1111-1111-1111"),
        ("mid", "4111111111111111"),
    ],
)
def test_a_card_number_is_kept_in_no_column(column: str, text: str) -> None:
    row = redemption_rows.read(1, event(**{column: text}))
    assert isinstance(row, Fault)
    assert row.code == "card_number"
    assert text not in str(row.raw)
    assert row.raw[column] == redemption_rows.MASKED


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("mid", "898310058120001"),
        ("reference", "4111111111111111"),
        ("occurred_at", "2026-11-17 12:00:00"),
        ("campaign", "01234567-0123-7123-8123-012345678901"),
        ("card_hash", "c0ffee0123456789"),
        ("device_hash", "550e8400-e29b-41d4-4111-111111111111"),
    ],
)
def test_what_is_no_card_number_is_read(column: str, text: str) -> None:
    row = {**event(), column: text}
    assert not isinstance(redemption_rows.read(1, row), Fault)


@given(st.text(alphabet="0123456789 -._/", max_size=40))
def test_looking_for_card_numbers_fails_on_no_text(text: str) -> None:
    assert redemption_rows.has_a_card_number(text) in (True, False)


@pytest.mark.django_db
def test_no_card_number_is_written_into_a_note(cast: Cast) -> None:
    redemption_desk.running(cast)
    reported(cast, event(mid="898310058129999"))
    waiting = Discrepancy.objects.get()
    with pytest.raises(DomainError) as refused:
        discrepancies.dismiss(waiting.pk, note=f"卡号 {CARD}", by=cast.fay, at=AT)
    assert refused.value.code == "card_number"
    assert Discrepancy.objects.get().note == ""
