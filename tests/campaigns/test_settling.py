"""Settled means paid, closed means that nothing waits; and money stays while a claim is awaited."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from campaigns.domain import (
    campaign_money,
    campaign_ticking,
    claim_decisions,
    claims,
    discrepancies,
    invoices,
    lifecycle,
    payments,
    running,
    statements,
)
from campaigns.domain.discrepancies import Finding
from campaigns.models import Campaign, CampaignStage, Claim, DiscrepancyCode, Statement
from crm.actors import SYSTEM
from crm.errors import StageNotReachable
from crm.ids import uuid7
from tests.campaigns import outcome_desk, settlement_desk
from tests.campaigns.settlement_desk import AT, BUYER, Desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

STAGE = CampaignStage
AFTER = AT + timedelta(days=90)
"""When no claim may come any more."""


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast)


def put(campaign: Campaign, stage: CampaignStage) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(stage=stage, ended_on=settlement_desk.LAST)
    campaign.refresh_from_db()
    return campaign


def missing(campaign: Campaign, to: CampaignStage, at: datetime = AFTER) -> list[str]:
    return [problem.code for problem in lifecycle.missing(campaign, to, at)]


def paid(desk: Desk, statement: Statement) -> Statement:
    day = AT.date()
    invoices.record(
        uuid7(),
        statement.pk,
        number=uuid7().hex[:20],
        issued_on=day,
        received_on=day,
        gross_fen=statement.payable_fen,
        rate_basis_points=600,
        by=desk.cast.fay,
        at=AT,
        **BUYER,
    )
    payments.record(
        uuid7(),
        statement.pk,
        amount_fen=statement.payable_fen,
        reference=uuid7().hex,
        paid_on=day,
        by=desk.cast.fay,
        at=AT,
    )
    return Statement.objects.get(pk=statement.pk)


def test_a_campaign_is_settled_once_everything_stands_on_paid_statements(desk: Desk) -> None:
    desk.used("T1")
    desk.used("T2", day=date(2026, 10, 16))
    campaign = put(desk.campaign, STAGE.SETTLING)
    with pytest.raises(StageNotReachable) as refusal:
        running.mark_settled(campaign.pk, by=desk.cast.fay, at=AT)
    assert refusal.value.code == "campaign_unsettled"
    assert "2 redemptions" in str(refusal.value.problems[0].detail)
    statement = desk.approved()
    assert missing(campaign, STAGE.SETTLED) == ["campaign_unsettled"], "approved is not paid"
    paid(desk, statement)
    assert running.mark_settled(campaign.pk, by=desk.cast.fay, at=AT).stage == STAGE.SETTLED


def test_a_campaign_of_which_nothing_was_used_is_settled_without_a_statement(desk: Desk) -> None:
    campaign = put(desk.campaign, STAGE.SETTLING)
    assert running.mark_settled(campaign.pk, by=desk.cast.fay, at=AT).stage == STAGE.SETTLED


def test_what_comes_after_it_was_settled_is_paid_before_it_is_closed(desk: Desk) -> None:
    campaign = put(desk.campaign, STAGE.SETTLED)
    assert missing(campaign, STAGE.CLOSED) == []
    desk.used("T1")
    assert missing(campaign, STAGE.CLOSED) == ["campaign_unsettled"]
    other = Desk(desk.cast)
    assert missing(put(other.campaign, STAGE.SETTLED), STAGE.CLOSED) == []


type Act = Callable[[Cast, Campaign], Claim]

CLAIMS: dict[str, tuple[Act, bool]] = {
    "submitted": (outcome_desk.submitted, True),
    "approved and not paid": (outcome_desk.approved, True),
    "a draft that came too late": (outcome_desk.drafted, False),
    "paid": (outcome_desk.paid, False),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_campaign_is_not_closed_over_a_claim_that_waits(case: str, cast: Cast) -> None:
    act, waits = CLAIMS[case]
    campaign = outcome_desk.ended(cast)
    act(cast, campaign)
    assert missing(put(campaign, STAGE.SETTLED), STAGE.CLOSED) == ["claims_unanswered"] * waits
    other = put(outcome_desk.ended(cast), STAGE.SETTLED)
    assert missing(other, STAGE.CLOSED) == []


def test_a_draft_that_was_extended_may_still_come(cast: Cast) -> None:
    claim = outcome_desk.drafted(cast)
    to = AFTER.date() + timedelta(days=5)
    claim_decisions.extend(claim.pk, to=to, because="商户财务轮换", by=cast.fay, at=AFTER)
    campaign = put(Campaign.objects.get(pk=claim.campaign_id), STAGE.SETTLED)
    assert missing(campaign, STAGE.CLOSED) == ["claims_unanswered"]
    claims.withdraw(claim.pk, because="不再申报", by=cast.ann, at=AFTER)
    assert missing(campaign, STAGE.CLOSED) == []


def test_a_campaign_is_not_closed_over_an_open_discrepancy(desk: Desk) -> None:
    campaign = put(desk.campaign, STAGE.SETTLED)
    found = Finding(
        code=DiscrepancyCode.WINDOW, unit_id=campaign.unit_id, campaign_id=campaign.pk, source="pos"
    )
    (row,) = discrepancies.open_many([found], by=SYSTEM, at=AT)
    with pytest.raises(StageNotReachable) as refusal:
        running.close(campaign.pk, by=desk.cast.fay, at=AFTER)
    assert refusal.value.code == "discrepancies_open"
    discrepancies.dismiss(row.pk, note="活动外", by=SYSTEM, at=AT)
    assert running.close(campaign.pk, by=desk.cast.fay, at=AFTER).stage == STAGE.CLOSED


def test_everything_that_is_missing_is_said_at_once(cast: Cast, same_queries: Any) -> None:
    campaign = outcome_desk.ended(cast)
    outcome_desk.submitted(cast, campaign)
    campaign = put(campaign, STAGE.SETTLED)

    def grow() -> None:
        for number in range(3):
            outcome_desk.submitted(cast, campaign, what_for=f"第{number}项")

    same_queries(lambda: missing(campaign, STAGE.CLOSED, AT), after=grow, at_most=6)
    assert missing(campaign, STAGE.CLOSED, AT) == ["claims_open", "claims_unanswered"]


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_the_money_stays_until_a_claim_that_came_in_time_is_decided(
    cast: Cast, decision: str
) -> None:
    claim = outcome_desk.submitted(cast)
    campaign = Campaign.objects.get(pk=claim.campaign_id)
    assert campaign_ticking.return_due_money(at=AFTER) == 0
    assert campaign_money.left(campaign.pk)["bank"] == 5_000_000
    if decision == "approved":
        claim_decisions.approve(claim.pk, by=cast.fay, at=AFTER)
    else:
        claim_decisions.reject(claim.pk, because="超范围", by=cast.fay, at=AFTER)
    assert campaign_ticking.return_due_money(at=AFTER) == 1
    assert campaign_money.left(campaign.pk)["bank"] == 0
    spent = campaign_money.standing(campaign).parties["bank"].consumed
    assert spent == (320_000 if decision == "approved" else 0)
    assert campaign_ticking.return_due_money(at=AFTER) == 0


def test_without_a_claim_the_money_goes_home_at_once(cast: Cast) -> None:
    outcome_desk.ended(cast)
    outcome_desk.drafted(cast)
    assert campaign_ticking.return_due_money(at=AFTER) == 2, "a draft that is late keeps nothing"


def test_statements_know_what_is_unsettled_of_one_campaign_only(desk: Desk) -> None:
    desk.used("T1")
    other = Desk(desk.cast)
    assert (statements.unsettled(desk.campaign.pk), statements.unsettled(other.campaign.pk)) == (
        1,
        0,
    )
