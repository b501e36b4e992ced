"""What happens to money around the end: claims that wait keep it, and what comes back late goes
home at once, whatever the stage says."""

from datetime import date, datetime, timedelta

import pytest

from campaigns.domain import (
    campaign_money,
    campaign_ticking,
    claim_decisions,
    claims,
    funds,
    reconciliation,
    reservations,
    running,
)
from campaigns.models import Budget, Campaign, CampaignStage, Claim, Party, RedemptionState
from crm.errors import DomainError, StageNotReachable
from tests import factories
from tests.campaigns import outcome_desk, redemption_desk
from tests.campaigns.ledger_desk import counters
from tests.campaigns.redemption_desk import event, held, reported, said, spent, the
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

AT = factories.AT
ENDED = date(2026, 11, 18)


def over(shop: redemption_desk.Shop) -> datetime:
    """Its last day was today; the moment after which no claim may come any more."""
    Campaign.objects.filter(pk=shop.campaign.pk).update(stage=CampaignStage.ENDED, ended_on=ENDED)
    return AT + timedelta(days=shop.campaign.claim_days + 1)


def in_fund(shop: redemption_desk.Shop) -> tuple[int, ...]:
    return counters(shop.fund.budget)


def test_a_refund_after_the_money_went_home_follows_it_before_the_campaign_is_closed(
    cast: Cast,
) -> None:
    shop = redemption_desk.running(cast)
    reported(cast, event())
    later = over(shop)
    assert campaign_ticking.return_due_money(at=later) == 1
    assert in_fund(shop) == (10_000_000, 0, 0, 1_000)
    refund = event(kind="refunded", amount="100.00", occurred_at="2026-11-19 12:00:00")
    assert said(reported(cast, refund, at=later)) == ["landed"]
    assert in_fund(shop) == (10_000_000, 0, 0, 0)
    assert campaign_money.standing(shop.again()).total.available == 0


def test_a_claim_taken_back_after_the_money_went_home_follows_it(cast: Cast) -> None:
    campaign = outcome_desk.ended(cast)
    claim = outcome_desk.paid(cast, campaign)
    assert campaign_ticking.return_due_money(at=AT + timedelta(days=60)) == 1
    later = AT + timedelta(days=61)
    claim_decisions.claw_back(claim.pk, because="重复报销", by=cast.fay, at=later)
    assert counters(Budget.objects.get(fund=campaign.fund)) == (10_000_000, 0, 0, 0)
    assert campaign_money.standing(campaign).total.available == 0


def test_what_was_held_for_a_purchase_is_let_go_once_though_the_money_went_home(
    cast: Cast,
) -> None:
    shop = redemption_desk.running(cast)
    reported(cast, event("T1", "authorised"), event("T2", "authorised"), event("T3"))
    assert held(shop)[Party.BANK] == 2_000
    later = over(shop)
    campaign_ticking.return_due_money(at=later)
    assert held(shop)[Party.BANK] == 0
    gone = event("T1", "reversed", occurred_at="2026-11-17 13:00:00")
    back = event("T3", "refunded", occurred_at="2026-11-19 13:00:00")
    assert said(reported(cast, gone, back, at=later)) == ["landed", "landed"]
    assert the("T1").state == RedemptionState.RELEASED
    assert spent(shop)[Party.BANK] == 0
    much_later = later + timedelta(days=60)
    reservations.sweep(at=much_later)
    assert the("T2").state == RedemptionState.EXPIRED
    assert reservations.campaigns_with_expired(much_later) == []
    assert in_fund(shop) == (10_000_000, 0, 0, 0)


def test_a_claim_that_came_in_time_keeps_the_money_until_it_is_decided(cast: Cast) -> None:
    campaign = outcome_desk.ended(cast)
    claim = outcome_desk.submitted(cast, campaign)
    later = claims.deadline_of(campaign) + timedelta(days=3)
    at = AT.replace(year=later.year, month=later.month, day=later.day)
    assert campaign_ticking.return_due_money(at=at) == 0
    claim_decisions.approve(claim.pk, by=cast.fay, at=at)
    assert campaign_ticking.return_due_money(at=at) == 1
    assert campaign_money.standing(campaign).total.consumed == 320_000


def test_an_extended_claim_keeps_the_money_until_its_day_is_over(cast: Cast) -> None:
    campaign = outcome_desk.ended(cast)
    claim = outcome_desk.drafted(cast, campaign)
    to = claims.deadline_of(campaign) + timedelta(days=10)
    claim_decisions.extend(claim.pk, to=to, because="商户停业装修", by=cast.fay, at=AT)
    on = AT.replace(year=to.year, month=to.month, day=to.day)
    assert campaign_ticking.return_due_money(at=on) == 0
    assert campaign_ticking.return_due_money(at=on + timedelta(days=1)) == 1


def test_a_campaign_is_not_closed_while_a_claim_waits(cast: Cast) -> None:
    campaign = outcome_desk.ended(cast)
    claim = outcome_desk.submitted(cast, campaign)
    Campaign.objects.filter(pk=campaign.pk).update(stage=CampaignStage.SETTLED)
    at = AT + timedelta(days=60)
    with pytest.raises(StageNotReachable) as refused:
        running.close(campaign.pk, by=cast.fay, at=at)
    assert refused.value.code == "claims_unanswered"
    claim_decisions.reject(claim.pk, because="没有凭证", by=cast.fay, at=at)
    assert running.close(campaign.pk, by=cast.fay, at=at).stage == CampaignStage.CLOSED


def test_no_claim_is_extended_once_the_money_went_home(cast: Cast) -> None:
    campaign = outcome_desk.ended(cast)
    claim = outcome_desk.drafted(cast, campaign)
    at = AT + timedelta(days=60)
    campaign_ticking.return_due_money(at=at)
    to = at.date() + timedelta(days=5)
    with pytest.raises(DomainError) as refused:
        claim_decisions.extend(claim.pk, to=to, because="晚了", by=cast.fay, at=at)
    assert refused.value.code == "money_returned"
    assert Claim.objects.get(pk=claim.pk).extended_to is None


def test_what_comes_back_to_a_closed_fund_leaves_it(cast: Cast) -> None:
    shop = redemption_desk.running(cast)
    reported(cast, event())
    later = over(shop)
    campaign_ticking.return_due_money(at=later)
    funds.close(shop.fund.pk, because="年度结束", by=cast.fay, at=later)
    assert in_fund(shop) == (1_000, 0, 0, 1_000)
    refund = event(kind="refunded", occurred_at="2026-11-19 12:00:00")
    assert said(reported(cast, refund, at=later)) == ["landed"]
    assert in_fund(shop) == (0, 0, 0, 0)
    assert reconciliation.reconcile_all(at=later) == []
