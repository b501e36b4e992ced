"""Winning: the partnership begins, comes back or is renewed exactly once, whatever is raced."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from campaigns.models import Campaign
from crm.errors import DomainError, NotAllowed, RuleBroken, StageNotReachable
from crm.ids import uuid7
from crm.models import User
from leads.domain import pipeline, win_back, winning
from leads.models import Lead, LeadSource, Stage, StageChange
from merchants.domain import partnership_facts
from merchants.models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    Partnership,
    PartnershipStage,
    PartnershipStep,
)
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import DAY, LeadDesk
from tests.sessions import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, at: datetime) -> LeadDesk:
    """A lead of Ann's that waits for approval, with a proposal that Ann submitted."""
    desk = LeadDesk(cast, at, Stage.PROPOSAL)
    return desk.reach(Stage.APPROVAL)


def won(desk: LeadDesk, by: str = "max", **more: Any) -> Lead:
    return desk.step(Stage.WON, by=desk.cast.named(by), **more)


def test_winning_begins_the_partnership_with_its_agreement_and_the_campaigns_draft(
    desk: LeadDesk,
) -> None:
    signed = desk.signature(desk.cast.max)
    won(desk, agreement=signed)
    partnership = Partnership.objects.get(merchant=desk.merchant)
    assert partnership.stage == PartnershipStage.ONBOARDING
    step = PartnershipStep.objects.get(partnership=partnership)
    assert (step.key, step.actor) == (f"lead:{desk.pk}", desk.cast.max)
    version = AgreementVersion.objects.get(partnership=partnership)
    assert (version.state, version.agreement.number) == (AgreementState.LIVE, signed.number)
    assert (version.starts_on, version.ends_on) == (signed.starts_on, signed.ends_on)
    assert (version.bank_signatory, version.merchant_signatory) == ("周伯言", "陈立群")
    assert partnership.expires_on == signed.ends_on
    campaign = Campaign.objects.get(origin_id=desk.pk)
    assert (list(campaign.merchants.all()), campaign.budget_fen) == ([desk.merchant], 2_000_000)
    change = StageChange.objects.get(lead=desk.pk, to_stage=Stage.WON)
    (contract,) = change.evidence.filter(kind="contract_signed")
    assert signed.number in contract.said
    assert contract.document_id == signed.document_id


def test_winning_a_partner_drafts_a_renewal_that_somebody_else_signs_off(desk: LeadDesk) -> None:
    running = desk.partner(PartnershipStage.ACTIVE)
    won(desk)
    assert list(Partnership.objects.filter(merchant=desk.merchant)) == [running]
    version = AgreementVersion.objects.get(partnership=running)
    assert (version.state, version.drafted_by) == (AgreementState.DRAFT, desk.cast.max)
    assert desk.stage == Stage.WON


@pytest.mark.parametrize(
    ("stage", "code"), [("suspended", "partnership_exists"), ("blocked", "stage_not_reachable")]
)
def test_who_is_suspended_or_blocked_is_not_won(stage: str, code: str, desk: LeadDesk) -> None:
    before = {"stage_before": "active"} if stage == "suspended" else {}
    factories.PartnershipFactory(merchant=desk.merchant, stage=stage, **before)
    with pytest.raises(DomainError) as refusal:
        won(desk)
    assert refusal.value.code == code
    assert desk.stage == Stage.APPROVAL
    assert not Agreement.objects.exists()


def test_who_drafted_the_proposal_does_not_approve_it(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.PROPOSAL)
    desk.reach(Stage.APPROVAL)
    Lead.objects.filter(pk=desk.pk).update(owner=cast.bo)
    desk_version = desk.row.proposal.versions.get()
    assert desk_version.author == cast.ann
    factories.MembershipFactory(user=cast.ann, unit=cast.xuhui, role="team_lead")
    promoted = User.objects.get(pk=cast.ann.pk)
    with pytest.raises(NotAllowed) as refusal:
        desk.step(Stage.WON, by=promoted)
    assert refusal.value.code == "maker_is_checker"
    with pytest.raises(RuleBroken) as never:
        desk.waive(Stage.WON, "not_maker")
    assert never.value.code == "guard_not_waivable"
    assert won(desk).stage == Stage.WON


@pytest.mark.parametrize(
    ("yuan", "who", "allowed"),
    [
        (500_000, "max", True),
        (500_001, "max", False),
        (500_001, "mei", True),
        (5_000_000, "mei", True),
        (5_000_001, "mei", False),
        (None, "max", False),
        (None, "mei", True),
    ],
)
def test_an_amount_is_approved_by_who_may_approve_it(
    yuan: int | None, who: str, allowed: bool, cast: Cast, at: datetime
) -> None:
    value = None if yuan is None else yuan * 100
    desk = LeadDesk(cast, at, Stage.APPROVAL, expected_value_fen=value)
    if allowed:
        assert won(desk, by=who).stage == Stage.WON
        return
    with pytest.raises(NotAllowed) as refusal:
        won(desk, by=who)
    assert refusal.value.code == "amount_too_high"


def test_the_largest_amounts_are_a_head_office_managers(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.APPROVAL, expected_value_fen=10**12)
    factories.MembershipFactory(user=cast.sam, unit=cast.head_office, role="branch_manager")
    assert won(desk, by="sam").stage == Stage.WON


def test_the_budget_of_the_proposal_counts_before_the_expected_value(desk: LeadDesk) -> None:
    Lead.objects.filter(pk=desk.pk).update(expected_value_fen=10**12)
    assert won(desk).stage == Stage.WON


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": " "}, "agreement_number_required"),
        ({"ends_on": date(2020, 1, 1)}, "agreement_ends_before_start"),
        ({"starts_on": date(1, 1, 1)}, "agreement_date_out_of_range"),
        ({"document_id": None}, "agreement_not_whole"),
        ({"bank_signatory": ""}, "agreement_not_whole"),
        ({"settlement_days": 61}, "settlement_too_long"),
        ({"settlement_clause": False}, "stage_not_reachable"),
        ({"data_clause": False}, "stage_not_reachable"),
    ],
)
def test_an_agreement_that_is_none_wins_nothing(
    wrong: dict[str, Any], code: str, desk: LeadDesk
) -> None:
    with pytest.raises(DomainError) as refusal:
        won(desk, agreement=desk.signature(desk.cast.max, **wrong))
    assert refusal.value.code == code
    assert desk.stage == Stage.APPROVAL
    assert not Partnership.objects.exists()
    assert not Campaign.objects.exists()


def test_winning_again_is_refused_and_begins_nothing(desk: LeadDesk) -> None:
    won(desk)
    with pytest.raises(StageNotReachable):
        pipeline.advance(
            desk.pk,
            to=Stage.WON,
            by=desk.cast.max,
            at=desk.at,
            agreement=desk.signature(desk.cast.max, number="SH-2"),
        )
    assert Partnership.objects.count() == PartnershipStep.objects.count() == 1


# --- two at once ---------------------------------------------------------------------------


def _both(desk: LeadDesk) -> tuple[Any, Any]:
    """Max and Mei win the same lead, Mei while Max is at it."""
    first, second = (
        desk.signature(one, number=number)
        for one, number in ((desk.cast.max, "SH-1"), (desk.cast.mei, "SH-2"))
    )
    at = desk.later(minutes=1).at
    with transaction.atomic():
        pipeline.advance(desk.pk, to=Stage.WON, by=desk.cast.max, at=at, agreement=first)
        other = Session(
            lambda: pipeline.advance(
                desk.pk, to=Stage.WON, by=desk.cast.mei, at=at, agreement=second
            )
        )
        waited = other.wait_until_blocked()
    return other, waited


@pytest.mark.django_db(transaction=True)
def test_of_two_who_win_at_once_one_wins_and_the_partnership_begins_once(
    cast: Cast, at: datetime
) -> None:
    desk = LeadDesk(cast, at, Stage.APPROVAL)
    other, waited = _both(desk)
    assert waited
    with pytest.raises(StageNotReachable):
        other.end()
    assert Partnership.objects.count() == PartnershipStep.objects.count() == 1
    assert Agreement.objects.get().number == "SH-1"
    assert StageChange.objects.filter(to_stage=Stage.WON).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_and_the_key_the_partnership_would_be_taken_twice(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both sessions read the lead before either has won it."""
    for noun in (Lead, Partnership, type(cast.ann)):
        monkeypatch.setattr(
            type(noun._default_manager.all()), "for_change", lambda rows: rows.order_by("pk")
        )
    monkeypatch.setattr(
        type(factories.MerchantFactory._meta.model.objects.all()),
        "for_change",
        lambda rows: rows.order_by("pk"),
    )
    monkeypatch.setattr(winning, "key_of", lambda lead: "")
    desk = LeadDesk(cast, at, Stage.APPROVAL)
    other, _waited = _both(desk)
    with suppress(DomainError):
        other.end()
    twice = StageChange.objects.filter(to_stage=Stage.WON).count()
    begun = Partnership.objects.count() + Agreement.objects.count()
    assert twice == 2 or begun > 2, "with locks and key it cannot happen"


@pytest.mark.django_db(transaction=True)
def test_winning_and_correcting_the_merchant_keep_one_order(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.APPROVAL)
    signed = desk.signature(cast.max)
    with transaction.atomic():
        pipeline.assign(desk.pk, to=cast.bo, by=cast.mei, at=at)
        other = Session(
            lambda: pipeline.advance(desk.pk, to=Stage.WON, by=cast.max, at=at, agreement=signed)
        )
        assert other.wait_until_blocked()
    assert other.end().stage == Stage.WON


# --- winning back --------------------------------------------------------------------------


def opened(desk: LeadDesk, source: str, at: datetime) -> Lead:
    return pipeline.open_lead(
        uuid7(), desk.merchant.pk, source=source, owner=desk.cast.ann, by=desk.cast.ann, at=at
    )


@pytest.fixture
def churned(cast: Cast, at: datetime) -> LeadDesk:
    """A merchant of Ann's that left 40 days ago, and its lost lead."""
    desk = LeadDesk(cast, at, Stage.LOST)
    desk.partner(PartnershipStage.CHURNED, days_ago=40)
    return desk


def test_who_left_is_won_back_with_a_lead_that_says_so(churned: LeadDesk, at: datetime) -> None:
    with pytest.raises(RuleBroken) as refusal:
        opened(churned, LeadSource.FIELD, at)
    assert refusal.value.code == "win_back_required"
    assert opened(churned, LeadSource.WIN_BACK, at).source == LeadSource.WIN_BACK


def test_only_who_left_is_won_back(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.LOST)
    with pytest.raises(RuleBroken) as refusal:
        opened(desk, LeadSource.WIN_BACK, at)
    assert refusal.value.code == "nothing_to_win_back"


@pytest.mark.parametrize(("days", "allowed"), [(29, False), (30, True)])
def test_winning_back_waits_thirty_days(days: int, allowed: bool, cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.LOST)
    desk.partner(PartnershipStage.CHURNED, days_ago=days)
    if allowed:
        assert opened(desk, LeadSource.WIN_BACK, at)
        return
    with pytest.raises(RuleBroken) as refusal:
        opened(desk, LeadSource.WIN_BACK, at)
    assert refusal.value.code == "win_back_too_early"


def test_winning_back_is_tried_twice_in_twelve_months(churned: LeadDesk, at: datetime) -> None:
    for days in (30, 20):
        factories.LeadFactory(
            merchant=churned.merchant,
            source=LeadSource.WIN_BACK,
            stage=Stage.LOST,
            lost_reason="other",
            created_at=at - timedelta(days=days),
        )
    with pytest.raises(RuleBroken) as refusal:
        opened(churned, LeadSource.WIN_BACK, at)
    assert refusal.value.code == "win_back_too_early"
    partnership = Partnership.objects.get()
    assert win_back.attempts(partnership, at - timedelta(days=365)) == 2
    assert not partnership_facts.may_win_back(partnership, at)
    assert opened(churned, LeadSource.WIN_BACK, at + timedelta(days=350))


def test_winning_back_brings_the_partnership_back_to_onboarding(churned: LeadDesk) -> None:
    partnership = Partnership.objects.get()
    desk = LeadDesk(
        churned.cast, churned.at, Stage.NEW, merchant=churned.merchant, source=LeadSource.WIN_BACK
    )
    desk.reach(Stage.PROPOSAL.value, Stage.APPROVAL.value).step(Stage.WON)
    partnership.refresh_from_db()
    assert partnership.stage == PartnershipStage.ONBOARDING
    assert Partnership.objects.count() == 1
    assert PartnershipStep.objects.get(partnership=partnership).key == f"lead:{desk.pk}"


@pytest.mark.parametrize(("days", "missing"), [(180, []), (181, ["fresh_pain"])])
def test_an_agreed_pain_counts_for_180_days(
    days: int, missing: list[str], churned: LeadDesk
) -> None:
    desk = LeadDesk(
        churned.cast, churned.at, Stage.NEW, merchant=churned.merchant, source=LeadSource.WIN_BACK
    )
    desk.ready(Stage.PROPOSAL)
    pain = desk.merchant.pains.get()
    agreed = desk.at - days * DAY + timedelta(minutes=2)
    type(pain).objects.filter(pk=pain.pk).update(critical_at=agreed)
    ways = pipeline.ways(desk.row, by=desk.cast.ann, at=desk.at + timedelta(minutes=1))
    assert [list(one.missing) for one in ways if one.to == Stage.PROPOSAL] == [missing]


def test_whether_a_lead_wins_back_is_said_once(churned: LeadDesk, at: datetime) -> None:
    lead = opened(churned, LeadSource.WIN_BACK, at)
    with pytest.raises(RuleBroken) as refusal:
        pipeline.correct(lead.pk, {"source": "field"}, by=churned.cast.ann, at=at)
    assert refusal.value.code == "source_is_fixed"


def test_a_blocked_merchant_is_pursued_by_nobody(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.BLOCKED)
    with pytest.raises(RuleBroken) as refusal:
        opened(desk, LeadSource.FIELD, at)
    assert refusal.value.code == "merchant_blocked"
    desk.reach(Stage.NEW.value)
    with pytest.raises(RuleBroken) as open_already:
        opened(desk, LeadSource.FIELD, desk.at)
    assert open_already.value.code == "lead_already_open"


def test_what_compliance_filed_serves_one_step(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.NEW)
    desk.reach("blocked", "new")
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("blocked")
    assert refusal.value.facts["missing"] == ["prohibited_hit"]
    desk.reach("blocked")
    assert desk.stage == Stage.BLOCKED


def test_after_a_release_the_negative_list_is_looked_up_again(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at, Stage.NEW).ready(Stage.QUALIFIED)
    desk.reach("blocked", "new")
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("qualified")
    assert refusal.value.facts["missing"] == ["negative_list"]


def test_the_whole_way_is_walked_through_the_verbs(cast: Cast, at: datetime) -> None:
    desk = LeadDesk(cast, at)
    desk.reach(Stage.WON.value)
    changes = StageChange.objects.filter(lead=desk.pk).order_by("at")
    assert [one.to_stage for one in changes] == [
        "qualified", "discovery", "proposal", "approval", "won",
    ]  # fmt: skip
    assert Campaign.objects.filter(origin_id=desk.pk).count() == 1
