"""Every road of the pipeline: who may walk it, what it asks for, and where there is none."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, StageNotReachable, Stale
from crm.ids import uuid7
from leads.domain import pipeline
from leads.models import Lead, LostReason, Stage, StageChange
from leads.models.stages import GUARD_SENTENCES, OPEN_STAGES, ROADS, Guard, Who
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

WALKERS: dict[Who, tuple[str, str]] = {
    Who.WORKER: ("ann", "rui"),
    Who.APPROVER: ("max", "ann"),
    Who.LEADER: ("mei", "ann"),
    Who.COMPLIANCE: ("rui", "max"),
}
"""For each kind of road: somebody who may walk it, and somebody who sees the lead and may not."""

SAID: dict[Guard, dict[str, Any]] = {
    Guard.REASON: {"because": "过完年再说"},
    Guard.REVISIT_DATE: {"revisit_on": date(2027, 2, 22)},
    Guard.LOST_REASON: {"lost_reason": LostReason.RIVAL},
}

ALL_ROADS = [(start, to, road) for start, roads in ROADS.items() for to, road in roads.items()]
NO_ROADS = [(start, to) for start, to in product(Stage, Stage) if to not in ROADS[start]]


@pytest.fixture
def lead_in(cast: Cast) -> Callable[..., Lead]:
    """A lead of Ann's in a stage."""

    def make(stage: Stage, **values: Any) -> Lead:
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        needed: dict[str, Any] = {
            Stage.LOST: {"lost_reason": LostReason.OTHER},
            Stage.PARKED: {"revisit_on": date(2026, 12, 1)},
        }.get(stage, {})
        return factories.LeadFactory(
            merchant=merchant, **{"owner": cast.ann, "stage": stage, **needed, **values}
        )

    return make


def said(guards: tuple[Guard, ...], *, but: Guard | None = None) -> dict[str, Any]:
    return {
        name: value
        for guard in guards
        if guard is not but
        for name, value in SAID.get(guard, {}).items()
    }


@pytest.mark.parametrize(("start", "to", "road"), ALL_ROADS)
def test_whom_a_road_is_for_can_walk_it(
    start: Stage, to: Stage, road: Any, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(start)
    later = at + timedelta(days=2)
    walker = cast.named(WALKERS[road.who][0])
    moved = pipeline.advance(lead.pk, to=to, by=walker, at=later, **said(road.guards))
    assert (moved.stage, moved.version, moved.stage_entered_at) == (to, lead.version + 1, later)
    change = StageChange.objects.get(lead=lead)
    assert (change.from_stage, change.to_stage, change.actor) == (start, to, walker)
    assert change.working_days == 2
    entry = TimelineEntry.objects.get(subject_id=lead.pk)
    assert (entry.kind.split("_")[0], entry.actor) == ("lead.moved", walker)


@pytest.mark.parametrize(("start", "to", "road"), ALL_ROADS)
def test_whom_a_road_is_not_for_is_refused(
    start: Stage, to: Stage, road: Any, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(start)
    with pytest.raises(NotAllowed):
        pipeline.advance(
            lead.pk, to=to, by=cast.named(WALKERS[road.who][1]), at=at, **said(road.guards)
        )
    untouched(lead)


@pytest.mark.parametrize(
    ("start", "to", "guard"),
    [(start, to, guard) for start, to, road in ALL_ROADS for guard in road.guards],
)
def test_a_road_names_what_is_missing(
    start: Stage, to: Stage, guard: Guard, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    road = ROADS[start][to]
    lead = lead_in(start, **({"owner": None} if guard is Guard.OWNER else {}))
    by = cast.max if road.who is Who.WORKER else cast.named(WALKERS[road.who][0])
    told = said(road.guards, but=guard)
    when = at + timedelta(days=91) if guard is Guard.RECENTLY_LOST else at
    with pytest.raises(StageNotReachable) as refusal:
        pipeline.advance(lead.pk, to=to, by=by, at=when, **told)
    assert refusal.value.code == "stage_not_reachable"
    assert refusal.value.facts["missing"] == [guard]
    assert [one.detail for one in refusal.value.problems] == [GUARD_SENTENCES[guard]]
    untouched(lead)


@pytest.mark.parametrize(("start", "to"), NO_ROADS)
def test_where_there_is_no_road_nobody_goes(
    start: Stage, to: Stage, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(start)
    everything = {name: value for one in SAID.values() for name, value in one.items()}
    with pytest.raises(StageNotReachable) as refusal:
        pipeline.advance(lead.pk, to=to, by=SYSTEM, at=at, **everything)
    assert refusal.value.code == "stage_not_reachable"
    assert refusal.value.facts["reachable"] == list(ROADS[start])
    untouched(lead)


def untouched(lead: Lead) -> None:
    """Nothing was written."""
    version = lead.version
    lead.refresh_from_db()
    assert lead.version == version
    assert not StageChange.objects.filter(lead=lead).exists()
    assert not TimelineEntry.objects.filter(subject_id=lead.pk).exists()


def test_the_ways_shown_are_the_roads_that_advance_takes(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    for start in Stage:
        lead = lead_in(start)
        ways = {way.to: way for way in pipeline.ways(lead, by=cast.ann, at=at)}
        assert set(ways) == set(ROADS[start])
        for to, road in ROADS[start].items():
            assert ways[to].allowed == (road.who is Who.WORKER)
            assert set(ways[to].missing) == set(road.guards) & set(SAID)


def test_a_rep_does_not_approve_her_own_lead_nor_does_a_lead_who_owns_it(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.APPROVAL, owner=cast.max)
    with pytest.raises(NotAllowed):
        pipeline.advance(lead.pk, to=Stage.WON, by=cast.max, at=at)
    assert pipeline.advance(lead.pk, to=Stage.WON, by=cast.mei, at=at).stage == Stage.WON


def test_a_lost_lead_says_why_and_a_reason_in_words_counts_as_other(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    lost = pipeline.advance(lead.pk, to=Stage.LOST, because="店主回老家了", by=cast.ann, at=at)
    assert lost.lost_reason == LostReason.OTHER


def test_a_revisit_date_on_a_day_off_moves_and_says_so(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    parked = pipeline.advance(
        lead.pk,
        to=Stage.PARKED,
        because="等开业",
        revisit_on=date(2026, 11, 21),
        by=cast.ann,
        at=at,
    )
    assert parked.revisit_on == date(2026, 11, 23)
    assert [one.code for one in parked.notices] == ["moved_to_working_day"]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 11, 18), "day_in_the_past"),
        (date(2020, 1, 1), "day_in_the_past"),
        (date.max, "too_far_ahead"),
    ],
)
def test_a_revisit_date_lies_ahead_and_within_reach(
    day: date, code: str, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    with pytest.raises(InvalidInput) as refusal:
        pipeline.advance(lead.pk, to=Stage.PARKED, because="…", revisit_on=day, by=cast.ann, at=at)
    assert refusal.value.code == code
    untouched(lead)


def test_leaving_the_park_clears_the_date_and_reopening_clears_the_reason(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    parked = lead_in(Stage.PARKED)
    assert pipeline.advance(parked.pk, to=Stage.QUALIFIED, by=cast.ann, at=at).revisit_on is None
    lost = lead_in(Stage.LOST)
    again = pipeline.advance(
        lost.pk, to=Stage.QUALIFIED, because="新店长", by=cast.max, at=at + timedelta(days=90)
    )
    assert again.lost_reason == ""


def test_a_merchant_has_one_open_lead(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    with pytest.raises(RuleBroken) as refusal:
        pipeline.open_lead(uuid7(), lead.merchant_id, owner=cast.ann, by=cast.ann, at=at)
    assert refusal.value.code == "lead_already_open"
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("stage", [one for one in Stage if one not in OPEN_STAGES])
def test_a_closed_lead_leaves_room_for_another_and_then_stays_closed(
    stage: Stage, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(stage)
    second = pipeline.open_lead(uuid7(), lead.merchant_id, owner=cast.ann, by=cast.ann, at=at)
    assert second.stage == Stage.NEW
    if stage is Stage.LOST:
        with pytest.raises(RuleBroken) as refusal:
            pipeline.advance(lead.pk, to=Stage.QUALIFIED, because="…", by=cast.max, at=at)
        assert refusal.value.code == "lead_already_open"


def test_the_merchant_follows_the_leads_owner(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=None)
    lead = pipeline.open_lead(uuid7(), merchant.pk, owner=cast.bo, by=cast.bo, at=at)
    merchant.refresh_from_db()
    assert merchant.owner == cast.bo
    follow_up = factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.bo)
    pipeline.assign(lead.pk, to=cast.ann, by=cast.max, at=at)
    merchant.refresh_from_db()
    follow_up.refresh_from_db()
    assert merchant.owner == follow_up.owner == cast.ann


def test_a_lead_goes_only_to_who_works_at_its_unit(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    for name in ("sam", "fay", "nia"):
        with pytest.raises(InvalidInput) as refusal:
            pipeline.assign(lead.pk, to=cast.named(name), by=cast.max, at=at)
        assert refusal.value.code == "owner_not_at_unit"
    cast.bo.is_active = False
    with pytest.raises(InvalidInput):
        pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
    assert pipeline.assign(lead.pk, to=cast.ann, by=cast.max, at=at).version == lead.version


def test_what_one_may_not_know_of_does_not_exist(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    for verb in (
        lambda pk: pipeline.advance(pk, to=Stage.QUALIFIED, by=cast.bo, at=at),
        lambda pk: pipeline.correct(pk, {"source": "referral"}, by=cast.bo, at=at),
        lambda pk: pipeline.assign(pk, to=cast.bo, by=cast.bo, at=at),
    ):
        with pytest.raises(NotFound) as hidden:
            verb(lead.pk)
        with pytest.raises(NotFound) as missing:
            verb(uuid7())
        assert str(hidden.value) == str(missing.value)


def test_an_outdated_version_is_told_the_current_state(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    pipeline.correct(lead.pk, {"source": "referral"}, by=cast.ann, at=at, version=1)
    with pytest.raises(Stale) as refusal:
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=at, version=1)
    assert refusal.value.facts["current"].version == 2


@pytest.mark.parametrize("fen", [-1, 10**13 + 1])
def test_an_expected_value_is_within_reason(
    fen: int, cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    with pytest.raises(InvalidInput):
        pipeline.correct(lead.pk, {"expected_value_fen": fen}, by=cast.ann, at=at)
    untouched(lead)
