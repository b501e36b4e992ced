"""Visits: planned, begun, ended, called off, missed; every step and every refusal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.command import explained
from crm.domain import parameters as changing
from crm.domain import ticking
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from leads.domain import pipeline, position_consents, visit_upkeep, visits
from leads.domain.visit_parameters import RADIUS_M
from leads.models import Activity, Lead, PositionConsent, Visit, VisitState
from merchants.domain import merging
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.visiting import CORNER, STATION, Round

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(cast: Cast, at: datetime) -> Round:
    return Round(cast, at)


def codes(visit: Visit) -> list[str]:
    return [one.code for one in visit.notices]


def told(visit: Visit) -> list[str]:
    entries = TimelineEntry.objects.filter(subject_id=visit.pk).order_by("at", "id")
    return list(entries.values_list("kind", flat=True))


# --- the way of a visit -----------------------------------------------------------------------


def test_a_visit_goes_from_plan_to_what_came_of_it(round_: Round) -> None:
    visit = round_.plan(purpose="送方案")
    assert visit.state == VisitState.PLANNED
    begun = round_.later(hours=4).check_in(visit)
    arrived = round_.at
    assert (begun.state, begun.arrived_at, begun.checked_in_at) == ("checked_in", arrived, arrived)
    done = round_.later(minutes=35).check_out(visit)
    assert (done.state, done.left_at, done.checked_out_at) == ("checked_out", round_.at, round_.at)
    activity = Activity.objects.get(visit=visit)
    assert (activity.kind, activity.outcome_code, activity.mood, activity.two_way) == (
        "visit", "decision_maker_met", 1, True,
    )  # fmt: skip
    assert (activity.lead_id, activity.occurred_at) == (round_.lead.pk, arrived)
    assert Lead.objects.get(pk=round_.lead.pk).last_activity_at == arrived
    assert told(visit) == ["visit.planned", "visit.checked_in"]


def prepared(round_: Round, state: str) -> Visit:
    """A visit in a state, by the verbs that lead there."""
    visit = round_.plan()
    if state in ("checked_in", "checked_out"):
        round_.check_in(visit)
    if state == "checked_out":
        round_.check_out(visit)
    if state == "cancelled":
        round_.cancel(visit)
    if state == "missed":
        round_.later(days=1)
        visit_upkeep.mark_missed(at=round_.at)
    return round_.row(visit)


STEPS: dict[str, Callable[[Round, Visit], Visit]] = {
    "check_in": lambda round_, visit: round_.check_in(visit),
    "check_out": lambda round_, visit: round_.check_out(visit),
    "cancel": lambda round_, visit: round_.cancel(visit),
    "move": lambda round_, visit: visits.change(
        visit.pk, {"planned_for": visit_upkeep.bank_day(round_.at) + timedelta(days=2)},
        by=round_.cast.ann, at=round_.at,
    ),
}  # fmt: skip
OUTCOMES = {
    ("planned", "check_in"): "checked_in",
    ("planned", "check_out"): "not_checked_in!",
    ("planned", "cancel"): "cancelled",
    ("planned", "move"): "planned",
    ("checked_in", "check_in"): "checked_in",
    ("checked_in", "check_out"): "checked_out",
    ("checked_in", "cancel"): "cancelled",
    ("checked_in", "move"): "visit_not_planned!",
    ("checked_out", "check_in"): "checked_out",
    ("checked_out", "check_out"): "checked_out",
    ("checked_out", "cancel"): "visit_closed!",
    ("checked_out", "move"): "visit_not_planned!",
    ("missed", "check_in"): "checked_in",
    ("missed", "check_out"): "not_checked_in!",
    ("missed", "cancel"): "visit_closed!",
    ("missed", "move"): "visit_not_planned!",
    ("cancelled", "check_in"): "visit_closed!",
    ("cancelled", "check_out"): "not_checked_in!",
    ("cancelled", "cancel"): "visit_closed!",
    ("cancelled", "move"): "visit_not_planned!",
}
"""State and step → the state after it, or the code of the refusal with an exclamation mark."""


@pytest.mark.parametrize(("state", "step"), OUTCOMES, ids=lambda word: word)
def test_every_step_from_every_state(round_: Round, state: str, step: str) -> None:
    visit, expected = prepared(round_, state), OUTCOMES[state, step]
    try:
        found = STEPS[step](round_, visit).state
    except RuleBroken as refusal:
        found = f"{refusal.code}!"
        assert round_.row(visit).version == visit.version
    assert found == expected
    assert round_.row(visit).state == (state if expected.endswith("!") else expected)


def test_the_table_of_steps_is_whole() -> None:
    assert {state for state, _step in OUTCOMES} == set(VisitState.values)
    assert len(OUTCOMES) == len(VisitState.values) * len(STEPS)


@pytest.mark.parametrize(
    ("who", "step", "refusal"),
    [
        ("max", "check_in", NotAllowed),
        ("bo", "check_in", NotFound),
        ("otto", "check_in", NotAllowed),
        ("max", "check_out", NotAllowed),
        ("sam", "cancel", NotFound),
        ("fay", "cancel", NotAllowed),
    ],
)
def test_only_who_makes_it_is_there(
    round_: Round, who: str, step: str, refusal: type[DomainError]
) -> None:
    visit, person = prepared(round_, "planned"), round_.cast.named(who)
    verb: dict[str, Callable[[], Any]] = {
        "check_in": lambda: round_.check_in(visit, by=person),
        "check_out": lambda: round_.check_out(visit, by=person),
        "cancel": lambda: round_.cancel(visit, by=person),
    }
    with pytest.raises(refusal):
        verb[step]()


def test_who_leads_the_team_moves_and_cancels(round_: Round) -> None:
    visit = round_.plan()
    moved = visits.change(visit.pk, {"purpose": "带上方案"}, by=round_.cast.max, at=round_.at)
    assert moved.purpose == "带上方案"
    assert round_.cancel(visit, by=round_.cast.mei).state == VisitState.CANCELLED


@pytest.mark.parametrize(
    ("given", "code", "attr"),
    [
        ({"days": -1}, "day_in_the_past", "planned_for"),
        ({"days": 367}, "too_far_ahead", "planned_for"),
        ({"outlet": "other"}, "outlet_of_other_merchant", "outlet"),
        ({"lead": "other"}, "lead_of_other_merchant", "lead"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_that_makes_no_sense_is_refused(
    round_: Round, given: dict[str, Any], code: str, attr: str
) -> None:
    other = factories.LeadFactory(
        merchant=factories.MerchantFactory(unit=round_.cast.xuhui, owner=round_.cast.ann),
        owner=round_.cast.ann,
    )
    day = visit_upkeep.bank_day(round_.at) + timedelta(days=given.get("days", 0))
    with pytest.raises(InvalidInput) as refusal:
        visits.plan(
            uuid7(),
            round_.merchant.pk,
            planned_for=day,
            lead_id=other.pk if "lead" in given else None,
            outlet_id=factories.OutletFactory(merchant=other.merchant).pk
            if "outlet" in given
            else None,
            by=round_.cast.ann,
            at=round_.at,
        )
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, attr)
    assert not Visit.objects.exists()


def test_a_saturday_is_kept_and_said_to_be_a_day_off(round_: Round) -> None:
    visit = round_.plan(planned_for=datetime(2026, 11, 21, tzinfo=UTC).date())
    assert codes(visit) == ["day_off"]
    assert str(visit.planned_for) == "2026-11-21"


def test_a_visit_is_not_called_off_without_saying_why(round_: Round) -> None:
    visit = round_.plan()
    with pytest.raises(RuleBroken) as refusal:
        round_.cancel(visit, because="  ")
    assert refusal.value.code == "cancel_needs_reason"
    assert round_.row(visit).state == VisitState.PLANNED


def test_an_old_version_is_stale(round_: Round) -> None:
    visit = round_.plan()
    visits.change(visit.pk, {"purpose": "…"}, by=round_.cast.ann, at=round_.at, version=1)
    with pytest.raises(Stale):
        round_.check_in(visit, version=1)


# --- two clocks -------------------------------------------------------------------------------


def test_the_clock_of_the_phone_and_ours_are_both_kept(round_: Round) -> None:
    """Checked in offline at 14:05, sent at 16:00."""
    visit, arrived = round_.plan(), round_.at + timedelta(hours=4, minutes=5)
    round_.later(hours=6)
    begun = round_.check_in(visit, arrived_at=arrived)
    assert (begun.arrived_at, begun.checked_in_at) == (arrived, round_.at)
    assert begun.notices == ()
    done = round_.check_out(visit, left_at=arrived + timedelta(minutes=30))
    assert done.left_at == arrived + timedelta(minutes=30)
    assert done.checked_out_at == round_.at


def test_a_clock_that_runs_ahead_is_set_back_and_told(round_: Round) -> None:
    visit = round_.plan()
    begun = round_.check_in(visit, arrived_at=round_.at + timedelta(minutes=6))
    assert begun.arrived_at == round_.at
    assert codes(begun) == ["clock_ahead"]
    done = round_.later(minutes=20).check_out(visit, left_at=round_.at + timedelta(days=2))
    assert done.left_at == round_.at
    assert codes(done) == ["clock_ahead"]


@pytest.mark.parametrize(("minutes", "refused"), [(4, False), (6, True)])
def test_nobody_leaves_long_before_they_arrive(round_: Round, minutes: int, refused: bool) -> None:
    visit = round_.plan()
    arrived = round_.check_in(visit).arrived_at
    assert arrived is not None
    early = arrived - timedelta(minutes=minutes)
    if refused:
        with pytest.raises(InvalidInput) as refusal:
            round_.later(minutes=10).check_out(visit, left_at=early)
        assert refusal.value.code == "left_before_arrival"
    else:
        assert round_.later(minutes=10).check_out(visit, left_at=early).left_at == arrived


# --- where ------------------------------------------------------------------------------------


def test_a_position_is_kept_coarse_with_the_exact_distance(round_: Round) -> None:
    row = round_.row(round_.check_in(round_.plan(), CORNER))
    assert (row.latitude, row.longitude, row.accuracy_m) == (
        Decimal("31.199"), Decimal("121.437"), 20,
    )  # fmt: skip
    assert (row.distance_m, row.radius_m, row.outside_reason) == (354, 500, "")


def test_outside_the_radius_one_says_why(round_: Round) -> None:
    visit = round_.plan()
    for because in ("", "   "):
        with pytest.raises(RuleBroken) as refusal:
            round_.check_in(visit, STATION, outside_reason=because)
        assert refusal.value.code == "outside_needs_reason"
        assert refusal.value.facts == {"distance_m": 1112, "radius_m": 500}
    assert round_.row(visit).state == VisitState.PLANNED
    begun = round_.check_in(visit, STATION, outside_reason="店长约在地铁口")
    assert (begun.distance_m, begun.outside_reason) == (1112, "店长约在地铁口")
    assert told(visit) == ["visit.planned", "visit.checked_in_outside"]


def test_within_the_radius_a_reason_is_not_kept(round_: Round) -> None:
    begun = round_.check_in(round_.plan(), CORNER, outside_reason="随便写的")
    assert begun.outside_reason == ""


def test_the_radius_is_a_number_that_an_administrator_changes(round_: Round) -> None:
    changing.change(
        uuid7(),
        RADIUS_M.name,
        value=Decimal(2000),
        because="郊区门店",
        by=round_.cast.ada,
        at=round_.at,
    )
    begun = round_.check_in(round_.plan(), STATION)
    assert (begun.distance_m, begun.radius_m) == (1112, 2000)


def test_where_no_outlet_has_a_point_there_is_no_distance_to_judge(round_: Round) -> None:
    round_.outlet.change(at=round_.at, latitude=None, longitude=None)
    begun = round_.check_in(round_.plan(), STATION)
    assert (begun.distance_m, begun.latitude) == (None, Decimal("31.205"))


@pytest.mark.parametrize("consents", ["never", "withdrawn", "to an older text"])
def test_without_consent_nothing_of_where_is_kept(
    cast: Cast, at: datetime, consents: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = Round(cast, at, consents=consents != "never")
    if consents == "withdrawn":
        position_consents.withdraw(by=cast.ann, at=at)
    if consents == "to an older text":
        monkeypatch.setattr(position_consents, "TEXT_VERSION", "2027-01")
    row = round_.check_in(round_.plan(), STATION)
    assert codes(row) == ["position_not_kept"]
    kept = round_.row(row)
    assert (kept.latitude, kept.longitude, kept.accuracy_m, kept.distance_m) == (None,) * 4


def test_whoever_takes_the_consent_back_is_forgotten_at_once(round_: Round) -> None:
    visit = round_.check_in(round_.plan(), CORNER)
    theirs = factories.VisitFactory(
        merchant=round_.merchant, owner=round_.cast.bo, state="checked_in",
        arrived_at=round_.at, checked_in_at=round_.at,
        latitude=Decimal("31.199"), longitude=Decimal("121.437"),
    )  # fmt: skip
    position_consents.withdraw(by=round_.cast.ann, at=round_.later(hours=1).at)
    position_consents.withdraw(by=round_.cast.ann, at=round_.at)
    row = round_.row(visit)
    assert (row.latitude, row.accuracy_m, row.distance_m) == (None, None, 354)
    assert round_.row(theirs).latitude is not None, "somebody else's stays"
    consent = PositionConsent.objects.get(user=round_.cast.ann)
    assert consent.withdrawn_at == round_.at


def test_agreeing_twice_is_agreeing_once_and_again_later_is_another(round_: Round) -> None:
    ann = round_.cast.ann
    first = position_consents.give(by=ann, at=round_.at)
    assert position_consents.give(by=ann, at=round_.at) == first
    position_consents.withdraw(by=ann, at=round_.at)
    assert position_consents.give(by=ann, at=round_.later(days=1).at) != first
    assert PositionConsent.objects.filter(user=ann).count() == 2


def test_a_position_is_erased_after_ninety_days_and_not_before(round_: Round) -> None:
    visit = round_.check_in(round_.plan(), CORNER)
    begun = round_.at
    ticking.tick(at=begun + timedelta(days=90))
    assert round_.row(visit).latitude == Decimal("31.199")
    ticking.tick(at=begun + timedelta(days=90, seconds=1))
    row = round_.row(visit)
    assert (row.latitude, row.longitude, row.accuracy_m) == (None, None, None)
    assert (row.distance_m, row.version) == (354, visit.version + 1)
    assert visit_upkeep.forget_positions(at=begun + timedelta(days=91)) == 0


# --- missed -----------------------------------------------------------------------------------


def test_a_visit_is_missed_when_its_day_in_shanghai_is_over(round_: Round) -> None:
    visit = round_.plan()
    ticking.tick(at=datetime(2026, 11, 18, 15, 59, tzinfo=UTC))
    assert round_.row(visit).state == VisitState.PLANNED
    ticking.tick(at=datetime(2026, 11, 18, 16, 0, tzinfo=UTC))
    assert round_.row(visit).state == VisitState.MISSED
    assert visit_upkeep.mark_missed(at=round_.at + timedelta(days=5)) == 0
    assert told(visit) == ["visit.planned", "visit.missed"]


def test_one_bad_row_stops_nothing(round_: Round) -> None:
    """The first has no further version that fits the column; the second is marked all the same."""
    first, second = round_.plan(), round_.plan()
    Visit.objects.filter(pk=first.pk).update(version=2_147_483_647)
    assert visit_upkeep.mark_missed(at=round_.at + timedelta(days=1)) == 1
    assert round_.row(first).state == VisitState.PLANNED
    assert round_.row(second).state == VisitState.MISSED


# --- owners and merchants ---------------------------------------------------------------------


def test_planned_visits_follow_the_lead_and_one_on_site_is_ended_by_who_is_there(
    round_: Round,
) -> None:
    planned, begun = round_.plan(stop=3), round_.check_in(round_.plan())
    pipeline.assign(round_.lead.pk, to=round_.cast.bo, by=round_.cast.max, at=round_.at)
    assert (round_.row(planned).owner, round_.row(planned).stop) == (round_.cast.bo, 0)
    assert round_.row(begun).owner == round_.cast.ann
    assert round_.check_out(begun).state == VisitState.CHECKED_OUT


def test_a_leavers_open_visits_are_found_and_handed_over(round_: Round) -> None:
    ann, bo, max_ = round_.cast.ann, round_.cast.bo, round_.cast.max
    planned, begun = round_.plan(), round_.check_in(round_.plan())
    round_.cancel(round_.plan())
    assert set(Visit.objects.open().owned_by(ann)) == {planned, begun}
    with pytest.raises(NotAllowed):
        visits.hand_over(planned.pk, to=bo, by=ann, at=round_.at)
    for visit in (planned, begun):
        visits.hand_over(visit.pk, to=bo, by=max_, at=round_.at)
    assert not Visit.objects.open().owned_by(ann).exists()
    assert told(planned)[-1] == "visit.handed_over"


def test_the_visits_of_a_merged_merchant_go_to_the_one_that_is_kept(round_: Round) -> None:
    visit = round_.check_out(round_.check_in(round_.plan()))
    kept = factories.MerchantFactory(unit=round_.cast.xuhui, owner=round_.cast.ann)
    merging.merge(uuid7(), kept.pk, round_.merchant.pk, {}, by=round_.cast.max, at=round_.at)
    assert round_.row(visit).merchant_id == kept.pk
    assert round_.row(visit).activity is not None


def test_whoever_sees_the_merchant_sees_the_visit(round_: Round) -> None:
    visit = round_.plan()
    for name, sees in (("ann", True), ("max", True), ("otto", True), ("bo", False), ("sam", False)):
        found = Visit.objects.visible_to(round_.cast.named(name)).filter(pk=visit.pk)
        assert found.exists() == sees, name


# --- what the database itself refuses ---------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "gone"}, "state_unknown"),
        ({"state": "checked_in"}, "check_in_needs_time"),
        ({"state": "checked_out"}, "check_in_needs_time"),
        ({"state": "cancelled"}, "cancel_needs_reason"),
        ({"latitude": Decimal("31.2")}, "point_incomplete"),
        ({"accuracy_m": 5}, "point_incomplete"),
        ({"distance_m": 501, "radius_m": 500}, "outside_needs_reason"),
        ({"left_at": factories.AT}, "check_out_needs_outcome"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_rules_stand_in_the_database(round_: Round, columns: dict[str, Any], code: str) -> None:

    visit = round_.plan()
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(**columns)
    refusal = explained(broken.value)
    assert isinstance(refusal, RuleBroken)
    assert refusal.code == code
