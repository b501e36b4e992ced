"""Approval: who made it does not approve it, whatever hand they borrow; the money follows."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.domain import approval_tiers, approvals, campaign_money, delegations, running
from campaigns.models import (
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    ApprovalStep,
    Budget,
    Campaign,
    CampaignStage,
    CampaignVersion,
    Party,
    VersionState,
)
from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import Reminder, ReminderState, Role
from merchants.domain import timeline as lines
from merchants.models import TimelineEntry
from tests.campaigns import approval_desk as desk
from tests.campaigns import campaign_desk
from tests.campaigns.ledger_desk import counters
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def in_fund(request: ApprovalRequest) -> tuple[int, int]:
    """Reserved and committed in the campaign's fund."""
    _all, reserved, committed, _spent = counters(Budget.objects.get(fund=request.campaign.fund))
    return reserved, committed


def stage(request: ApprovalRequest) -> str:
    request.campaign.refresh_from_db()
    return str(request.campaign.stage)


def refusal_of(act: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        act()
    return refusal.value.code


# --- the road -----------------------------------------------------------------------------------


def test_submitting_reserves_and_the_last_approval_commits(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    assert stage(request) == CampaignStage.SUBMITTED
    assert in_fund(request) == (4_800_000, 0), "60 % of 80,000.00"
    approved = approvals.approve(request.pk, step=1, by=cast.mei, at=at)
    assert approved.state == ApprovalState.APPROVED
    assert stage(approved) == CampaignStage.APPROVED
    assert in_fund(request) == (0, 4_800_000)
    assert campaign_money.left(request.campaign_id)[Party.MERCHANT] == 3_200_000


def test_final_approval_releases_what_was_reserved_beyond(cast: Cast, at: datetime) -> None:
    """The difference: more was reserved than the campaign commits."""
    request = desk.submitted(cast)
    campaign_money._post_in_fund(
        request.campaign,
        [(campaign_money.EntryKind.RESERVE, None, None, 1_000)],
        key="more",
        by=SYSTEM,
        at=at,
    )
    assert in_fund(request) == (4_801_000, 0)
    approvals.approve(request.pk, step=1, by=cast.mei, at=at)
    assert in_fund(request) == (0, 4_800_000)


def test_steps_are_taken_in_their_order(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast, budget_fen=desk.LARGE_FEN)
    assert [one.role for one in request.steps.all()] == ["branch_manager", "finance", "compliance"]
    assert refusal_of(lambda: approvals.approve(request.pk, step=2, by=cast.fay, at=at)) == (
        "step_decided"
    )
    for order, person in enumerate((cast.mei, cast.fay, cast.rui), 1):
        assert stage(request) == CampaignStage.SUBMITTED
        request = approvals.approve(request.pk, step=order, by=person, at=at)
    assert stage(request) == CampaignStage.APPROVED
    assert [one.decided_by for one in request.steps.all()] == [cast.mei, cast.fay, cast.rui]


def test_returned_says_what_to_correct_and_gives_the_money_back(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    assert refusal_of(
        lambda: approvals.return_for_correction(
            request.pk, step=1, comment="  ", by=cast.mei, at=at
        )
    ) == ("comment_required")
    back = approvals.return_for_correction(
        request.pk, step=1, comment="请补充出资依据", by=cast.mei, at=at
    )
    assert (back.state, stage(back)) == (ApprovalState.RETURNED, CampaignStage.RETURNED)
    assert back.steps.get().comment == "请补充出资依据"
    assert in_fund(request) == (0, 0)
    again = approvals.submit(request.campaign_id, by=cast.pia, at=at)
    assert (again.round, again.version_number) == (2, 2)
    assert in_fund(request) == (4_800_000, 0)


@pytest.mark.parametrize("who", ["pia", "mei"])
def test_a_request_is_withdrawn_by_those_who_plan(cast: Cast, at: datetime, who: str) -> None:
    request = desk.submitted(cast)
    taken = approvals.withdraw(request.pk, because="商户改期", by=cast.named(who), at=at)
    assert (taken.state, stage(taken)) == (ApprovalState.WITHDRAWN, CampaignStage.RETURNED)
    assert in_fund(request) == (0, 0)
    assert refusal_of(lambda: approvals.withdraw(request.pk, by=cast.pia, at=at)) == (
        "approval_settled"
    )


def test_others_do_not_withdraw_it(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    with pytest.raises(NotAllowed):
        approvals.withdraw(request.pk, by=cast.fay, at=at)


def test_what_is_missing_is_said_all_at_once_and_nothing_is_written(
    cast: Cast, at: datetime
) -> None:
    desk.tiers()
    bare = desk.draft(cast, mechanic="", terms={}, fund=None)
    bare.merchants.clear()
    with pytest.raises(RuleBroken) as refusal:
        approvals.submit(bare.pk, by=cast.pia, at=at)
    assert [one.code for one in refusal.value.problems] == [
        "offer_missing",
        "campaign_without_fund",
        "merchants_missing",
    ]
    assert not ApprovalRequest.objects.exists()


def test_a_fund_that_has_not_that_much_refuses_and_nothing_is_left_behind(
    cast: Cast, at: datetime
) -> None:
    desk.tiers()
    poor = desk.draft(cast, fund=desk.fund(cast, allocated=4_799_999))
    assert refusal_of(lambda: approvals.submit(poor.pk, by=cast.pia, at=at)) == "budget_exceeded"
    poor.refresh_from_db()
    assert poor.stage == CampaignStage.DRAFT
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(("who", "raised"), [("ann", NotAllowed), ("sam", NotFound)])
def test_only_planners_submit(
    cast: Cast, at: datetime, who: str, raised: type[DomainError]
) -> None:
    desk.tiers()
    with pytest.raises(raised):
        approvals.submit(desk.draft(cast).pk, by=cast.named(who), at=at)


def test_the_system_submits_nothing_and_approves_nothing(cast: Cast, at: datetime) -> None:
    """An approval is somebody's word."""
    request = desk.submitted(cast)
    with pytest.raises(NotAllowed):
        approvals.approve(request.pk, step=1, by=SYSTEM, at=at)
    with pytest.raises(NotAllowed):
        approvals.submit(desk.draft(cast).pk, by=SYSTEM, at=at)


def test_what_waits_is_not_submitted_again(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    assert refusal_of(lambda: approvals.submit(request.campaign_id, by=cast.pia, at=at)) == (
        "not_a_draft"
    )


# --- maker and checker --------------------------------------------------------------------------


@pytest.mark.parametrize("maker", ["planner", "requester"])
def test_a_maker_never_approves_their_own(cast: Cast, at: datetime, maker: str) -> None:
    """Mei may approve what others made; not what she planned, and not what she submitted."""
    desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.head_office)
    request = (
        desk.submitted(cast, planner=cast.mei)
        if maker == "planner"
        else desk.submitted(cast, by=cast.mei)
    )
    for verb in (
        lambda: approvals.approve(request.pk, step=1, by=cast.mei, at=at),
        lambda: approvals.return_for_correction(
            request.pk, step=1, comment="…", by=cast.mei, at=at
        ),
    ):
        assert refusal_of(verb) == "self_approval"
    assert stage(request) == CampaignStage.SUBMITTED


def delegated(cast: Cast, at: datetime, giver: str, taker: str) -> None:
    delegations.delegate(
        uuid7(),
        cast.named(taker).pk,
        first_day=at.date(),
        last_day=at.date(),
        by=cast.named(giver),
        at=at,
    )


def test_delegation_does_not_get_round_it_for_the_maker(cast: Cast, at: datetime) -> None:
    """Mei submitted it and lets Fay decide for her: Fay's word would be Mei's."""
    desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.head_office)
    request = desk.submitted(cast, by=cast.mei)
    delegated(cast, at, "mei", "fay")
    act = lambda: approvals.approve(request.pk, step=1, by=cast.fay, at=at)  # noqa: E731
    assert refusal_of(act) == "self_approval"


def test_delegation_does_not_make_the_maker_an_approver(cast: Cast, at: datetime) -> None:
    """Mei lets Pia decide for her; what Pia planned, Pia still does not approve."""
    request = desk.submitted(cast)
    delegated(cast, at, "mei", "pia")
    act = lambda: approvals.approve(request.pk, step=1, by=cast.pia, at=at)  # noqa: E731
    assert refusal_of(act) == "self_approval"


def test_a_delegate_decides_for_somebody_who_did_not_make_it(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    with pytest.raises(NotAllowed):
        approvals.approve(request.pk, step=1, by=cast.fay, at=at)
    delegated(cast, at, "mei", "fay")
    approved = approvals.approve(request.pk, step=1, by=cast.fay, at=at)
    step = approved.steps.get()
    assert (step.decided_by, step.on_behalf_of) == (cast.fay, cast.mei)


def test_nobody_speaks_at_two_steps(cast: Cast, at: datetime) -> None:
    """Fay decides the first step for Mei; the second, which is hers, is then somebody else's."""
    other = desk.colleague(cast, "finn", Role.FINANCE, cast.shanghai)
    request = desk.submitted(cast, budget_fen=desk.MIDDLING_FEN)
    delegated(cast, at, "mei", "fay")
    approvals.approve(request.pk, step=1, by=cast.fay, at=at)
    act = lambda: approvals.approve(request.pk, step=2, by=cast.fay, at=at)  # noqa: E731
    assert refusal_of(act) == "approved_already"
    assert approvals.approve(request.pk, step=2, by=other, at=at).state == ApprovalState.APPROVED


def decide_in_the_database(step: ApprovalStep, *, by: Any, for_: Any = None) -> None:
    """Past every rule of ours, straight into the table."""
    ApprovalStep.objects.filter(pk=step.pk).update(
        decision="approved", decided_by=by, on_behalf_of=for_, decided_at=step.created_at
    )


@pytest.mark.parametrize(
    ("by", "for_", "constraint"),
    [
        ("pia", None, "approval_maker_is_not_checker"),
        ("fay", "pia", "approval_maker_is_not_checker"),
        ("mei", "mei", "approval_step_not_on_behalf_of_oneself"),
    ],
)
def test_the_database_itself_refuses_self_approval(
    cast: Cast, by: str, for_: str | None, constraint: str
) -> None:
    step = desk.submitted(cast).steps.get()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        decide_in_the_database(step, by=cast.named(by), for_=cast.named(for_) if for_ else None)


def test_without_the_constraint_the_maker_would_approve(cast: Cast) -> None:
    """The negative control: it is the CHECK that says no, and nothing else."""
    step = desk.submitted(cast).steps.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; "
            "ALTER TABLE campaigns_approvalstep DROP CONSTRAINT approval_maker_is_not_checker"
        )
    decide_in_the_database(step, by=cast.pia)
    step.refresh_from_db()
    assert step.decided_by == cast.pia


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"makers": []}, id="makers"),
        pytest.param({"role": "rep"}, id="role"),
        pytest.param({"order": 2}, id="order"),
    ],
)
def test_who_made_it_cannot_be_rewritten(cast: Cast, change: dict[str, Any]) -> None:
    step = desk.submitted(cast).steps.get()
    with pytest.raises(IntegrityError, match="is fixed"), transaction.atomic():
        ApprovalStep.objects.filter(pk=step.pk).update(**change)


def test_a_request_cannot_leave_its_planner_out(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    approvals.withdraw(request.pk, by=cast.pia, at=at)
    with pytest.raises(IntegrityError, match="planner"), transaction.atomic():
        ApprovalRequest.objects.create(
            campaign=request.campaign,
            round=9,
            kind=ApprovalKind.LAUNCH,
            version_number=1,
            amount_fen=1,
            tier=request.tier,
            requested_by=cast.max,
            makers=[cast.max.pk],
            waits_for="branch_manager",
            requested_at=at,
            step_since=at,
        )


def test_a_request_is_not_approved_past_its_steps(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    with pytest.raises(IntegrityError, match="not approved"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=request.pk).update(
            state="approved", waits_for="", settled_at=at
        )


def test_a_decision_stays(cast: Cast, at: datetime) -> None:
    step = desk.approved(cast).steps.get()
    with pytest.raises(IntegrityError, match="is fixed"), transaction.atomic():
        ApprovalStep.objects.filter(pk=step.pk).update(decided_by=cast.fay)


def test_who_belongs_elsewhere_does_not_approve(cast: Cast, at: datetime) -> None:
    """Hangzhou's manager holds the role, but not here."""
    other = desk.colleague(cast, "han", Role.BRANCH_MANAGER, cast.hangzhou)
    request = desk.submitted(cast)
    with pytest.raises(NotFound):
        approvals.approve(request.pk, step=1, by=other, at=at)


# --- amendments ---------------------------------------------------------------------------------


def test_new_terms_take_effect_once_they_are_approved(cast: Cast, at: datetime) -> None:
    request = desk.approved(cast)
    version = desk.proposed(cast, request.campaign_id, budget_fen=10_000_000)
    asked = approvals.submit_version(version.pk, by=cast.pia, at=at)
    assert (asked.kind, asked.amount_fen, asked.round) == (ApprovalKind.AMENDMENT, 10_000_000, 2)
    assert in_fund(request) == (1_200_000, 4_800_000), "only what it asks for beyond"
    request.campaign.refresh_from_db()
    assert request.campaign.budget_fen == desk.SMALL_FEN, "the old terms count until then"
    approvals.approve(asked.pk, step=1, by=cast.mei, at=at)
    request.campaign.refresh_from_db()
    assert (request.campaign.budget_fen, request.campaign.version_number) == (10_000_000, 2)
    assert in_fund(request) == (0, 6_000_000)


def test_new_terms_that_are_returned_leave_the_old_ones_in_force(cast: Cast, at: datetime) -> None:
    request = desk.approved(cast)
    version = desk.proposed(cast, request.campaign_id, budget_fen=10_000_000)
    asked = approvals.submit_version(version.pk, by=cast.pia, at=at)
    approvals.return_for_correction(asked.pk, step=1, comment="太多", by=cast.mei, at=at)
    request.campaign.refresh_from_db()
    assert (request.campaign.stage, request.campaign.budget_fen) == ("approved", desk.SMALL_FEN)
    assert in_fund(request) == (0, 4_800_000)
    version.refresh_from_db()
    assert version.state == VersionState.REFUSED


def test_who_wrote_new_terms_does_not_approve_them_even_if_another_submits_them(
    cast: Cast, at: datetime
) -> None:
    desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.head_office)
    campaign = desk.approved(cast).campaign
    version = desk.amending.propose(
        campaign.pk, {"budget_fen": 9_000_000}, said="加码", by=cast.mei, at=at
    )
    asked = approvals.submit_version(version.pk, by=cast.pia, at=at)
    act = lambda: approvals.approve(asked.pk, step=1, by=cast.mei, at=at)  # noqa: E731
    assert refusal_of(act) == "self_approval"


def test_a_request_is_closed_at_once_with_its_cancelled_campaign(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    running.cancel(request.campaign_id, because="商户退出", by=cast.pia, at=at)
    request.refresh_from_db()
    assert (request.state, request.settled_at) == (ApprovalState.WITHDRAWN, at)
    assert in_fund(request) == (0, 0)
    assert not told()
    with pytest.raises(RuleBroken) as refusal:
        approvals.approve(request.pk, step=1, by=cast.mei, at=at)
    assert refusal.value.code == "approval_settled"
    assert approvals.lapse_all(at=at) == 0, "nothing is left for the tick"


@pytest.mark.parametrize("stop", ["cancel", "end", "terminate"])
def test_new_terms_that_wait_are_closed_at_once_when_the_campaign_is_over(
    cast: Cast, at: datetime, stop: str
) -> None:
    campaign_id = desk.approved(cast, starts_on=date(2026, 11, 1)).campaign_id
    written = desk.proposed(cast, campaign_id, budget_fen=9_000_000)
    request = approvals.submit_version(written.pk, by=cast.pia, at=at)
    if stop != "cancel":
        campaign = Campaign.objects.get(pk=campaign_id)
        campaign_desk.moved(campaign_desk.ready(campaign, at=at), CampaignStage.ACTIVE,
                            by=cast.pia, at=at)  # fmt: skip
        request.refresh_from_db()
        assert request.is_waiting, "starting closes nothing"
    getattr(running, stop)(campaign_id, because="商户退出", by=cast.pia, at=at)
    request.refresh_from_db()
    assert request.state == ApprovalState.WITHDRAWN
    reserved, committed = in_fund(request)
    # 60 % of the old terms stay committed until claims are over, unless it never ran.
    assert (reserved, committed) == (0, 0 if stop == "cancel" else 4_800_000)
    assert CampaignVersion.objects.get(pk=written.pk).state == VersionState.REFUSED


def test_what_is_still_wanted_does_not_lapse(cast: Cast, at: datetime) -> None:
    launch = desk.submitted(cast)
    amended = desk.proposed(cast, desk.approved(cast).campaign_id, budget_fen=9_000_000)
    amendment = approvals.submit_version(amended.pk, by=cast.pia, at=at)
    assert approvals.lapse_all(at=at) == 0
    for request in (launch, amendment):
        assert approvals.lapse(request.pk, by=SYSTEM, at=at).is_waiting
    assert CampaignVersion.objects.get(pk=amended.pk).state == VersionState.SUBMITTED


# --- who is told --------------------------------------------------------------------------------


def told(**narrow: Any) -> set[tuple[str, str]]:
    rows = Reminder.objects.filter(state=ReminderState.PLANNED, **narrow)
    return {(one.recipient.full_name, one.kind) for one in rows.select_related("recipient")}


def test_approvers_are_told_at_once_and_again_later(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast, budget_fen=desk.MIDDLING_FEN)
    assert told() == {("Mei", "approval_waiting"), ("Mei", "approval_still_waiting")}
    later = Reminder.objects.get(kind="approval_still_waiting").due_at
    assert later.astimezone(at.tzinfo).date() == at.date() + timedelta(days=2), "Friday"
    approvals.approve(request.pk, step=1, by=cast.mei, at=at)
    assert told() == {("Fay", "approval_waiting"), ("Fay", "approval_still_waiting")}
    approvals.approve(request.pk, step=2, by=cast.fay, at=at)
    assert told() == {("Pia", "approval_given")}


def test_who_decides_for_somebody_is_told_too(cast: Cast, at: datetime) -> None:
    desk.tiers()
    delegated(cast, at, "mei", "fay")
    desk.submitted(cast)
    assert told(kind="approval_waiting") == {
        ("Mei", "approval_waiting"),
        ("Fay", "approval_waiting"),
    }


def test_the_planner_is_told_what_to_correct(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    approvals.return_for_correction(request.pk, step=1, comment="改日期", by=cast.mei, at=at)
    (line,) = Reminder.objects.filter(state=ReminderState.PLANNED)
    assert (line.kind, line.recipient, line.facts["comment"]) == (
        "approval_returned",
        cast.pia,
        "改日期",
    )


def test_each_step_stands_in_the_merchants_timeline(cast: Cast, at: datetime) -> None:
    desk.approved(cast)
    entry = TimelineEntry.objects.get(kind="approval.step_approved")
    assert "step 1 of 1" in lines.sentence(entry.kind, entry.facts)


# --- lists --------------------------------------------------------------------------------------


def decidable(cast: Cast, who: str, at: datetime) -> int:
    return ApprovalRequest.objects.decidable_by(cast.named(who), at.date()).count()


def test_the_inbox_holds_what_waits_for_ones_word(cast: Cast, at: datetime) -> None:
    desk.submitted(cast)
    assert {who: decidable(cast, who, at) for who in ("mei", "fay", "pia", "rui", "ann")} == {
        "mei": 1,
        "fay": 0,
        "pia": 0,
        "rui": 0,
        "ann": 0,
    }
    delegated(cast, at, "mei", "fay")
    assert decidable(cast, "fay", at) == 1


def test_what_one_made_is_not_in_ones_inbox_nor_in_that_of_ones_delegate(
    cast: Cast, at: datetime
) -> None:
    desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.head_office)
    desk.submitted(cast, by=cast.mei)
    delegated(cast, at, "mei", "fay")
    assert (decidable(cast, "mei", at), decidable(cast, "fay", at)) == (0, 0)


# --- tiers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "steps"),
    [
        (1, ["branch_manager"]),
        (49_999_999, ["branch_manager"]),
        (50_000_000, ["branch_manager", "finance"]),
        (499_999_999, ["branch_manager", "finance"]),
        (500_000_000, ["branch_manager", "finance", "compliance"]),
    ],
)
def test_the_amount_chooses_the_tier(cast: Cast, fen: int, steps: list[str]) -> None:
    desk.tiers()
    assert approval_tiers.for_amount(cast.shanghai, fen).steps == steps


def test_the_nearest_unit_that_has_a_tier_for_the_amount_decides(cast: Cast) -> None:
    desk.tiers()
    own = desk.tier(cast.shanghai, Role.FINANCE, up_to_fen=1_000)
    assert approval_tiers.for_amount(cast.shanghai, 999) == own
    assert approval_tiers.for_amount(cast.shanghai, 1_000) != own
    assert approval_tiers.for_amount(cast.hangzhou, 999) != own


@pytest.mark.parametrize("roles", [(), (Role.PLANNER,)], ids=["no role", "nobody holds it"])
def test_a_tier_that_nobody_could_pass_is_refused_at_set_up(
    cast: Cast, roles: tuple[Role, ...]
) -> None:
    """Pia plans for Shanghai; in Hangzhou nobody does."""
    assert refusal_of(lambda: desk.tier(cast.hangzhou, *roles)) == "tier_empty"


def test_the_database_refuses_a_tier_without_steps(cast: Cast) -> None:
    made = desk.tier(cast.shanghai, Role.FINANCE)
    with pytest.raises(IntegrityError, match="approval_tier_has_steps"), transaction.atomic():
        type(made).objects.filter(pk=made.pk).update(steps=[])


def test_two_tiers_do_not_hold_for_one_amount(cast: Cast) -> None:
    desk.tier(cast.shanghai, Role.FINANCE, up_to_fen=1_000)
    assert refusal_of(lambda: desk.tier(cast.shanghai, Role.FINANCE, up_to_fen=500)) == (
        "tier_overlaps"
    )


def test_a_tier_in_which_only_makers_remain_refuses_at_submission(cast: Cast, at: datetime) -> None:
    """Mei is the only branch manager: what she planned nobody could approve."""
    act = lambda: desk.submitted(cast, planner=cast.mei)  # noqa: E731
    assert refusal_of(act) == "tier_empty"


def test_one_person_with_two_roles_is_not_two_approvers(cast: Cast, at: datetime) -> None:
    desk.factories.MembershipFactory(user=cast.mei, role=Role.FINANCE, unit=cast.shanghai)
    roles = [Role.BRANCH_MANAGER, Role.FINANCE]
    assert approval_tiers.passable(cast.shanghai, roles, makers=[]) is None, "Mei, then Fay"
    assert approval_tiers.passable(cast.shanghai, roles, makers=[cast.fay.pk]) == Role.FINANCE


def test_without_a_tier_nothing_is_submitted(cast: Cast, at: datetime) -> None:
    campaign = desk.draft(cast)
    assert refusal_of(lambda: approvals.submit(campaign.pk, by=cast.pia, at=at)) == "tier_missing"


def test_a_bank_starts_with_tiers_and_keeps_its_own(cast: Cast, at: datetime) -> None:
    assert approval_tiers.make_missing(at=at) == 3
    assert approval_tiers.make_missing(at=at) == 0


@pytest.mark.parametrize("who", ["mei", "pia", "fay"])
def test_only_administrators_set_tiers(cast: Cast, at: datetime, who: str) -> None:
    with pytest.raises(NotAllowed):
        approval_tiers.add(
            uuid7(),
            cast.shanghai.pk,
            from_fen=0,
            up_to_fen=None,
            steps=["finance"],
            by=cast.named(who),
            at=at,
        )


# --- delegations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("giver", "taker", "first", "last", "code"),
    [
        ("mei", "mei", 0, 0, "delegation_to_oneself"),
        ("mei", "fay", 2, 1, "delegation_dates"),
        ("mei", "fay", -2, -1, "delegation_over"),
        ("mei", "sam", 0, 0, "not_found"),
        ("mei", "nia", 0, 0, "not_found"),
        ("ann", "bo", 0, 0, "not_found"),
        ("pia", "mei", 0, 0, "not_allowed"),
    ],
)
def test_what_cannot_be_delegated(
    cast: Cast, at: datetime, giver: str, taker: str, first: int, last: int, code: str
) -> None:
    desk.tiers()
    day = timedelta(days=1)
    act = lambda: delegations.delegate(  # noqa: E731
        uuid7(),
        cast.named(taker).pk,
        first_day=at.date() + first * day,
        last_day=at.date() + last * day,
        by=cast.named(giver),
        at=at,
    )
    assert refusal_of(act) == code


def test_one_delegates_to_one_colleague_at_a_time_and_takes_it_back(
    cast: Cast, at: datetime
) -> None:
    desk.tiers()
    delegated(cast, at, "mei", "fay")
    act = lambda: delegated(cast, at, "mei", "pia")  # noqa: E731
    assert refusal_of(act) == "delegation_overlaps"
    request = desk.submitted(cast)
    (given,) = cast.mei.delegations_given.all()
    delegations.end(given.pk, by=cast.mei, at=at)
    with pytest.raises(NotAllowed):
        approvals.approve(request.pk, step=1, by=cast.fay, at=at)
    act()


def test_a_delegation_goes_no_further_than_one_hand(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    delegated(cast, at, "mei", "fay")
    third = desk.colleague(cast, "finn", Role.AUDITOR, cast.shanghai)
    delegations.delegate(
        uuid7(), third.pk, first_day=at.date(), last_day=at.date(), by=cast.fay, at=at
    )
    with pytest.raises(NotAllowed):
        approvals.approve(request.pk, step=1, by=third, at=at)


@pytest.mark.parametrize("days", [-1, 1], ids=["before", "after"])
def test_a_delegation_holds_on_its_days_only(cast: Cast, at: datetime, days: int) -> None:
    request = desk.submitted(cast)
    day = at + timedelta(days=days)
    delegations.delegate(
        uuid7(),
        cast.fay.pk,
        first_day=at.date(),
        last_day=at.date(),
        by=cast.mei,
        at=at,
    )
    with pytest.raises(NotAllowed):
        approvals.approve(request.pk, step=1, by=cast.fay, at=day)


def test_returning_needs_a_comment_in_the_database_too(cast: Cast, at: datetime) -> None:
    step = desk.submitted(cast).steps.get()
    with pytest.raises(IntegrityError, match="approval_return_says_why"), transaction.atomic():
        ApprovalStep.objects.filter(pk=step.pk).update(
            decision="returned", decided_by=cast.mei, decided_at=at
        )
    with pytest.raises(InvalidInput):
        approvals.return_for_correction(step.request_id, step=1, comment="", by=cast.mei, at=at)
