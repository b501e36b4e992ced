"""The metrics of objections: the worked numbers, the groups, and a constant number of queries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.sections import Audience, Period
from crm.weeks import Week
from leads.domain import objection_metrics
from leads.domain.objection_metrics import GroupBy
from leads.domain.objection_rates import Tally
from leads.models import Lead, Objection, Stage
from leads.objection_reports import objections as section
from merchants.models import Merchant, PartnershipStep
from tests import factories
from tests.conftest import Cast
from tests.leads.objection_desk import ann_s_lead

pytestmark = pytest.mark.django_db

LONG_AGO = factories.AT - timedelta(days=60)


def objection(
    lead: Lead,
    *,
    raised_at: datetime = LONG_AGO,
    resolved_after: timedelta | None = None,
    there_and_then: bool = False,
    reopened_after: timedelta | None = None,
    **values: Any,
) -> Objection:
    visit = values.pop("activity", None) or factories.ActivityFactory(
        merchant=lead.merchant, lead=lead, occurred_at=raised_at
    )
    if resolved_after is not None:
        resolved_at = raised_at + resolved_after
        values |= {
            "state": "resolved",
            "commitment": "试两周",
            "commitment_on": resolved_at.date(),
            "resolved_at": resolved_at,
            "resolved_in": visit if there_and_then else None,
        }
        if reopened_after is not None:
            values |= {"state": "reopened", "reopened_at": resolved_at + reopened_after}
    made: Objection = factories.ObjectionFactory(
        merchant=lead.merchant, lead=lead, activity=visit, raised_at=raised_at, **values
    )
    return made


def whole(at: datetime) -> Tally:
    return objection_metrics.whole(Objection.objects.all(), at=at)


def test_the_worked_numbers(cast: Cast, at: datetime) -> None:
    """60 raised at 60 merchants; 45 resolved, 27 of them at once, 5 raised again; 36 moved on."""
    for number in range(60):
        lead = ann_s_lead(cast)
        values: dict[str, Any] = {}
        if number < 45:
            values["resolved_after"] = timedelta(hours=1)
            values["there_and_then"] = number < 27
        if 40 <= number < 45:
            values["reopened_after"] = timedelta(days=30)
        objection(lead, **values)
        if number < 36:
            factories.StageChangeFactory(
                lead=lead,
                from_stage=Stage.DISCOVERY,
                to_stage=Stage.PROPOSAL,
                at=LONG_AGO + timedelta(days=30),
            )
    found = whole(at)
    assert (found.raised, found.resolved) == (60, 45)
    assert found.resolution == Decimal("75.00")
    assert found.same_conversation_rate == Decimal("45.00")
    assert found.progression == Decimal("60.00")
    assert found.reopen == Decimal("11.11")


def test_nothing_raised_is_no_data(cast: Cast, at: datetime) -> None:
    found = whole(at)
    assert (found.raised, found.resolution, found.median_days, found.win) == (0, None, None, None)
    assert objection_metrics.of(Objection.objects.all(), by=GroupBy.REP, at=at) == []


@pytest.mark.parametrize(
    ("reopened_after", "age", "again", "ripe"),
    [
        (timedelta(days=30), 60, 1, 1),
        (timedelta(days=31), 60, 0, 1),
        (timedelta(days=5), 29, 0, 0),
        (None, 60, 0, 1),
    ],
    ids=["on day 30", "on day 31", "resolved too recently", "never"],
)
def test_raised_again_within_thirty_days(
    cast: Cast,
    at: datetime,
    reopened_after: timedelta | None,
    age: int,
    again: int,
    ripe: int,
) -> None:
    objection(
        ann_s_lead(cast),
        raised_at=at - timedelta(days=age),
        resolved_after=timedelta(0),
        reopened_after=reopened_after,
    )
    found = whole(at)
    assert (found.raised_again, found.settled_long_enough) == (again, ripe)


@pytest.mark.parametrize(
    ("sub_reason", "days", "again"),
    [("U1", 30, 1), ("U1", 31, 0), ("U2", 5, 0), ("", 5, 0)],
)
def test_the_same_objection_anew_counts_as_raised_again(
    cast: Cast, at: datetime, sub_reason: str, days: int, again: int
) -> None:
    lead = ann_s_lead(cast)
    objection(lead, resolved_after=timedelta(0), sub_reason="U1")
    objection(lead, raised_at=LONG_AGO + timedelta(days=days), sub_reason=sub_reason)
    assert whole(at).raised_again == again


@pytest.mark.parametrize(
    ("step", "days", "moved"),
    [
        ((Stage.NEW, Stage.QUALIFIED), 1, 1),
        ((Stage.APPROVAL, Stage.WON), 30, 1),
        ((Stage.NEW, Stage.DISCOVERY), 31, 0),
        ((Stage.NEW, Stage.DISCOVERY), -1, 0),
        ((Stage.PROPOSAL, Stage.DISCOVERY), 1, 0),
        ((Stage.DISCOVERY, Stage.PARKED), 1, 0),
        ((Stage.PARKED, Stage.QUALIFIED), 1, 0),
    ],
)
def test_moving_on_is_a_step_forward_within_thirty_days(
    cast: Cast, at: datetime, step: tuple[Stage, Stage], days: int, moved: int
) -> None:
    lead = ann_s_lead(cast)
    objection(lead)
    moment = LONG_AGO + timedelta(days=days)
    factories.StageChangeFactory(lead=lead, from_stage=step[0], to_stage=step[1], at=moment)
    found = whole(at)
    assert (found.merchants, found.moved_on) == (1, moved)


def test_a_partnership_that_grows_moves_on_as_well(cast: Cast, at: datetime) -> None:
    lead = ann_s_lead(cast)
    objection(lead)
    partnership = factories.PartnershipFactory(merchant=lead.merchant)
    PartnershipStep.objects.create(
        partnership=partnership,
        from_stage="pilot",
        to_stage="active",
        at=LONG_AGO + timedelta(days=3),
    )
    assert whole(at).moved_on == 1


def test_a_merchant_counts_once_however_often_it_objects(cast: Cast, at: datetime) -> None:
    lead = ann_s_lead(cast)
    objection(lead)
    objection(lead)
    objection(ann_s_lead(cast), raised_at=at - timedelta(days=29))
    found = whole(at)
    assert (found.raised, found.merchants) == (3, 1), "a young objection says nothing yet"


def test_days_to_resolve_are_working_days(cast: Cast) -> None:
    friday = datetime.fromisoformat("2026-11-13T16:00:00+08:00")
    for days in (3, 0, 4):  # Monday, at once, Tuesday.
        objection(ann_s_lead(cast), raised_at=friday, resolved_after=timedelta(days=days))
    found = whole(friday + timedelta(days=90))
    assert found.days_to_resolve == {1: 1, 0: 1, 2: 1}
    assert found.median_days == Decimal(1)


def test_the_win_rate_is_of_decided_leads(cast: Cast, at: datetime) -> None:
    for stage, reason in (
        (Stage.WON, "unaware"),
        (Stage.WON, "unaware"),
        (Stage.LOST, "unaware"),
        (Stage.NEW, "unaware"),
        (Stage.LOST, "other"),
    ):
        values = {"lost_reason": "other"} if stage == Stage.LOST else {}
        lead = ann_s_lead(cast, stage=stage, **values)
        objection(lead, declared_reason=reason)
        objection(lead, declared_reason=reason)
    rates = {
        one.key: (one.tally.won, one.tally.decided, one.tally.win)
        for one in objection_metrics.of(Objection.objects.all(), by=GroupBy.REASON, at=at)
    }
    assert rates == {"unaware": (2, 3, Decimal("66.67")), "other": (0, 1, Decimal("0.00"))}


def test_the_mismatch_rate_is_of_those_with_a_suggestion(cast: Cast, at: datetime) -> None:
    lead = ann_s_lead(cast)
    objection(lead)
    objection(lead, suggested_reason="unaware")
    objection(lead, suggested_reason="not_urgent", mismatch=True)
    found = whole(at)
    assert (found.mismatched, found.suggested, found.mismatch) == (1, 2, Decimal("50.00"))


def test_the_groups(cast: Cast, at: datetime) -> None:
    factories.CategoryFactory()
    merchant = factories.MerchantFactory(
        unit=cast.xuhui, owner=cast.ann, category_id="5812", category_group="dining"
    )
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    objection(lead, sub_reason="U1", raised_by=cast.ann)
    objection(lead, sub_reason="U1", raised_by=cast.ann)
    elsewhere = ann_s_lead(cast)
    Merchant.objects.filter(pk=elsewhere.merchant_id).update(category_group="")
    objection(elsewhere, declared_reason="other", raised_by=None)
    found = {
        by: [
            (None if one.key is None else str(one.key), str(one.label), one.tally.raised)
            for one in objection_metrics.of(Objection.objects.all(), by=by, at=at)
        ]
        for by in GroupBy
    }
    assert found[GroupBy.REASON] == [
        ("unaware", "Does not see the need", 2),
        ("other", "Other constraint", 1),
    ]
    assert found[GroupBy.SUB_REASON] == [("U1", "No problem felt", 2), (None, "Not said", 1)]
    assert found[GroupBy.CATEGORY] == [("dining", "Dining", 2), (None, "Not said", 1)]
    assert found[GroupBy.UNIT] == [(str(cast.xuhui.pk), "徐汇团队", 3)]
    assert found[GroupBy.REP] == [(str(cast.ann.pk), "Ann", 2), (None, "Nobody", 1)]
    assert found[GroupBy.PLAY] == []


def test_by_play_what_counts_is_what_the_play_resolved(cast: Cast, at: datetime) -> None:
    report, walk = factories.PlayFactory(code="U1"), factories.PlayFactory(code="U2")
    lead = ann_s_lead(cast)
    resolved = objection(lead, resolved_after=timedelta(0))
    open_one = objection(lead)

    def tried(one: Objection, play: Any, outcome: str) -> None:
        outcome_at = at if outcome else None
        factories.PlayAttemptFactory(
            objection=one, play_version=play.current, outcome=outcome, outcome_at=outcome_at
        )

    tried(resolved, report, "no_effect")
    tried(resolved, walk, "helped")
    tried(resolved, walk, "resolved")
    tried(open_one, report, "")
    found = {
        str(one.label): (one.tally.raised, one.tally.resolved, one.tally.resolution)
        for one in objection_metrics.of(Objection.objects.all(), by=GroupBy.PLAY, at=at)
    }
    assert found == {
        "U1 · Baseline report": (2, 0, Decimal("0.00")),
        "U2 · Baseline report": (1, 1, Decimal("100.00")),
    }


@pytest.mark.parametrize("by", GroupBy)
def test_the_number_of_statements_does_not_grow(
    cast: Cast, at: datetime, by: GroupBy, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for _each in range(3):
            one = objection(ann_s_lead(cast), resolved_after=timedelta(days=1))
            factories.PlayAttemptFactory(objection=one)

    grow()
    same_queries(
        lambda: objection_metrics.of(Objection.objects.all(), by=by, at=at), after=grow, at_most=3
    )


def test_the_section_of_the_report(cast: Cast) -> None:
    period = Period.of(Week.parse("2026-W47"), ZoneInfo("Asia/Shanghai"), at=factories.AT)
    moment = period.start + timedelta(hours=10)
    objection(
        ann_s_lead(cast),
        raised_at=moment,
        resolved_after=timedelta(hours=1),
        there_and_then=True,
    )
    objection(ann_s_lead(cast), raised_at=moment)
    objection(ann_s_lead(cast), raised_at=period.start - timedelta(hours=1))
    table = section(Audience(cast.max), period)
    (row,) = table.rows
    assert (row["reason"], row["count"], row["resolution"], row["same"], row["won"]) == (
        "Does not see the need",
        2,
        5000,
        5000,
        None,
    )
    assert [one.value for one in table.figures] == [2]
    assert section(Audience(cast.sam), period).rows == []
    assert Merchant.objects.count() == 3
