"""The report's sections on leads: as of the cut-off, own subtree only, in few statements."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from crm.domain import calendar, weekly_report
from crm.models import User
from crm.sections import Period, Table
from crm.weeks import Week
from leads import reports
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
    assert table.link == "/admin/leads/lead/?stage=won"


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


@pytest.mark.parametrize("name", ["funnel", "won", "overdue", "stale", "to_come", "lost"])
def test_more_rows_take_no_more_statements(
    cast: Cast, name: str, same_queries: Callable[..., int]
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
    same_queries(lambda: getattr(reports, name)(audience, PERIOD), after=grow, at_most=4)
