"""What one subject of the leads tells another: warnings, reminders, proposals, the day's list."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.domain import reminders
from crm.errors import RuleBroken
from crm.ids import uuid7
from crm.models import Reminder, ReminderState, User
from leads.domain import (
    cells,
    claiming,
    handover,
    interviews,
    next_actions,
    objection_settling,
    objections,
    ownership,
    pipeline,
    proposals,
    recycling,
    today,
    visits,
)
from leads.models import Lead, Objection, Pool, Stage, Visit
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.leads.objection_desk import ann_s_lead, pain_of, raised
from tests.leads.pool_desk import opened, owned, pooled, ruled
from tests.leads.proposal_desk import drafted, newest, submitted

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LOSS = date(2026, 12, 3)
"""Ten full working days after the tests' now."""
WARNED_ON = datetime.fromisoformat("2026-11-30T06:30:00+08:00")
LATER = datetime.fromisoformat("2026-11-30T15:00:00+08:00")
COME_BACK = date(2026, 12, 14)


@pytest.fixture
def branch_pool(cast: Cast) -> Pool:
    """Ten working days without follow-up, warned three days before, no protection."""
    lies_in = opened(cast.shanghai, cooldown_days=0)
    ruled(lies_in, quiet_working_days=10, resting_days=None, warning_days=3, protection_days=0)
    return lies_in


@pytest.fixture
def warned(cast: Cast, branch_pool: Pool) -> Lead:
    """A lead of Ann's of which the pool has warned her this morning."""
    lead = owned(cast.ann, cast)
    recycling.sweep(at=WARNED_ON)
    lead.refresh_from_db()
    assert lead.recycle_on == LOSS
    assert warning_of(lead).state == ReminderState.PLANNED
    return lead


def warning_of(lead: Lead) -> Reminder:
    return Reminder.objects.get(key=ownership.warning_key(lead.pk, LOSS))


# --- what counts as work on a lead ------------------------------------------------------------


def raises(lead: Lead, cast: Cast) -> None:
    raised(lead, by=cast.ann, at=LATER)


def tries_a_play(lead: Lead, cast: Cast) -> None:
    objection = Objection.objects.get(lead=lead)
    play = factories.PlayFactory(reason=objection.declared_reason)
    objections.handle(objection.pk, attempt_id=uuid7(), play_id=play.pk, by=cast.ann, at=LATER)


def resolves(lead: Lead, cast: Cast) -> None:
    objection = Objection.objects.get(lead=lead)
    play = factories.PlayFactory(reason=objection.declared_reason)
    # The play was tried long ago; what happens now is that the merchant agrees.
    objections.handle(
        objection.pk,
        attempt_id=uuid7(),
        play_id=play.pk,
        activity_id=objection.activity_id,
        by=cast.ann,
        at=LATER - timedelta(minutes=1),
    )
    assert warning_of(lead).state == ReminderState.PLANNED
    objection_settling.resolve(
        objection.pk, commitment="试两周", commitment_on=COME_BACK, by=cast.ann, at=LATER
    )


def opens_a_pain(lead: Lead, cast: Cast) -> None:
    interviews.open_pain(
        uuid7(), lead.merchant_id, lead_id=lead.pk, title="空台", by=cast.ann, at=LATER
    )


def fills_a_cell(lead: Lead, cast: Cast) -> None:
    cells.fill(lead.pains.get().pk, "R1", words="平台券", by=cast.ann, at=LATER)


def confirms_a_cell(lead: Lead, cast: Cast) -> None:
    cells.confirm(
        lead.pains.get().pk,
        "R3",
        words="就是这个",
        agreed_by_id=factories.ContactFactory(merchant=lead.merchant).pk,
        agreed_at=LATER,
        agreed_via="visit",
        by=cast.ann,
        at=LATER,
    )


@pytest.mark.parametrize(
    "work",
    [raises, tries_a_play, resolves, opens_a_pain, fills_a_cell, confirms_a_cell],
    ids=lambda one: one.__name__,
)
def test_work_on_a_lead_withdraws_the_warning_of_the_pool(
    work: Callable[[Lead, Cast], None], cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    if work in (tries_a_play, resolves):
        raised(lead, by=cast.ann, at=at, sub_reason="U1")
    if work in (fills_a_cell, confirms_a_cell):
        interviews.open_pain(
            uuid7(), lead.merchant_id, lead_id=lead.pk, title="空台", by=cast.ann, at=at
        )
    recycling.sweep(at=WARNED_ON)
    assert warning_of(lead).state == ReminderState.PLANNED
    work(Lead.objects.get(pk=lead.pk), cast)
    assert warning_of(lead).state == ReminderState.CANCELLED
    lead.refresh_from_db()
    assert lead.last_activity_at == LATER
    recycling.sweep(at=LATER)
    lead.refresh_from_db()
    assert (lead.recycle_on, lead.owner) == (None, cast.ann)


def test_what_is_no_work_leaves_the_warning(warned: Lead, cast: Cast) -> None:
    pipeline.correct(warned.pk, {"expected_value_fen": 100}, by=cast.ann, at=LATER)
    assert warning_of(warned).state == ReminderState.PLANNED


# --- today ------------------------------------------------------------------------------------


def listed(user: User, at: datetime) -> list[tuple[str, str, str]]:
    """(group, kind, why) of each row."""
    found = today.of(user, at=at)
    groups = (("overdue", found.overdue), ("today", found.today), ("coming", found.coming))
    return [(name, row.kind.name, str(row.item.why)) for name, rows in groups for row in rows]


def test_today_says_which_lead_goes_back_to_the_pool(warned: Lead, cast: Cast) -> None:
    assert listed(cast.ann, LATER) == [
        ("coming", "pool_warning", "goes back to the pool on 2026-12-03")
    ]
    assert listed(cast.bo, LATER) == []
    assert listed(cast.ann, LATER + 2 * DAY) == [
        ("today", "pool_warning", "goes back to the pool on 2026-12-03")
    ], "the last day on which something can be done about it"


def test_a_warning_given_long_before_is_listed_at_once(
    warned: Lead, cast: Cast, branch_pool: Pool
) -> None:
    Lead.objects.filter(pk=warned.pk).update(recycle_on=LOSS + 14 * DAY)
    assert listed(cast.ann, LATER) == [
        ("coming", "pool_warning", "goes back to the pool on 2026-12-17")
    ]


def test_a_lead_that_was_worked_on_leaves_the_list_at_once(warned: Lead, cast: Cast) -> None:
    raises(warned, cast)
    assert [kind for _group, kind, _why in listed(cast.ann, LATER)] == []


def test_a_lead_in_approval_goes_back_to_no_pool(warned: Lead, cast: Cast) -> None:
    Lead.objects.filter(pk=warned.pk).update(stage=Stage.APPROVAL)
    assert "pool_warning" not in [kind for _group, kind, _why in listed(cast.ann, LATER)]


def accept(cast: Cast, lead: Lead, at: datetime, **more: Any) -> Any:
    first = next_actions.of(lead, at)[0].suggested
    return next_actions.accept(
        uuid7(),
        lead.pk,
        rule=first.rule,
        about=first.about,
        shown_at=at,
        by=cast.ann,
        at=at,
        **more,
    )


def test_what_was_agreed_to_and_not_promised_is_on_the_list(cast: Cast, at: datetime) -> None:
    lead = ann_s_lead(cast)
    row = accept(cast, lead, at)
    ((group, kind, why),) = listed(cast.ann, at + timedelta(hours=1))
    assert (group, kind, why) == ("coming", "suggestion", "you agreed to do it by 2026-12-02")
    assert listed(cast.bo, at) == []
    over = [kind for _group, kind, _why in listed(cast.ann, row.act_by)]
    assert over == ["stale"], "its time is over"
    pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
    assert listed(cast.ann, at) == listed(cast.bo, at) == [], "somebody else agreed to it"


def test_what_was_promised_is_listed_once_as_the_promise(cast: Cast, at: datetime) -> None:
    accept(cast, ann_s_lead(cast), at, due_at=at + DAY)
    assert [kind for _group, kind, _why in listed(cast.ann, at)] == ["follow_up"]


def test_the_list_asks_as_often_however_much_waits(
    cast: Cast, branch_pool: Pool, at: datetime, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for _ in range(3):
            accept(cast, ann_s_lead(cast), at)
            lead = owned(cast.ann, cast)
            Lead.objects.filter(pk=lead.pk).update(recycle_on=LOSS, recycle_check_on=LOSS)

    grow()
    same_queries(lambda: today.of(cast.ann, at=at), after=grow, at_most=14)


# --- whose reminders they are -----------------------------------------------------------------


def deferred(lead: Lead, cast: Cast, at: datetime) -> Objection:
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U1")
    play = factories.PlayFactory(reason="unaware")
    objections.handle(objection.pk, attempt_id=uuid7(), play_id=play.pk, by=cast.ann, at=at)
    return objection_settling.defer(objection.pk, until=COME_BACK, by=cast.ann, at=at)


def reminder_of(objection: Objection) -> tuple[User, str]:
    row = Reminder.objects.get(key=objection.reminder_key)
    return row.recipient, row.state


def give_back(lead: Lead, cast: Cast, at: datetime) -> None:
    claiming.give_back(lead.pk, reason="no_capacity", by=cast.ann, at=at)


def hand_over_to_pool(lead: Lead, cast: Cast, at: datetime) -> None:
    handover.hand_over(cast.ann.pk, to=None, by=cast.max, at=at)


def recycle(lead: Lead, cast: Cast, at: datetime) -> None:
    day = at
    while Lead.objects.get(pk=lead.pk).owner is not None:
        assert day < at + 60 * DAY
        day += DAY
        recycling.sweep(at=day)


@pytest.mark.parametrize(
    "goes", [give_back, hand_over_to_pool, recycle], ids=lambda one: one.__name__
)
def test_of_a_lead_in_the_pool_nobody_is_reminded_until_somebody_claims_it(
    goes: Callable[[Lead, Cast, datetime], None], cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    objection = deferred(lead, cast, at)
    goes(lead, cast, at)
    assert reminder_of(objection) == (cast.ann, ReminderState.CANCELLED)
    claiming.claim(lead.pk, by=cast.bo, at=at + DAY)
    assert reminder_of(objection) == (cast.bo, ReminderState.PLANNED)


def test_who_takes_over_is_reminded_and_makes_the_visits(cast: Cast, at: datetime) -> None:
    lead = owned(cast.ann, cast)
    objection = deferred(lead, cast, at)
    without_lead = objections.raise_objection(
        uuid7(),
        factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann).pk,
        merchant_words="过年再说",
        declared_reason="not_urgent",
        sub_reason="N1",
        by=cast.ann,
        at=at,
    )
    play = factories.PlayFactory(reason="not_urgent")
    objections.handle(without_lead.pk, attempt_id=uuid7(), play_id=play.pk, by=cast.ann, at=at)
    without_lead = objection_settling.defer(without_lead.pk, until=COME_BACK, by=cast.ann, at=at)
    visit = visits.plan(
        uuid7(), lead.merchant_id, lead_id=lead.pk, planned_for=COME_BACK, by=cast.ann, at=at
    )
    handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert reminder_of(objection) == (cast.bo, ReminderState.PLANNED)
    assert reminder_of(without_lead) == (cast.bo, ReminderState.PLANNED)
    assert Visit.objects.get(pk=visit.pk).owner == cast.bo
    reminders.release_due(at=at + 40 * DAY)
    assert not Reminder.objects.filter(recipient=cast.ann, state="released").exists()


def test_claiming_reminds_of_nothing_that_is_settled(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    objection = raised(lead, by=cast.max, at=at)
    claiming.claim(lead.pk, by=cast.bo, at=at)
    assert not Reminder.objects.filter(key=objection.reminder_key).exists()


# --- a proposal and what speaks of it ---------------------------------------------------------


@pytest.mark.parametrize(
    ("proposal", "suggested"),
    [
        (None, "unaware"),
        (drafted, "unaware"),
        (submitted, "point_missed"),
    ],
    ids=["none", "a draft", "a submitted one"],
)
def test_a_proposal_submitted_before_the_causes_were_agreed_missed_the_point(
    proposal: Any, suggested: str, cast: Cast, at: datetime
) -> None:
    lead = ann_s_lead(cast, stage=Stage.DISCOVERY)
    pain_of(lead.merchant, stuck="R", lead=lead)
    if proposal:
        row = proposal(lead, by=cast.ann, at=at)
    assert raised(lead, by=cast.ann, at=at).suggested_reason == suggested
    if proposal is submitted:
        proposals.withdraw(row.pk, because="老板要改日期", by=cast.ann, at=at)
        assert raised(lead, by=cast.ann, at=at).suggested_reason == suggested, "it was made"


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (Stage.NEW, "proposal_too_early"),
        (Stage.QUALIFIED, "proposal_too_early"),
        (Stage.DISCOVERY, None),
        (Stage.PROPOSAL, None),
        (Stage.APPROVAL, "proposal_in_approval"),
        (Stage.PARKED, "proposal_too_early"),
        (Stage.WON, "lead_closed"),
        (Stage.LOST, "lead_closed"),
    ],
)
def test_a_proposal_is_submitted_in_discovery_and_proposal(
    stage: str, code: str | None, cast: Cast, at: datetime
) -> None:
    lead = ann_s_lead(cast, stage=Stage.PROPOSAL)
    proposal = drafted(lead, by=cast.ann, at=at)
    Lead.objects.filter(pk=lead.pk).update(
        stage=stage,
        lost_reason="other" if stage == Stage.LOST else "",
        revisit_on=COME_BACK if stage == Stage.PARKED else None,
    )
    if code is None:
        proposals.submit(proposal.pk, by=cast.ann, at=at)
        assert newest(proposal).state == "submitted"
        return
    with pytest.raises(RuleBroken) as refusal:
        proposals.submit(proposal.pk, by=cast.ann, at=at)
    assert refusal.value.code == code
    assert newest(proposal).state == "draft"


CHANGES: list[Callable[..., Any]] = [
    lambda pk, **who: proposals.withdraw(pk, because="要改", **who),
    lambda pk, **who: proposals.new_version(pk, changes={}, **who),
    lambda pk, **who: proposals.correct(pk, {"title": "别的"}, **who),
    lambda pk, **who: proposals.submit(pk, **who),
    lambda pk, **who: proposals.waive_forecast(pk, because="首店", **who),
]


@pytest.mark.parametrize(
    "change", CHANGES, ids=["withdraw", "new version", "correct", "submit", "waive"]
)
def test_what_is_being_approved_stays_as_it_was_submitted(
    change: Callable[..., Any], cast: Cast, at: datetime
) -> None:
    desk = LeadDesk(cast, at, Stage.PROPOSAL)
    desk.reach(Stage.APPROVAL)
    proposal = desk.row.proposal
    before = list(proposal.versions.order_by("number").values())
    who = {"by": cast.max, "at": desk.at}
    with pytest.raises(RuleBroken) as refusal:
        change(proposal.pk, **who)
    assert refusal.value.code == "proposal_in_approval"
    assert list(proposal.versions.order_by("number").values()) == before
    desk.step(Stage.PROPOSAL, because="日期要改")
    proposals.withdraw(proposal.pk, because="要改日期", by=cast.ann, at=desk.at)


def test_the_draft_written_after_the_submitted_version_is_not_what_is_won(
    cast: Cast, at: datetime
) -> None:
    desk = LeadDesk(cast, at, Stage.PROPOSAL)
    desk.ready(Stage.APPROVAL)
    proposal = desk.row.proposal
    dear = {"budget_fen": 10**12, "title": "还没谈好的"}
    proposals.new_version(proposal.pk, changes=dear, by=cast.ann, at=desk.at)
    desk.step(Stage.APPROVAL)
    desk.step(Stage.WON, by=cast.max)
    from campaigns.models import Campaign

    campaign = Campaign.objects.get(origin_id=desk.pk)
    assert (campaign.name, campaign.budget_fen) == ("工作日晚餐满100减20", 2_000_000)


# --- the campaign's draft ---------------------------------------------------------------------


@pytest.fixture
def draft(cast: Cast, at: datetime) -> Any:
    """The campaign's draft of a lead that was won."""
    from campaigns.models import Campaign

    desk = LeadDesk(cast, at, Stage.PROPOSAL)
    desk.reach(Stage.WON)
    return Campaign.objects.get(origin_id=desk.pk)


def test_the_page_of_a_draft_says_so_with_its_offer_and_its_merchant(
    draft: Any, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.mei)
    page = browser.get(f"/admin/campaigns/campaign/{draft.pk}/change/").content.decode()
    merchant = draft.merchants.get()
    assert "A draft does not run" in page
    assert "¥20 off purchases of ¥100 or more" in page
    assert f"/admin/merchants/merchant/{merchant.pk}/change/" in page
    planned = factories.CampaignFactory(unit=cast.shanghai, name="已排期的")
    other = browser.get(f"/admin/campaigns/campaign/{planned.pk}/change/").content.decode()
    assert "A draft does not run" not in other
    drafts = browser.get("/admin/campaigns/campaign/?stage=draft").content.decode()
    assert draft.name in drafts
    assert planned.name not in drafts


@pytest.mark.parametrize("running", ["now", "ahead", "over"])
def test_a_draft_neither_runs_nor_will_nor_did(
    running: str, draft: Any, cast: Cast, signed_in: Callable[[User], Client], monkeypatch: Any
) -> None:
    from django.utils import timezone

    from campaigns.models import CampaignStage

    this_day = timezone.localdate()
    first, last, stage = {
        "now": (this_day, this_day, CampaignStage.ACTIVE),
        "ahead": (this_day + DAY, this_day + DAY, CampaignStage.SCHEDULED),
        "over": (this_day - DAY, this_day - DAY, CampaignStage.ENDED),
    }[running]
    type(draft).objects.update(starts_on=first, ends_on=last)
    planned = factories.CampaignFactory(
        unit=cast.shanghai, name="已排期的", stage=stage, starts_on=first, ends_on=last
    )
    page = signed_in(cast.mei).get(f"/admin/campaigns/campaign/?running={running}")
    assert planned.name in page.content.decode()
    assert draft.name not in page.content.decode()
