"""The report's sections on leads: as of the cut-off, own subtree only, in few statements."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from crm.domain import calendar, weekly_report
from crm.models import User
from crm.sections import Period, Table, registered
from crm.weeks import Week
from leads import ahead_report, movement_report, reports
from leads.domain import follow_ups
from leads.models import Lead, LostReason, Stage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
PERIOD = Period.of(WEEK, SHANGHAI, at=datetime(2026, 11, 18, tzinfo=UTC))
END = PERIOD.end
IN_WEEK = END - timedelta(days=3)
BEFORE = END - timedelta(days=60)


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2027), at=timezone.now())


def lead(cast: Cast, *, unit: str = "xuhui", owner: str = "ann", **values: Any) -> Lead:
    given = {
        "merchant__unit": getattr(cast, unit),
        "owner": cast.named(owner),
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "stage_entered_at": BEFORE,
        "last_activity_at": BEFORE,
    }
    made: Lead = factories.LeadFactory(**{**given, **values})
    factories.StageChangeFactory(lead=made, at=made.created_at)
    return made


def step(made: Lead, to: Stage, at: datetime, **values: Any) -> None:
    """Move a lead, as the pipeline's verb does."""
    factories.StageChangeFactory(lead=made, from_stage=made.stage, to_stage=to, at=at, **values)
    made.change(
        at=at,
        stage=to,
        stage_entered_at=at,
        last_activity_at=at,
        lost_reason=values.get("lost_reason", ""),
        revisit_on=None,
    )


def shown(section: Any, viewer: User, period: Period = PERIOD) -> Table:
    table = section(weekly_report.audience(viewer), period)
    assert isinstance(table, Table)
    return table


def figure(table: Table, key: str) -> int | None:
    return next(one.value for one in table.figures if one.key == key)


def funnel_of(viewer: User, period: Period = PERIOD) -> dict[str, tuple[int, int, int | None]]:
    return {
        str(row["stage"]): (row["count"], row["entered"], row["conversion"])
        for row in shown(reports.funnel, viewer, period).rows
    }


def test_the_funnel_counts_stages_as_of_the_cut_off(cast: Cast) -> None:
    moved_in_week, moved_after, opened_after = lead(cast), lead(cast), lead(cast)
    step(moved_in_week, Stage.QUALIFIED, IN_WEEK)
    step(moved_after, Stage.QUALIFIED, END)
    Lead.objects.filter(pk=opened_after.pk).update(created_at=END)
    counted = funnel_of(cast.max)
    assert counted["New"][0] == 1
    assert counted["Qualified"] == (1, 1, None)


def test_conversion_is_the_share_of_those_who_left_that_went_forward(cast: Cast) -> None:
    for to in (Stage.QUALIFIED, Stage.QUALIFIED, Stage.LOST):
        step(lead(cast), to, IN_WEEK, lost_reason="rival" if to == Stage.LOST else "")
    long_ago = lead(cast)
    step(long_ago, Stage.LOST, END - timedelta(days=91), lost_reason="rival")
    there_and_back = lead(cast, stage=Stage.PROPOSAL)
    step(there_and_back, Stage.DISCOVERY, IN_WEEK)
    counted = funnel_of(cast.max)
    assert counted["New"] == (0, 0, 6667)
    assert counted["Proposal"][2] == 0
    assert counted["Approval"][2] is None, "no data is not 0 %"


def test_won_lists_who_signed_in_the_week(cast: Cast) -> None:
    for at in (IN_WEEK, PERIOD.start, PERIOD.start - timedelta(seconds=1), END):
        step(lead(cast, stage=Stage.APPROVAL), Stage.WON, at)
    table = shown(reports.won, cast.max)
    assert figure(table, "won") == 2
    assert [row["won_at"] for row in table.rows] == [IN_WEEK, PERIOD.start]
    assert table.rows[0]["link"].startswith("/admin/leads/lead/")
    assert table.link == f"/admin/leads/lead/?stepped=won.2026-W46&unit={cast.xuhui.pk}"


def test_lost_counts_each_reason(cast: Cast) -> None:
    for reason in (LostReason.RIVAL, LostReason.RIVAL, LostReason.NOT_URGENT):
        step(lead(cast), Stage.LOST, IN_WEEK, lost_reason=reason)
    rows = shown(reports.lost, cast.max).rows
    assert [(str(row["reason"]), row["count"]) for row in rows] == [
        ("Signed with a rival bank", 2),
        ("Not urgent, not important", 1),
    ]


def follow_up(cast: Cast, **values: Any) -> Any:
    given = {
        "merchant": lead(cast).merchant,
        "owner": cast.ann,
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "due_at": IN_WEEK,
    }
    return factories.FollowUpFactory(**{**given, **values})


def test_overdue_is_what_was_due_and_open_at_the_cut_off(cast: Cast) -> None:
    follow_up(cast, title="overdue")
    follow_up(cast, title="closed later", state="done", closed_at=END, updated_at=END)
    follow_up(cast, title="closed in time", state="done", closed_at=IN_WEEK)
    follow_up(cast, title="due later", due_at=END)
    follow_up(cast, title="promised later", created_at=END)
    table = shown(reports.overdue, cast.max)
    assert figure(table, "overdue") == 2
    assert {row["title"] for row in table.rows} == {"overdue", "closed later"}


def test_putting_off_after_the_cut_off_does_not_change_the_week(cast: Cast) -> None:
    merchant = lead(cast).merchant
    made = follow_ups.promise(
        factories.FollowUpFactory.build().pk,
        merchant.pk,
        title="proposal",
        due_at=IN_WEEK,
        owner=cast.ann,
        by=cast.ann,
        at=IN_WEEK - timedelta(days=2),
    )
    on_time = shown(reports.overdue, cast.max)
    assert figure(on_time, "overdue") == 1
    for days in (3, 8):
        at = END + timedelta(days=days - 2, hours=9)
        follow_ups.snooze(made.pk, until=END + timedelta(days=days, hours=9), by=cast.ann, at=at)
    late = shown(reports.overdue, cast.max)
    assert late.rows == on_time.rows
    assert late.figures == on_time.figures


def test_stale_is_too_long_in_the_stage_and_without_activity(cast: Cast) -> None:
    # Five working days are allowed in NEW. The week ends on Sunday 15 November.
    friday, thursday = (datetime(2026, 11, day, 12, tzinfo=SHANGHAI) for day in (6, 5))
    lead(cast, stage_entered_at=friday, last_activity_at=friday)
    stale = lead(cast, stage_entered_at=thursday, last_activity_at=thursday)
    lead(cast, stage_entered_at=thursday, last_activity_at=friday)
    lead(cast, stage=Stage.PARKED, revisit_on=END.date())
    table = shown(reports.stale, cast.max)
    assert [row["merchant"] for row in table.rows] == [stale.merchant.name]
    assert table.rows[0]["working_days"] == 6
    assert figure(table, "stale") == 1


def test_activity_after_the_cut_off_does_not_make_a_lead_fresh_before_it(cast: Cast) -> None:
    made = lead(cast)
    factories.ActivityFactory(
        lead=made,
        merchant=made.merchant,
        actor=cast.ann,
        occurred_at=BEFORE,
        created_at=BEFORE,
    )
    on_time = shown(reports.stale, cast.max)
    factories.ActivityFactory(
        lead=made,
        merchant=made.merchant,
        actor=cast.ann,
        occurred_at=IN_WEEK,
        created_at=END + timedelta(hours=9),
    )
    made.change(at=END + timedelta(hours=9), last_activity_at=IN_WEEK)
    step(made, Stage.QUALIFIED, END + timedelta(hours=10))
    assert shown(reports.stale, cast.max).rows == on_time.rows
    assert len(on_time.rows) == 1


def test_partnerships_to_come_sum_what_is_expected(cast: Cast) -> None:
    lead(cast, stage=Stage.PROPOSAL, expected_value_fen=100)
    largest = lead(cast, stage=Stage.APPROVAL, expected_value_fen=900)
    lead(cast, stage=Stage.APPROVAL, expected_value_fen=None)
    lead(cast, stage=Stage.DISCOVERY, expected_value_fen=5_000)
    table = shown(reports.to_come, cast.max)
    assert (figure(table, "to_come"), figure(table, "expected")) == (3, 1_000)
    assert table.rows[0]["merchant"] == largest.merchant.name
    assert table.rows[-1]["value"] is None


def test_half_of_the_stays_in_a_stage_were_not_longer_than_its_median(cast: Cast) -> None:
    for days in (2, 9, 4):
        step(lead(cast), Stage.QUALIFIED, IN_WEEK, working_days=days)
    rows = {str(row["stage"]): row["days"] for row in shown(reports.funnel, cast.max).rows}
    assert (rows["New"], rows["Approval"]) == (4, None)


def moved(viewer: User) -> list[tuple[str, str, str]]:
    rows = shown(movement_report.movement, viewer).rows
    return [(str(row["way"]), row["merchant"], str(row["step"])) for row in rows]


def test_steps_of_the_week_went_on_or_slipped_back(cast: Cast) -> None:
    on, back, parked = lead(cast), lead(cast, stage=Stage.PROPOSAL), lead(cast)
    step(on, Stage.QUALIFIED, IN_WEEK)
    step(back, Stage.DISCOVERY, IN_WEEK)
    parked.change(at=IN_WEEK, stage=Stage.PARKED, stage_entered_at=IN_WEEK, revisit_on=END.date())
    factories.StageChangeFactory(lead=parked, from_stage="new", to_stage="parked", at=IN_WEEK)
    step(lead(cast), Stage.LOST, IN_WEEK, lost_reason="rival")
    step(lead(cast), Stage.QUALIFIED, END)
    assert [one for one in moved(cast.max) if one[0] != "Went stale"] == [
        ("Slipped back", parked.merchant.name, "New → Parked"),
        ("Slipped back", back.merchant.name, "Proposal → Discovery"),
        ("Went on", on.merchant.name, "New → Qualified"),
    ]
    table = shown(movement_report.movement, cast.max)
    assert (figure(table, "went_on"), figure(table, "slipped")) == (1, 2)


def test_a_lead_goes_stale_in_one_week_only(cast: Cast) -> None:
    # Five working days are allowed in NEW; the week ends on Sunday 15 November.
    new, old, fresh = (datetime(2026, 11, day, 12, tzinfo=SHANGHAI) for day in (5, 2, 6))
    # What rests since the 30th of October was stale when the week began.
    long_stale = datetime(2026, 10, 29, 12, tzinfo=SHANGHAI)
    stale = [
        lead(cast, stage_entered_at=moment, last_activity_at=moment).merchant.name
        for moment in (old, new)
    ]
    for moment in (long_stale, fresh):
        lead(cast, stage_entered_at=moment, last_activity_at=moment)
    assert [one[1] for one in moved(cast.max)] == stale
    assert figure(shown(movement_report.movement, cast.max), "went_stale") == 2


def test_next_week_is_known_as_it_was_when_the_week_ended(cast: Cast) -> None:
    tuesday = END + timedelta(days=1, hours=9)
    kept = follow_up(cast, title="next week", due_at=tuesday)
    follow_up(cast, title="in two weeks", due_at=tuesday + timedelta(days=7))
    follow_up(cast, title="promised since", due_at=tuesday, created_at=END)
    visit = factories.VisitFactory(
        merchant=kept.merchant,
        owner=cast.ann,
        planned_for=tuesday.date(),
        created_at=BEFORE,
        updated_at=BEFORE,
    )
    factories.VisitFactory(
        merchant=kept.merchant, owner=cast.ann, planned_for=END.date() + timedelta(days=9)
    )
    factories.CampaignFactory(
        name="秋季满减",
        unit=cast.xuhui,
        created_at=BEFORE,
        stage="scheduled",
        stage_entered_at=BEFORE,
        starts_on=END.date() + timedelta(days=2),
    )
    told = shown(ahead_report.next_week, cast.max)
    rows = [(row["day"].isoformat(), row["kind"], row["about"]) for row in told.rows]
    assert rows == [
        ("2026-11-17", "Follow-up", f"{kept.merchant.name} · next week"),
        ("2026-11-17", "Visit", kept.merchant.name),
        ("2026-11-18", "Campaign starts", "秋季满减"),
    ]
    assert [one.value for one in told.figures] == [1, 1, 0, 1, 0]
    kept.change(at=tuesday, state="done", closed_at=tuesday)
    type(visit).objects.filter(pk=visit.pk).update(
        state="cancelled", cancelled_because="rain", updated_at=tuesday
    )
    assert shown(ahead_report.next_week, cast.max).rows == told.rows


def test_a_list_shows_ten_and_says_how_many_it_left_out(cast: Cast) -> None:
    for _ in range(12):
        lead(cast)
    table = shown(reports.stale, cast.max)
    assert (len(table.rows), table.left_out) == (10, 2)


@pytest.mark.parametrize(
    ("viewer", "xuhui", "branch", "hangzhou"),
    [
        ("ann", True, False, False),
        ("bo", False, False, False),
        ("max", True, False, False),
        ("mei", True, True, False),
        ("sam", False, False, True),
        ("fay", False, False, False),
        ("nia", False, False, False),
        ("otto", True, True, True),
        ("ada", True, True, True),
    ],
)
def test_everybody_sees_their_own_subtree_only(
    cast: Cast, viewer: str, *, xuhui: bool, branch: bool, hangzhou: bool
) -> None:
    places = {"xuhui": "ann", "shanghai": "mei", "hangzhou": "sam"}
    names = {
        unit: lead(cast, unit=unit, owner=owner, stage=Stage.PROPOSAL).merchant.name
        for unit, owner in places.items()
    }
    seen = {row["merchant"] for row in shown(reports.to_come, cast.named(viewer)).rows}
    allowed = dict(zip(places, (xuhui, branch, hangzhou), strict=True))
    assert seen == {names[unit] for unit, may in allowed.items() if may}


def test_a_manager_who_also_sells_does_not_report_the_pool_of_the_branch(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.max, unit=cast.xuhui, role="rep")
    free = lead(cast, unit="shanghai", owner="mei", stage=Stage.PROPOSAL)
    Lead.objects.filter(pk=free.pk).update(owner=None)
    assert Lead.objects.visible_to(cast.max).filter(pk=free.pk).exists()
    assert shown(reports.to_come, cast.max).rows == []


def test_a_unit_narrows_and_never_widens(cast: Cast) -> None:
    lead(cast, stage=Stage.PROPOSAL)
    lead(cast, unit="hangzhou", owner="sam", stage=Stage.PROPOSAL)
    narrowed = weekly_report.audience(cast.ada, cast.hangzhou)
    assert len(reports.to_come(narrowed, PERIOD).rows) == 1
    widened = weekly_report.audience(cast.max, cast.head_office)
    assert len(reports.to_come(widened, PERIOD).rows) == 1


@pytest.mark.parametrize(
    ("name", "at_most"),
    [
        ("funnel", 4),
        ("won", 4),
        ("overdue", 4),
        ("stale", 4),
        ("to_come", 4),
        ("lost", 4),
        ("movement", 6),
        ("ranking", 6),
        ("next_week", 12),
    ],
)
def test_more_rows_take_no_more_statements(
    cast: Cast, name: str, at_most: int, same_queries: Callable[..., int]
) -> None:
    def grow(times: int = 5) -> None:
        for _ in range(times):
            lead(cast)
            lead(cast, stage=Stage.PROPOSAL)
            follow_up(cast)
            step(lead(cast, stage=Stage.APPROVAL), Stage.WON, IN_WEEK)
            step(lead(cast), Stage.LOST, IN_WEEK, lost_reason="rival")

    grow(1)
    viewer = User.objects.get(pk=cast.max.pk)
    audience = weekly_report.audience(viewer)
    build = next(one.build for one in registered() if one.key == name)
    same_queries(lambda: build(audience, PERIOD), after=grow, at_most=at_most)
