"""Today: what is on the list and why, in which group, in which order; and the day of a team."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.domain import parameters
from crm.ids import uuid7
from crm.models import User
from crm.parameters import forget
from leads.domain import follow_ups, pipeline, team_day, today
from leads.domain.today import Row
from leads.models import Lead, Stage
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def a_lead(cast: Cast, at: datetime, owner: User | None = None, **values: Any) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=owner or cast.ann)
    fresh = {"stage_entered_at": at, "last_activity_at": at}
    return factories.LeadFactory(merchant=merchant, owner=owner or cast.ann, **{**fresh, **values})


def a_promise(cast: Cast, due_at: datetime, lead: Lead | None = None, **values: Any) -> Any:
    merchant = lead.merchant if lead else factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.FollowUpFactory(
        **{"merchant": merchant, "lead": lead, "owner": cast.ann, "due_at": due_at, **values}
    )


def said(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.kind.name, str(row.item.why)) for row in rows]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY_DUE = [
    # from now (Wednesday, ten o'clock) → group, why
    (-6 * DAY, "overdue", "overdue by 4 working days"),
    (-DAY, "overdue", "overdue by 1 working day"),
    (-2 * HOUR, "overdue", "overdue since 08:00"),
    (4 * HOUR, "today", "due 14:00"),
    (DAY + HOUR, "coming", "due on 2026-11-19 at 11:00"),
    (5 * DAY, "coming", "due on 2026-11-23 at 10:00"),
]


@pytest.mark.parametrize(("ahead", "group", "why"), WHY_DUE)
def test_a_promise_says_when_it_is_or_was_due(
    ahead: timedelta, group: str, why: str, cast: Cast, at: datetime
) -> None:
    a_promise(cast, at + ahead)
    found = today.of(cast.ann, at=at)
    assert said(getattr(found, group)) == [("follow_up", why)]
    assert len(found.rows) == 1


def test_on_monday_what_was_due_on_saturday_is_late_by_one_working_day(
    cast: Cast, at: datetime
) -> None:
    saturday, sunday, monday = (at + n * DAY for n in (3, 4, 5))
    a_promise(cast, saturday)
    assert said(today.of(cast.ann, at=sunday).overdue) == [
        ("follow_up", "overdue since 2026-11-21 10:00")
    ]
    assert said(today.of(cast.ann, at=monday).overdue) == [
        ("follow_up", "overdue by 1 working day")
    ]


def test_what_is_pressing_says_so(cast: Cast, at: datetime) -> None:
    a_promise(cast, at + 4 * HOUR, priority="high")
    assert said(today.of(cast.ann, at=at).today) == [("follow_up", "due 14:00 · high priority")]


WHY_REVISIT = [
    (date(2026, 11, 18), "today", "revisit date reached"),
    (date(2026, 11, 17), "overdue", "revisit date passed 1 working day ago"),
    (date(2026, 11, 13), "overdue", "revisit date passed 3 working days ago"),
    (date(2026, 11, 23), "coming", "revisit date 2026-11-23"),
]


@pytest.mark.parametrize(("day", "group", "why"), WHY_REVISIT)
def test_a_parked_lead_comes_up_when_its_day_comes(
    day: date, group: str, why: str, cast: Cast, at: datetime
) -> None:
    a_lead(cast, at, stage=Stage.PARKED, revisit_on=day)
    a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 24))
    found = today.of(cast.ann, at=at)
    assert said(getattr(found, group)) == [("revisit", why)]
    assert len(found.rows) == 1


def test_a_lead_past_its_limit_says_for_how_long_and_since_when_nothing_was_done(
    cast: Cast, at: datetime
) -> None:
    # New for eight working days, of which five are its limit.
    resting = a_lead(cast, at, stage_entered_at=at - 12 * DAY, last_activity_at=at - 12 * DAY)
    a_lead(cast, at, stage_entered_at=at - 12 * DAY, last_activity_at=at - DAY)
    a_lead(cast, at, stage_entered_at=at - 6 * DAY, last_activity_at=at - 6 * DAY)
    found = today.of(cast.ann, at=at)
    assert said(found.overdue) == [
        (
            "stale",
            "stage limit passed 3 working days ago, no activity since 2026-11-06",
        )
    ]
    assert found.overdue[0].item.lead == resting
    assert len(found.rows) == 1


def test_a_stale_lead_is_not_said_twice(cast: Cast, at: datetime) -> None:
    resting = a_lead(cast, at, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)
    a_promise(cast, at + DAY, resting)
    found = today.of(cast.ann, at=at)
    assert [row.kind.name for row in found.rows] == ["follow_up"]


@pytest.mark.parametrize("close", [follow_ups.finish, follow_ups.drop])
def test_what_is_done_leaves_the_list(close: Callable[..., Any], cast: Cast, at: datetime) -> None:
    follow_up = a_promise(cast, at - DAY)
    close(follow_up.pk, by=cast.ann, at=at)
    assert today.of(cast.ann, at=at).rows == []


def test_a_colleagues_work_is_not_ones_own(cast: Cast, at: datetime) -> None:
    a_lead(cast, at, cast.bo, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)
    a_lead(cast, at, cast.bo, stage=Stage.PARKED, revisit_on=date(2026, 11, 18))
    a_promise(cast, at, owner=cast.bo)
    assert today.of(cast.ann, at=at).rows == []
    assert len(today.of(cast.bo, at=at).rows) == 3


RANKS = [
    # weight, urgent, late days → rank, with 10 for urgency and 2 a day for ten days
    (60, False, 0, 60),
    (60, True, 0, 70),
    (60, False, 1, 62),
    (60, False, 10, 80),
    (60, False, 300, 80),
    (60, True, 300, 90),
    (45, False, 3, 51),
    (20, False, 10, 40),
    (0, False, 0, 0),
]


@pytest.mark.parametrize(("weight", "urgent", "late", "rank"), RANKS)
def test_the_rank_is_weight_and_urgency_and_delay(
    weight: int, urgent: bool, late: int, rank: int
) -> None:
    found = today.rank_of(weight, urgent=urgent, late_days=late, high=10, a_day_late=2, counted=10)
    assert found == rank


def test_the_most_pressing_stands_first_and_of_equals_the_sooner(cast: Cast, at: datetime) -> None:
    a_lead(cast, at, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)
    a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 17))
    a_promise(cast, at - DAY, title="yesterday")
    a_promise(cast, at - 7 * DAY, title="a week ago")
    a_promise(cast, at - HOUR, title="pressing", priority="high")
    a_promise(cast, at + 3 * HOUR, title="later")
    a_promise(cast, at + HOUR, title="sooner")
    a_promise(cast, at + 5 * HOUR, title="today, pressing", priority="high")
    found = today.of(cast.ann, at=at)
    assert [(row.kind.name, row.rank) for row in found.overdue] == [
        ("follow_up", 70),
        ("follow_up", 70),
        ("follow_up", 62),
        ("revisit", 47),
        ("stale", 40),
    ]
    assert [row.item.title for row in found.overdue][:3] == ["a week ago", "pressing", "yesterday"]
    assert [row.item.title for row in found.today] == ["today, pressing", "sooner", "later"]


def test_an_administrator_changes_what_weighs_how_much(cast: Cast, at: datetime) -> None:
    a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 18))
    a_promise(cast, at + HOUR)
    assert [row.kind.name for row in today.of(cast.ann, at=at).today] == ["follow_up", "revisit"]
    parameters.change(
        uuid7(),
        "leads.today.weight.revisit",
        value=Decimal(99),
        because="先看到期的搁置线索",
        by=cast.ada,
        at=at,
    )
    forget()
    assert [row.kind.name for row in today.of(cast.ann, at=at).today] == ["revisit", "follow_up"]


def test_every_source_is_bounded(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "MOST", 2)
    for _one in range(3):
        a_promise(cast, at + HOUR)
        a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 18))
        a_lead(cast, at, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)
    kinds = [row.kind.name for row in today.of(cast.ann, at=at).rows]
    assert {name: kinds.count(name) for name in ("follow_up", "revisit", "stale")} == {
        "follow_up": 2,
        "revisit": 2,
        "stale": 2,
    }


def a_day(cast: Cast, at: datetime) -> None:
    for days in range(3):
        a_promise(cast, at + days * DAY, a_lead(cast, at))
        a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 17 + days))
        a_lead(cast, at, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)


def test_a_fuller_day_asks_no_more_statements(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    a_day(cast, at)
    ann = User.objects.get(pk=cast.ann.pk)

    def look() -> None:
        for row in today.of(ann, at=at).rows:
            assert row.item.merchant.name
            assert row.item.lead is None or row.item.lead.stage

    same_queries(look, after=lambda: a_day(cast, at), at_most=len(today.SOURCES) + 2)


# --- the team ------------------------------------------------------------------------------


def test_a_leader_sees_what_is_overdue_by_colleague(cast: Cast, at: datetime) -> None:
    a_promise(cast, at - DAY, owner=cast.ann)
    a_promise(cast, at - 3 * DAY, owner=cast.ann)
    a_promise(cast, at + DAY, owner=cast.ann)
    a_lead(cast, at, cast.bo, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)
    a_promise(cast, at - DAY, owner=cast.sam)
    seen = {
        name: [
            (one.user.full_name, one.overdue, one.stale)
            for one in team_day.of(cast.named(name), at=at)
        ]
        for name in ("max", "mei", "ann", "sam", "nia")
    }
    assert seen["max"][:2] == [("Ann", 2, 0), ("Bo", 0, 1)]
    assert [name for name, _overdue, _stale in seen["max"]] == ["Ann", "Bo", "Max"]
    assert [name for name, _overdue, _stale in seen["mei"]] == ["Ann", "Bo", "Max", "Mei"]
    assert seen["ann"] == seen["sam"] == seen["nia"] == []
    everybody = {one.user.full_name: one for one in team_day.of(cast.otto, at=at)}
    assert everybody["Sam"].overdue == 1
    assert everybody["Ann"].oldest_due_at == at - 3 * DAY


def test_a_larger_team_asks_no_more_statements(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for _one in range(3):
            rep = factories.MembershipFactory(unit=cast.xuhui).user
            a_promise(cast, at - DAY, owner=rep)
            a_lead(cast, at, rep, stage_entered_at=at - 40 * DAY, last_activity_at=at - 40 * DAY)

    grow()
    leader = User.objects.get(pk=cast.max.pk)
    assert leader.scope.overseen
    same_queries(lambda: team_day.of(leader, at=at), after=grow, at_most=3)


# --- through the API -----------------------------------------------------------------------


def test_a_phone_reads_why_and_what_kind(cast: Cast) -> None:
    now = timezone.now()
    lead = a_lead(cast, now)
    follow_up = a_promise(cast, now - DAY, lead, title="送方案", priority="high")
    parked = a_lead(cast, now, stage=Stage.PARKED, revisit_on=timezone.localdate() - 8 * DAY)
    phone = Phone(cast.ann)
    answer = phone.get("today/").json()
    assert set(answer) == {"overdue", "today", "coming"}
    promise, revisit = answer["overdue"]
    assert promise | {"why": "", "rank": 0, "due_at": ""} == {
        "id": str(follow_up.pk),
        "kind": "follow_up",
        "title": "送方案",
        "why": "",
        "rank": 0,
        "due_at": "",
        "timed": True,
        "priority": "high",
        "merchant": {"id": str(lead.merchant_id), "name": lead.merchant.name},
        "lead": str(lead.pk),
        "stage": "new",
    }
    assert promise["rank"] > revisit["rank"]
    assert (revisit["kind"], revisit["id"], revisit["timed"]) == ("revisit", str(parked.pk), False)
    assert "revisit date passed" in revisit["why"]
    assert Phone(cast.ann, "zh-hans").get("today/").status_code == 200
    team = Phone(cast.max).get("today/team/").json()["colleagues"]
    assert team[0]["owner"] == {"id": str(cast.ann.pk), "full_name": "Ann"}
    assert team[0]["overdue"] == 1
    assert phone.get("today/team/").json() == {"colleagues": []}


def test_a_step_off_the_shelf_takes_the_revisit_off_the_list(cast: Cast, at: datetime) -> None:
    lead = a_lead(cast, at, stage=Stage.PARKED, revisit_on=date(2026, 11, 18))
    assert today.of(cast.ann, at=at).today
    pipeline.advance(lead.pk, to=Stage.LOST, lost_reason="rival", by=cast.ann, at=at)
    assert today.of(cast.ann, at=at).rows == []


# --- what other rooms bring ----------------------------------------------------------------


VISITS = [
    # planned for, at, state → group, why
    (date(2026, 11, 18), time(10, 30), "planned", "today", "visit planned 10:30"),
    (date(2026, 11, 18), time(9, 0), "planned", "overdue", "visit planned 09:00"),
    (date(2026, 11, 18), None, "planned", "today", "visit planned for today"),
    (date(2026, 11, 17), None, "planned", "overdue", "visit planned on 2026-11-17, not begun"),
    (date(2026, 11, 19), time(14, 0), "planned", "coming", "visit planned on 2026-11-19 14:00"),
    (date(2026, 11, 18), None, "checked_in", "today", "visit begun and not ended"),
]


@pytest.mark.parametrize(("day", "hour", "state", "group", "why"), VISITS)
def test_a_visit_is_on_the_list_of_its_day(
    day: date, hour: time | None, state: str, group: str, why: str, cast: Cast, at: datetime
) -> None:
    begun = {"arrived_at": at, "checked_in_at": at} if state == "checked_in" else {}
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    for owner in (cast.ann, cast.bo):
        factories.VisitFactory(
            merchant=merchant,
            owner=owner,
            planned_for=day,
            planned_time=hour,
            state=state,
            **begun,
        )
    found = today.of(cast.ann, at=at)
    assert said(getattr(found, group)) == [("visit", why)]
    assert len(found.rows) == 1


OBJECTIONS = [
    (date(2026, 11, 18), "today", "objection deferred until today"),
    (date(2026, 11, 16), "overdue", "objection deferred until 2026-11-16"),
    (date(2026, 11, 20), "coming", "objection deferred until 2026-11-20"),
]


@pytest.mark.parametrize(("day", "group", "why"), OBJECTIONS)
def test_a_deferred_objection_comes_up_for_who_works_the_lead(
    day: date, group: str, why: str, cast: Cast, at: datetime
) -> None:
    lead = a_lead(cast, at)
    factories.ObjectionFactory(
        merchant=lead.merchant,
        lead=lead,
        raised_by=cast.bo,
        state="deferred",
        deferred_until=day,
        merchant_words="生意还行,不需要",
    )
    found = today.of(cast.ann, at=at)
    assert said(getattr(found, group)) == [("objection", why)]
    assert "生意还行" in found.rows[0].item.title
    assert today.of(cast.bo, at=at).rows == [], "it is the lead's, and the lead is Ann's"
