"""Every road of the pipeline: who may walk it, what it asks for, and where there is none."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import product
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, StageNotReachable, Stale
from crm.ids import uuid7
from leads.domain import pipeline
from leads.domain.lead_checklists import SAID_WITH_THE_STEP
from leads.models import (
    Lead,
    LeadEvidence,
    LeadSource,
    LeadWaiver,
    LostReason,
    Stage,
    StageChange,
)
from leads.models.lead_guards import DEMANDS
from leads.models.stages import OPEN_STAGES, ROADS, WIN_BACK_ROADS, Guard, Road, Who, roads_from
from merchants.models import Contact, LicenceStatus, Partnership, TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import DAY, LeadDesk

pytestmark = pytest.mark.django_db

REFUSED = {
    Who.WORKER: "rui",
    Who.APPROVER: "ann",
    Who.LEADER: "ann",
    Who.COMPLIANCE: "max",
}
"""For each kind of road: somebody who sees the lead and may not walk it."""

type Case = tuple[Stage, Stage, Road, bool]
ALL_ROADS: list[Case] = [
    *((start, to, road, False) for start, roads in ROADS.items() for to, road in roads.items()),
    *(
        (start, to, road, True)
        for start, roads in WIN_BACK_ROADS.items()
        for to, road in roads.items()
    ),
]
GUARDED = [
    (start, to, guard, win_back)
    for start, to, road, win_back in ALL_ROADS
    for guard in dict.fromkeys((*road.guards, *road.at_first))
]
NO_ROADS = [
    (start, to, win_back)
    for start, to, win_back in product(Stage, Stage, (False, True))
    if to not in roads_from(start, win_back=win_back) and (not win_back or start in WIN_BACK_ROADS)
]
EVIDENCE = {
    "T1": {"premises_check", "negative_list_check"},
    "T2": {"prohibited_hit"},
    "T5": {"critical_pain", "entry_point"},
    "T7": {"vision"},
    "T9": {"contract_signed"},
    "T21": {"negative_list_check", "cause_addressed"},
    "T22": {"negative_list_check", "cause_addressed", "critical_pain", "entry_point"},
    "T24": {"premises_check", "negative_list_check"},
    "T28": {"release_document"},
    "": set(),
}
"""What is on file for each step once it is ready; all else the rows say."""
TABLE = {
    "T1": {("new", "qualified")},
    "T2": {(one, "blocked") for one in ("new", "qualified", "discovery", "proposal", "approval")},
    "T3": {("new", "parked"), ("qualified", "parked")},
    "T4": {("qualified", "discovery")},
    "T5": {("discovery", "proposal")},
    "T6": {("discovery", "parked"), ("proposal", "parked")},
    "T7": {("proposal", "approval")},
    "T8": {("proposal", "discovery")},
    "T9": {("approval", "won")},
    "T10": {("approval", "proposal")},
    "T21": {("new", "discovery")},
    "T22": {("new", "proposal"), ("qualified", "proposal")},
    "T24": {("parked", "qualified")},
    "T28": {("blocked", "new")},
    "T29": {("approval", "parked")},
}


@pytest.fixture
def desk_in(cast: Cast, at: datetime) -> Callable[..., LeadDesk]:
    """A lead of Ann's in a stage, on a desk."""

    def make(stage: Stage, *, win_back: bool = False, **values: Any) -> LeadDesk:
        if win_back:
            values["source"] = LeadSource.WIN_BACK
        return LeadDesk(cast, at, stage, **values)

    return make


@pytest.fixture
def lead_in(desk_in: Callable[..., LeadDesk]) -> Callable[..., Lead]:
    """The lead alone."""
    return lambda stage, **values: desk_in(stage, **values).row


def test_the_roads_are_those_of_the_lifecycle_table() -> None:
    numbered: dict[str, set[tuple[str, str]]] = {}
    for start, to, road, _win_back in ALL_ROADS:
        if road.transition:
            numbered.setdefault(road.transition, set()).add((str(start), str(to)))
    assert numbered == TABLE
    unnumbered = {
        (str(start), str(to)) for start, to, road, _win_back in ALL_ROADS if not road.transition
    }
    lost = {(str(one), "lost") for one in OPEN_STAGES}
    assert unnumbered == {*lost, ("lost", "qualified")}


@pytest.mark.parametrize(("start", "to", "road", "win_back"), ALL_ROADS)
def test_whom_a_road_is_for_can_walk_it_once_it_is_ready(
    start: Stage,
    to: Stage,
    road: Road,
    win_back: bool,
    cast: Cast,
    desk_in: Callable[..., LeadDesk],
) -> None:
    desk = desk_in(start, win_back=win_back)
    desk.ready(to).later(days=2)
    walker, version = desk.walker(to), desk.row.version
    moved = desk.step(to)
    assert (moved.stage, moved.version, moved.stage_entered_at) == (to, version + 1, desk.at)
    change = StageChange.objects.get(lead=moved)
    assert (change.from_stage, change.to_stage, change.actor) == (start, to, walker)
    assert change.working_days == 2
    entry = TimelineEntry.objects.filter(subject_id=moved.pk, kind__startswith="lead.moved").get()
    assert entry.actor == walker
    rested_on = {one.kind for one in change.evidence.all()}
    reopened = {"premises_check", "negative_list_check"} if start == Stage.LOST else set()
    assert rested_on == EVIDENCE.get(road.transition, set()) | reopened


@pytest.mark.parametrize(("start", "to", "road", "win_back"), ALL_ROADS)
def test_whom_a_road_is_not_for_is_refused(
    start: Stage,
    to: Stage,
    road: Road,
    win_back: bool,
    cast: Cast,
    desk_in: Callable[..., LeadDesk],
) -> None:
    desk = desk_in(start, win_back=win_back).ready(to)
    with pytest.raises(NotAllowed):
        desk.step(to, by=cast.named(REFUSED[road.who]))
    untouched(desk)


def take_away(desk: LeadDesk, guard: Guard) -> None:
    """Whatever the rows say of a guard, they say it no longer."""
    lead, merchant = desk.row, desk.merchant
    match guard:
        case Guard.OWNER:
            lead.change(at=desk.at, owner=None)
        case Guard.CREDIT_CODE:
            desk.change_merchant(credit_code=None)
        case Guard.LICENCE_CHECKED:
            desk.change_merchant(licence_status=LicenceStatus.UNKNOWN)
        case Guard.LICENCE_IN_FORCE:
            desk.change_merchant(licence_status=LicenceStatus.REVOKED)
        case Guard.LICENCE_FRESH:
            desk.change_merchant(licence_checked_on=desk.today - 91 * DAY)
        case Guard.CATEGORY_ALLOWED:
            category = factories.CategoryFactory(code="7995", prohibited=True)
            desk.change_merchant(category=category)
        case Guard.CONTACT:
            Contact.objects.filter(merchant=merchant).update(notice_given_at=None)
        case Guard.NOT_BLOCKED:
            factories.LeadFactory(merchant=merchant, owner=None, stage=Stage.BLOCKED)
        case Guard.REVISIT_REACHED:
            lead.change(at=desk.at, revisit_on=desk.today + 5 * DAY)
        case Guard.RECENTLY_LOST:
            Lead.objects.filter(pk=lead.pk).update(stage_entered_at=desk.at - 91 * DAY)
        case Guard.NOT_MAKER:
            lead.change(at=desk.at, owner=desk.cast.mei)
        case Guard.APPROVAL_TIER:
            lead.change(at=desk.at, expected_value_fen=50_000_001)


@pytest.mark.parametrize(("start", "to", "guard", "win_back"), GUARDED)
def test_a_road_names_what_is_missing(
    start: Stage,
    to: Stage,
    guard: Guard,
    win_back: bool,
    cast: Cast,
    desk_in: Callable[..., LeadDesk],
) -> None:
    """The negative control of every guard: all is ready but this one thing."""
    desk = desk_in(start, win_back=win_back).ready(to, but=guard)
    take_away(desk, guard)
    by = cast.max if desk.road(to).who is Who.WORKER else desk.walker(to)
    before = written(desk)
    desk.later(minutes=1)
    if guard in (Guard.NOT_MAKER, Guard.APPROVAL_TIER):
        maker = cast.mei if guard is Guard.NOT_MAKER else cast.max
        with pytest.raises(NotAllowed) as refused:
            pipeline.advance(desk.pk, to=to, by=maker, at=desk.at, **desk.says(to, maker))
        code = {Guard.NOT_MAKER: "not_allowed", Guard.APPROVAL_TIER: "amount_too_high"}[guard]
        assert refused.value.code == code
    else:
        with pytest.raises(StageNotReachable) as refusal:
            pipeline.advance(desk.pk, to=to, by=by, at=desk.at, **desk.says(to, by, but=guard))
        assert refusal.value.code == "stage_not_reachable"
        missing = [guard, Guard.CLAUSES] if guard is Guard.AGREEMENT else [guard]
        assert refusal.value.facts["missing"] == [str(one) for one in missing]
        assert [one.detail for one in refusal.value.problems] == [
            DEMANDS[one].remedy for one in missing
        ]
    assert written(desk) == before


@pytest.mark.parametrize(("start", "to", "guard", "win_back"), GUARDED)
def test_a_leader_waives_what_may_be_waived_and_nothing_else(
    start: Stage,
    to: Stage,
    guard: Guard,
    win_back: bool,
    cast: Cast,
    desk_in: Callable[..., LeadDesk],
) -> None:
    desk = desk_in(start, win_back=win_back).ready(to, but=guard)
    take_away(desk, guard)
    if not DEMANDS[guard].waivable:
        before = written(desk)
        with pytest.raises(RuleBroken) as refusal:
            desk.waive(to, guard)
        assert refusal.value.code == "guard_not_waivable"
        assert written(desk) == before
        return
    with pytest.raises(NotAllowed):
        desk.waive(to, guard, by=cast.ann)
    given = desk.waive(to, guard, "店主已口头确认,分行同意先行")
    moved = desk.step(to, by=desk.walker(to))
    assert moved.stage == to
    change = StageChange.objects.get(lead=moved)
    assert list(change.waivers.all()) == [given]
    assert TimelineEntry.objects.filter(subject_id=moved.pk, kind="lead.waived").count() == 1


@pytest.mark.parametrize(("start", "to", "win_back"), NO_ROADS)
def test_where_there_is_no_road_nobody_goes(
    start: Stage, to: Stage, win_back: bool, desk_in: Callable[..., LeadDesk]
) -> None:
    desk = desk_in(start, win_back=win_back)
    everything = {
        "because": "…",
        "revisit_on": date(2027, 2, 22),
        "lost_reason": LostReason.RIVAL,
        "agreement": desk.signature(desk.cast.max),
    }
    with pytest.raises(StageNotReachable) as refusal:
        pipeline.advance(desk.pk, to=to, by=SYSTEM, at=desk.at, **everything)
    assert refusal.value.code == "stage_not_reachable"
    assert refusal.value.facts["reachable"] == [
        str(one) for one in roads_from(start, win_back=win_back)
    ]
    untouched(desk)


def written(desk: LeadDesk) -> tuple[int, ...]:
    """How much is on record for a lead."""
    return (
        desk.row.version,
        StageChange.objects.count(),
        TimelineEntry.objects.count(),
        LeadEvidence.objects.count(),
        LeadWaiver.objects.count(),
        Partnership.objects.count(),
    )


def untouched(desk: LeadDesk) -> None:
    """No step was written."""
    assert not StageChange.objects.filter(lead=desk.pk).exists()
    assert not TimelineEntry.objects.filter(
        subject_id=desk.pk, kind__startswith="lead.moved"
    ).exists()


def test_the_ways_shown_are_the_roads_that_advance_takes(
    cast: Cast, desk_in: Callable[..., LeadDesk]
) -> None:
    for start, win_back in product(Stage, (False, True)):
        desk = desk_in(start, win_back=win_back)
        ways = {way.to: way for way in pipeline.ways(desk.row, by=cast.ann, at=desk.at)}
        roads = roads_from(start, win_back=win_back)
        assert set(ways) == set(roads)
        for to, road in roads.items():
            assert ways[to].allowed == (road.who is Who.WORKER)
            assert ways[to].road is road
            desk.ready(to)
            by = desk.walker(to)
            shown = next(
                way
                for way in pipeline.ways(desk.row, by=by, at=desk.later(minutes=1).at)
                if way.to == to
            )
            assert set(shown.missing) <= SAID_WITH_THE_STEP
            assert {one.state for one in shown.checks} <= {"met", "asked"}


def test_the_checklist_asks_the_same_few_statements_however_much_there_is(
    cast: Cast, desk_in: Callable[..., LeadDesk], same_queries: Callable[..., int]
) -> None:
    desk = desk_in(Stage.DISCOVERY)

    def grow() -> None:
        for _number in range(5):
            desk.file("cause_addressed")
            factories.PainFactory(merchant=desk.merchant)
            desk.waive("proposal", "entry_point")
            desk.meet(phone="")
            factories.ActivityFactory(merchant=desk.merchant, lead=desk.row)

    same_queries(
        lambda: pipeline.ways(desk.row, by=cast.ann, at=desk.at + DAY), after=grow, at_most=14
    )


def test_a_rep_does_not_approve_her_own_lead_nor_does_a_lead_who_owns_it(
    cast: Cast, desk_in: Callable[..., LeadDesk]
) -> None:
    desk = desk_in(Stage.APPROVAL, owner=cast.max)
    with pytest.raises(NotAllowed):
        desk.step(Stage.WON, by=cast.max)
    assert desk.step(Stage.WON, by=cast.mei).stage == Stage.WON


def test_a_lost_lead_says_why_and_a_reason_in_words_counts_as_other(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    lost = pipeline.advance(lead.pk, to=Stage.LOST, because="店主回老家了", by=cast.ann, at=at)
    assert lost.lost_reason == LostReason.OTHER


def test_a_revisit_date_on_a_day_off_moves_and_says_so(
    desk_in: Callable[..., LeadDesk],
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.PARKED)
    parked = desk.step(Stage.PARKED, because="等开业", revisit_on=date(2026, 11, 21))
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
    day: date, code: str, desk_in: Callable[..., LeadDesk]
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.PARKED)
    with pytest.raises(InvalidInput) as refusal:
        desk.step(Stage.PARKED, revisit_on=day)
    assert refusal.value.code == code
    untouched(desk)


def test_leaving_the_park_clears_the_date_and_reopening_clears_the_reason(
    cast: Cast, desk_in: Callable[..., LeadDesk]
) -> None:
    parked = desk_in(Stage.PARKED).reach(Stage.QUALIFIED)
    assert parked.row.revisit_on is None
    rival = factories.RivalFactory()
    lost = desk_in(Stage.LOST, lost_to_rival=rival).ready(Stage.QUALIFIED).later(days=89)
    again = lost.step(Stage.QUALIFIED, because="新店长")
    assert (again.lost_reason, again.lost_to_rival) == ("", None)


def test_a_merchant_has_one_open_lead(
    cast: Cast, lead_in: Callable[..., Lead], at: datetime
) -> None:
    lead = lead_in(Stage.NEW)
    with pytest.raises(RuleBroken) as refusal:
        pipeline.open_lead(uuid7(), lead.merchant_id, owner=cast.ann, by=cast.ann, at=at)
    assert refusal.value.code == "lead_already_open"
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("stage", [Stage.WON, Stage.LOST])
def test_a_closed_lead_leaves_room_for_another_and_then_stays_closed(
    stage: Stage, cast: Cast, desk_in: Callable[..., LeadDesk], at: datetime
) -> None:
    desk = desk_in(stage)
    lead = desk.row
    if stage is Stage.LOST:
        desk.ready(Stage.QUALIFIED)
    second = pipeline.open_lead(uuid7(), lead.merchant_id, owner=cast.ann, by=cast.ann, at=at)
    assert second.stage == Stage.NEW
    if stage is Stage.LOST:
        with pytest.raises(RuleBroken) as refusal:
            desk.step(Stage.QUALIFIED)
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
    assert Lead.objects.get(pk=lead.pk).version == lead.version
