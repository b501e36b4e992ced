"""Objections: raised in a conversation, diagnosed, handled; every edge and every refusal."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from crm.errors import (
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleBroken,
    StageNotReachable,
    Stale,
)
from crm.ids import uuid7
from crm.models import Reminder, ReminderState, User
from leads.domain import objection_settling, objections
from leads.models import (
    Activity,
    Lead,
    Objection,
    ObjectionChange,
    ObjectionState,
    PlayAttempt,
    Stage,
)
from leads.models.objection_words import STATE_ROADS
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.objection_desk import (
    agreed_cell,
    ann_s_lead,
    fresh,
    handled,
    in_state,
    pain_of,
    raised,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast: Cast) -> Lead:
    return ann_s_lead(cast)


def kinds(lead: Lead) -> list[str]:
    return list(
        TimelineEntry.objects.filter(merchant=lead.merchant_id)
        .order_by("id")
        .values_list("kind", flat=True)
    )


def code_of(verb: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal:
        verb()
    assert str(refusal.value)
    return refusal.value.code


# --- raising -------------------------------------------------------------------------------


def test_an_objection_is_raised_in_a_conversation_that_is_logged_with_it(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    objection = raised(lead, by=cast.ann, at=at, kind="call", occurred_at=at - timedelta(hours=1))
    activity = Activity.objects.get()
    assert objection.activity == activity
    assert (activity.kind, activity.lead, activity.summary) == ("call", lead, "生意还行,不需要")
    assert (objection.state, objection.raised_by, objection.raised_at) == (
        ObjectionState.RAISED,
        cast.ann,
        activity.occurred_at,
    )
    assert kinds(lead) == ["activity.logged", "objection.raised"]
    assert [(one.from_state, one.to_state) for one in objection.changes.all()] == [("", "raised")]


def test_an_objection_is_raised_in_a_conversation_that_is_known(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    visit = factories.ActivityFactory(merchant=lead.merchant, lead=lead, actor=cast.ann)
    objection = objections.raise_objection(
        uuid7(),
        lead.merchant_id,
        activity_id=visit.pk,
        merchant_words="不急",
        declared_reason="not_urgent",
        by=cast.ann,
        at=at,
    )
    assert (objection.activity, objection.lead) == (visit, lead)
    assert Activity.objects.count() == 1


def test_raising_and_handling_keep_the_lead_fresh(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = raised(lead, by=cast.ann, at=at + timedelta(days=1), sub_reason="U1")
    assert Lead.objects.get().last_activity_at == at + timedelta(days=1)
    handled(objection, by=cast.ann, at=at + timedelta(days=2))
    assert Lead.objects.get().last_activity_at == at + timedelta(days=2)


def test_a_sub_reason_at_once_diagnoses_it(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U4")
    assert (objection.state, objection.sub_reason) == (ObjectionState.DIAGNOSED, "U4")
    assert kinds(lead)[-2:] == ["objection.raised", "objection.diagnosed"]


def test_without_a_lead_named_it_belongs_to_the_open_one(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    objection = objections.raise_objection(
        uuid7(),
        lead.merchant_id,
        merchant_words="不需要",
        declared_reason="unaware",
        by=cast.max,
        at=at,
    )
    assert objection.lead == lead


@pytest.mark.parametrize(
    ("stuck", "values", "suggested", "mismatch"),
    [
        (None, {}, "unaware", False),
        ("R", {}, "unaware", False),
        ("I", {}, "not_urgent", True),
        ("C", {}, "point_missed", True),
        ("", {}, "", False),
        ("R", {"names_other_problem": True}, "point_missed", True),
    ],
    ids=["no interview", "stuck R", "stuck I", "stuck C", "all agreed", "different problem"],
)
def test_the_suggestion_stands_beside_what_was_declared(
    cast: Cast,
    lead: Lead,
    at: datetime,
    stuck: str | None,
    values: dict[str, Any],
    suggested: str,
    mismatch: bool,
) -> None:
    pain = None if stuck is None else pain_of(lead.merchant, stuck=stuck, lead=lead)
    objection = fresh(raised(lead, by=cast.ann, at=at, **values))
    assert objection.declared_reason == "unaware"
    assert (objection.suggested_reason, objection.mismatch) == (suggested, mismatch)
    assert objection.pain == pain


@pytest.mark.parametrize("stage", [Stage.PROPOSAL, Stage.APPROVAL])
def test_a_proposal_before_causes_and_impact_suggests_that_we_missed_the_point(
    cast: Cast, at: datetime, stage: Stage
) -> None:
    lead = ann_s_lead(cast, stage=stage)
    pain_of(lead.merchant, stuck="I", lead=lead)
    objection = raised(lead, by=cast.ann, at=at)
    assert (objection.suggested_reason, objection.suggested_because) == (
        "point_missed",
        "early_proposal",
    )


def test_a_proposal_that_was_taken_back_still_came_early(cast: Cast, at: datetime) -> None:
    lead = ann_s_lead(cast, stage=Stage.DISCOVERY)
    factories.StageChangeFactory(lead=lead, from_stage="discovery", to_stage="proposal")
    assert raised(lead, by=cast.ann, at=at).suggested_because == "early_proposal"


def test_the_pain_that_is_named_counts_before_any_other(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    named = pain_of(lead.merchant, stuck="C", lead=lead)
    pain_of(lead.merchant, stuck="R", lead=lead)
    objection = raised(lead, by=cast.ann, at=at, pain_id=named.pk)
    assert (objection.pain, objection.suggested_reason) == (named, "point_missed")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"merchant_words": "  "}, "words_required"),
        ({"sub_reason": "N1"}, "sub_reason_of_other_reason"),
        ({"occurred_at": datetime.fromisoformat("2020-01-01T00:00:00+08:00")}, "too_long_ago"),
        ({"pain_id": uuid7()}, "not_found"),
        ({"activity_id": uuid7()}, "not_found"),
    ],
)
def test_what_makes_no_objection(
    cast: Cast, lead: Lead, at: datetime, values: dict[str, Any], code: str
) -> None:
    assert code_of(lambda: raised(lead, by=cast.ann, at=at, **values)) == code
    assert not Objection.objects.exists()
    assert not Activity.objects.exists()
    assert kinds(lead) == []


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("lead", "lead_of_other_merchant"),
        ("activity", "activity_of_other_merchant"),
        ("pain", "pain_of_other_merchant"),
    ],
)
def test_another_merchants_rows_are_refused(
    cast: Cast, lead: Lead, at: datetime, what: str, code: str
) -> None:
    other = ann_s_lead(cast)
    rows = {
        "lead": other,
        "activity": factories.ActivityFactory(merchant=other.merchant, actor=cast.ann),
        "pain": pain_of(other.merchant),
    }
    given = {"merchant_words": "不需要", "declared_reason": "unaware", f"{what}_id": rows[what].pk}
    refused = code_of(
        lambda: objections.raise_objection(uuid7(), lead.merchant_id, by=cast.ann, at=at, **given)
    )
    assert refused == code
    assert not Objection.objects.exists()


def test_sending_it_twice_makes_one(cast: Cast, lead: Lead, at: datetime) -> None:
    first = raised(lead, by=cast.ann, at=at)
    with pytest.raises(RuleBroken) as refusal:
        objections.raise_objection(
            first.pk,
            lead.merchant_id,
            merchant_words="不需要",
            declared_reason="unaware",
            by=cast.ann,
            at=at,
        )
    assert refusal.value.code == "already_exists"
    assert (Objection.objects.count(), Activity.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("bo", NotFound), ("sam", NotFound), ("fay", NotFound), ("otto", NotAllowed)],
)
def test_who_does_not_work_the_lead_raises_nothing_on_it(
    cast: Cast, lead: Lead, at: datetime, name: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        raised(lead, by=cast.named(name), at=at)


# --- the machine ---------------------------------------------------------------------------


def step(objection: Objection, to: str, *, by: User, at: datetime) -> Objection:
    """Try the verb that leads to a state."""
    pk = objection.pk
    match to:
        case ObjectionState.DIAGNOSED:
            return objections.diagnose(pk, sub_reason="U2", by=by, at=at)
        case ObjectionState.HANDLED:
            play = factories.PlayFactory()
            return objections.handle(pk, attempt_id=uuid7(), play_id=play.pk, by=by, at=at)
        case ObjectionState.RESOLVED:
            day = at.date() + timedelta(days=9)
            return objection_settling.resolve(
                pk, commitment="试两周", commitment_on=day, by=by, at=at
            )
        case ObjectionState.DEFERRED:
            return objection_settling.defer(pk, until=date(2026, 12, 1), by=by, at=at)
        case ObjectionState.UNRESOLVED:
            return objection_settling.leave_unresolved(pk, because="不行", by=by, at=at)
    return objection_settling.reopen(pk, because="又提起了", by=by, at=at)


STEPS = [one for one in ObjectionState if one != ObjectionState.RAISED]


@pytest.mark.parametrize("to", STEPS)
@pytest.mark.parametrize("state", ObjectionState.values)
def test_every_edge_and_every_refusal_of_the_machine(
    cast: Cast, lead: Lead, at: datetime, state: str, to: ObjectionState
) -> None:
    objection = in_state(state, lead, by=cast.ann, at=at)
    before = (objection.version, objection.changes.count(), kinds(lead))
    if to in STATE_ROADS[ObjectionState(state)]:
        moved = step(objection, to, by=cast.ann, at=at + timedelta(hours=1))
        assert fresh(objection).state == moved.state == to
        newest = objection.changes.first()
        assert (newest.from_state, newest.to_state, newest.actor) == (state, to, cast.ann)
        assert len(kinds(lead)) > len(before[2])
    else:
        with pytest.raises(StageNotReachable) as refusal:
            step(objection, to, by=cast.ann, at=at)
        assert refusal.value.code == "state_not_reachable"
        assert refusal.value.facts["reachable"] == list(STATE_ROADS[ObjectionState(state)])
        kept = fresh(objection)
        assert (kept.version, kept.changes.count(), kinds(lead)) == before


def test_a_diagnosis_may_change_the_reason_and_ends_the_mismatch(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    pain_of(lead.merchant, stuck="I", lead=lead)
    objection = raised(lead, by=cast.ann, at=at)
    assert objection.mismatch
    objections.diagnose(
        objection.pk, declared_reason="not_urgent", sub_reason="N1", by=cast.ann, at=at
    )
    kept = fresh(objection)
    assert (kept.declared_reason, kept.sub_reason, kept.mismatch) == ("not_urgent", "N1", False)
    assert [one.declared_reason for one in kept.changes.all()] == ["not_urgent", "unaware"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"sub_reason": ""}, "sub_reason_required"),
        ({"sub_reason": "N1"}, "sub_reason_of_other_reason"),
        ({"sub_reason": "U1", "declared_reason": "other"}, "sub_reason_of_other_reason"),
    ],
)
def test_a_diagnosis_names_what_is_behind_the_reason(
    cast: Cast, lead: Lead, at: datetime, values: dict[str, str], code: str
) -> None:
    objection = raised(lead, by=cast.ann, at=at)
    refused = code_of(lambda: objections.diagnose(objection.pk, by=cast.ann, at=at, **values))
    assert refused == code
    assert fresh(objection).state == ObjectionState.RAISED


# --- plays ---------------------------------------------------------------------------------


def test_a_try_keeps_the_version_that_the_play_had(cast: Cast, lead: Lead, at: datetime) -> None:
    from leads.domain import plays

    play = factories.PlayFactory()
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U1")
    handled(objection, by=cast.ann, at=at, play=play)
    plays.revise(play.pk, texts={"offer_en": "Something else"}, by=cast.max, at=at)
    attempt = PlayAttempt.objects.get()
    assert (attempt.play_version.number, attempt.outcome) == (1, "")
    assert attempt.actor == cast.ann


@pytest.mark.parametrize(
    ("values", "code"),
    [({"reason": "other"}, "play_of_other_reason"), ({"retired_at": factories.AT}, "play_retired")],
)
def test_a_play_is_in_use_and_against_this_reason(
    cast: Cast, lead: Lead, at: datetime, values: dict[str, Any], code: str
) -> None:
    objection = raised(lead, by=cast.ann, at=at, sub_reason="U1")
    play = factories.PlayFactory(**values)
    assert code_of(lambda: handled(objection, by=cast.ann, at=at, play=play)) == code
    assert not PlayAttempt.objects.exists()
    assert fresh(objection).state == ObjectionState.DIAGNOSED


def test_the_outcome_of_a_try_is_said_once(cast: Cast, lead: Lead, at: datetime) -> None:
    in_state("handled", lead, by=cast.ann, at=at)
    attempt = PlayAttempt.objects.get()
    objections.record_outcome(attempt.pk, outcome="helped", notes="愿意再谈", by=cast.ann, at=at)
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.outcome_at, attempt.notes) == ("helped", at, "愿意再谈")
    assert kinds(lead)[-1] == "objection.outcome"

    def again() -> None:
        objections.record_outcome(attempt.pk, outcome="no_effect", by=cast.ann, at=at)

    assert code_of(again) == "outcome_recorded"


@pytest.mark.parametrize(
    ("outcome", "code"), [("resolved", "resolve_the_objection"), ("magic", "outcome_unknown")]
)
def test_an_outcome_that_cannot_be_recorded(
    cast: Cast, lead: Lead, at: datetime, outcome: str, code: str
) -> None:
    in_state("handled", lead, by=cast.ann, at=at)
    attempt = PlayAttempt.objects.get()
    refused = code_of(
        lambda: objections.record_outcome(attempt.pk, outcome=outcome, by=cast.ann, at=at)
    )
    assert refused == code


# --- settling ------------------------------------------------------------------------------


def test_resolving_says_that_the_last_play_worked(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    handled(objection, by=cast.ann, at=at + timedelta(hours=1))
    cell = agreed_cell(lead.merchant)
    objection_settling.resolve(
        objection.pk,
        cell_id=cell.pk,
        activity_id=objection.activity_id,
        by=cast.ann,
        at=at + timedelta(hours=2),
    )
    kept = fresh(objection)
    assert (kept.state, kept.resolved_cell, kept.resolved_in_id) == (
        ObjectionState.RESOLVED,
        cell,
        objection.activity_id,
    )
    assert [one.outcome for one in kept.attempts.all()] == ["resolved", ""], "only the last one"
    assert kept.changes.first().resolved_cell == cell


def test_a_follow_up_is_a_dated_commitment(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    promised = factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    objection_settling.resolve(objection.pk, follow_up_id=promised.pk, by=cast.ann, at=at)
    assert fresh(objection).resolved_follow_up == promised


TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "resolved_needs_proof"),
        ({"commitment": "试两周"}, "commitment_needs_date"),
        ({"commitment_on": TODAY}, "commitment_needs_words"),
        ({"commitment": "试", "commitment_on": TODAY - timedelta(days=1)}, "day_in_the_past"),
        ({"commitment": "试", "commitment_on": date(2099, 1, 1)}, "too_far_ahead"),
        ({"cell_id": uuid7()}, "not_found"),
        ({"follow_up_id": uuid7()}, "not_found"),
    ],
)
def test_what_resolves_nothing(
    cast: Cast, lead: Lead, at: datetime, values: dict[str, Any], code: str
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    refused = code_of(
        lambda: objection_settling.resolve(objection.pk, by=cast.ann, at=at, **values)
    )
    assert refused == code
    assert fresh(objection).version == objection.version
    assert PlayAttempt.objects.get().outcome == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("open cell", "cell_not_confirmed"),
        ("control cell", "cell_not_confirmed"),
        ("cell elsewhere", "cell_of_other_merchant"),
        ("follow-up elsewhere", "follow_up_of_other_merchant"),
        ("dropped follow-up", "follow_up_dropped"),
    ],
)
def test_what_does_not_bear_a_resolution(
    cast: Cast, lead: Lead, at: datetime, row: str, code: str
) -> None:
    other = ann_s_lead(cast)
    cell, elsewhere = agreed_cell(lead.merchant), agreed_cell(other.merchant)
    given: dict[str, UUID] = {}
    match row:
        case "open cell":
            type(cell).objects.filter(pk=cell.pk).update(
                status="partial", agreed_by=None, agreed_at=None, agreed_via=""
            )
            given = {"cell_id": cell.pk}
        case "control cell":
            other_cell = type(cell).objects.create(
                pain=cell.pain, cell="R2", status="complete", merchant_words="是"
            )
            given = {"cell_id": other_cell.pk}
        case "cell elsewhere":
            given = {"cell_id": elsewhere.pk}
        case "follow-up elsewhere":
            promised = factories.FollowUpFactory(merchant=other.merchant, owner=cast.ann)
            given = {"follow_up_id": promised.pk}
        case "dropped follow-up":
            dropped = factories.FollowUpFactory(
                merchant=lead.merchant, owner=cast.ann, state="cancelled", closed_at=at
            )
            given = {"follow_up_id": dropped.pk}
    objection = in_state("handled", lead, by=cast.ann, at=at)
    refused = code_of(lambda: objection_settling.resolve(objection.pk, by=cast.ann, at=at, **given))
    assert refused == code
    assert fresh(objection).state == ObjectionState.HANDLED


def test_a_deferred_objection_reminds_the_leads_owner(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    objection_settling.defer(objection.pk, until=date(2026, 12, 1), by=cast.max, at=at)
    kept = fresh(objection)
    reminder = Reminder.objects.get(key=f"objection:{objection.pk}:deferred:1")
    assert (kept.state, kept.deferred_until) == (ObjectionState.DEFERRED, date(2026, 12, 1))
    assert reminder.recipient == cast.ann
    assert reminder.due_at == datetime.fromisoformat("2026-12-01T09:00:00+08:00")


def test_a_day_off_moves_and_says_so(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    moved = objection_settling.defer(objection.pk, until=date(2026, 11, 21), by=cast.ann, at=at)
    assert fresh(objection).deferred_until == date(2026, 11, 23), "a Saturday becomes Monday"
    assert [one.code for one in moved.notices] == ["moved_to_working_day"]


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (None, "deferred_needs_date"),
        (TODAY, "day_in_the_past"),
        (TODAY - timedelta(days=1), "day_in_the_past"),
        (date(2099, 1, 1), "too_far_ahead"),
    ],
)
def test_one_defers_to_a_day_to_come(
    cast: Cast, lead: Lead, at: datetime, until: date | None, code: str
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    refused = code_of(
        lambda: objection_settling.defer(objection.pk, until=until, by=cast.ann, at=at)
    )
    assert refused == code
    assert not Reminder.objects.exists()


def test_reopening_takes_the_reminder_back_and_the_next_deferral_has_its_own(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    objection = in_state("deferred", lead, by=cast.ann, at=at)
    objection_settling.reopen(objection.pk, because="又提起了", by=cast.ann, at=at)
    assert Reminder.objects.get().state == ReminderState.CANCELLED
    assert fresh(objection).deferred_until is None
    handled(objection, by=cast.ann, at=at)
    objection_settling.defer(objection.pk, until=date(2026, 12, 1), by=cast.ann, at=at)
    assert Reminder.objects.filter(state=ReminderState.PLANNED).count() == 1
    assert Reminder.objects.count() == 2


def test_the_reminder_follows_the_leads_owner(cast: Cast, lead: Lead, at: datetime) -> None:
    in_state("deferred", lead, by=cast.ann, at=at)
    assert objection_settling.follow_owner(lead, to=cast.bo, at=at) == 1
    assert Reminder.objects.get().recipient == cast.bo


def test_what_was_resolved_and_reopened_keeps_both_moments(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    objection = in_state("reopened", lead, by=cast.ann, at=at)
    assert (objection.resolved_at, objection.reopened_at) == (at, at)
    assert (objection.commitment, objection.commitment_on) == ("", None), "the history keeps them"
    assert objection.changes.get(to_state="resolved").commitment == "试两周"


@pytest.mark.parametrize("verb", ["leave_unresolved", "reopen"])
def test_giving_up_and_reopening_say_why(cast: Cast, lead: Lead, at: datetime, verb: str) -> None:
    state = "handled" if verb == "leave_unresolved" else "resolved"
    objection = in_state(state, lead, by=cast.ann, at=at)
    run = getattr(objection_settling, verb)
    refused = code_of(lambda: run(objection.pk, because=" ", by=cast.ann, at=at))
    assert refused == "because_required"


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("bo", NotFound), ("sam", NotFound), ("fay", NotAllowed), ("otto", NotAllowed)],
)
def test_only_those_who_work_the_lead_take_steps(
    cast: Cast, lead: Lead, at: datetime, name: str, refusal: type[DomainError]
) -> None:
    objection = in_state("handled", lead, by=cast.ann, at=at)
    with pytest.raises(refusal):
        objection_settling.leave_unresolved(objection.pk, because="…", by=cast.named(name), at=at)


def test_an_outdated_version_is_stale(cast: Cast, lead: Lead, at: datetime) -> None:
    objection = raised(lead, by=cast.ann, at=at)
    objections.diagnose(objection.pk, sub_reason="U1", by=cast.ann, at=at, version=1)
    with pytest.raises(Stale):
        objections.diagnose(objection.pk, sub_reason="U2", by=cast.ann, at=at, version=1)


# --- the database --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "deferred"}, "objection_deferred_says_until_when"),
        ({"state": "resolved", "resolved_at": factories.AT}, "objection_resolved_says_how"),
        (
            {"state": "resolved", "commitment": "试", "commitment_on": TODAY},
            "objection_resolved_says_when",
        ),
        ({"sub_reason": "N1"}, "objection_sub_reason_belongs"),
        ({"merchant_words": ""}, "objection_has_words"),
        ({"declared_reason": "why"}, "objection_reason_is_known"),
        ({"state": "gone"}, "objection_state_is_known"),
        ({"mismatch": True}, "objection_mismatch_is_true"),
        ({"suggested_reason": "other"}, "objection_mismatch_is_true"),
    ],
)
def test_the_database_knows_the_rules(
    cast: Cast, lead: Lead, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.ObjectionFactory(merchant=lead.merchant, **values)


def test_the_history_stays_as_it_was(cast: Cast, lead: Lead, at: datetime) -> None:
    raised(lead, by=cast.ann, at=at)
    for change in (
        lambda: ObjectionChange.objects.update(because="…"),
        lambda: ObjectionChange.objects.all()._raw_delete("default"),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    assert connection.is_usable()


def test_bad_input_is_told_apart(cast: Cast, lead: Lead, at: datetime) -> None:
    with pytest.raises(InvalidInput):
        raised(lead, by=cast.ann, at=at, merchant_words="")
