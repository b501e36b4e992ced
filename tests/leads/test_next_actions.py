"""Suggestions of real leads: collected, decided on, remembered, looked after."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.actors import SYSTEM
from crm.domain import calendar as calendars
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import SpecialDay
from leads.domain import (
    activities,
    follow_ups,
    next_action_facts,
    next_actions,
    suggestion_metrics,
    suggestion_outcomes,
)
from leads.domain import next_parameters as parameters
from leads.domain.next_actions import Offered
from leads.models import (
    CellStatus,
    Decision,
    FollowUp,
    GridCell,
    Lead,
    ObjectionState,
    Stage,
    Suggestion,
    SuggestionOutcome,
    SuggestionRule,
)
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast

R = SuggestionRule
DAY = timedelta(days=1)
AT = factories.AT


@pytest.fixture
def lead(cast: Cast, at: datetime) -> Lead:
    """Ann's restaurant in discovery, five working days in, spoken with, with nothing written."""
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    factories.ContactFactory(merchant=merchant)
    lead: Lead = factories.LeadFactory(
        merchant=merchant,
        owner=cast.ann,
        stage=Stage.DISCOVERY,
        stage_entered_at=at - 7 * DAY,
        last_activity_at=at - 7 * DAY,
    )
    factories.ActivityFactory(
        merchant=merchant, lead=lead, kind="call", two_way=True, occurred_at=at - 2 * DAY
    )
    return lead


def rules_of(lead: Lead, at: datetime) -> list[str]:
    return [str(one.suggested.rule) for one in next_actions.of(lead, at)]


def offered(lead: Lead, at: datetime, rule: SuggestionRule) -> Offered:
    found = [one for one in next_actions.of(lead, at) if one.suggested.rule == rule]
    assert found, f"{rule} is not suggested but {rules_of(lead, at)}"
    return found[0]


def facts(lead: Lead, at: datetime) -> Any:
    return next_action_facts.facts_of([lead], at, parameters.limits())[lead.pk]


def decide(
    verb: Callable[..., Suggestion],
    lead: Lead,
    rule: SuggestionRule,
    *,
    by: Any,
    at: datetime,
    **more: Any,
) -> Suggestion:
    one = offered(lead, at, rule)
    return verb(
        uuid7(),
        lead.pk,
        rule=str(rule),
        about=one.suggested.about,
        shown_at=at,
        by=by,
        at=at,
        **more,
    )


# --- facts ---------------------------------------------------------------------------------


def test_a_stuck_interview_asks_its_next_cell(lead: Lead, at: datetime) -> None:
    factories.PainFactory(
        merchant=lead.merchant, lead=lead, stuck_column="I", next_cell="I2", title="空台"
    )
    factories.GridQuestionFactory(
        question_set="restaurant", cell="I2", position=1, text_en="Is it 48,000?", text_zh="4.8 万?"
    )
    factories.GridQuestionFactory(question_set="general", cell="I2", position=1, text_en="General?")
    said = offered(lead, at, R.NEXT_CELL).sentence
    assert said == "Impact not confirmed; ask I2 for a restaurant: “Is it 48,000?”"


def test_the_entry_point_goes_before_the_newest_pain(lead: Lead, at: datetime) -> None:
    chosen = factories.PainFactory(merchant=lead.merchant, title="旧", next_cell="I3")
    factories.PainFactory(merchant=lead.merchant, title="新", updated_at=at)
    lead.change(at=at, entry_pain=chosen, entry_cell="I3")
    assert facts(lead, at).pain.title == "旧"


def test_another_leads_pain_is_not_asked_about(lead: Lead, at: datetime) -> None:
    ended = factories.LeadFactory(merchant=lead.merchant, stage=Stage.LOST, lost_reason="other")
    factories.PainFactory(merchant=lead.merchant, lead=ended)
    assert facts(lead, at).pain is None


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        (ObjectionState.RAISED, R.OBJECTION_UNEXPLAINED),
        (ObjectionState.DIAGNOSED, R.OBJECTION_OPEN),
        (ObjectionState.HANDLED, R.OBJECTION_OPEN),
        (ObjectionState.REOPENED, R.OBJECTION_UNEXPLAINED),
    ],
)
def test_an_open_objection_is_suggested(
    lead: Lead, at: datetime, state: str, rule: SuggestionRule
) -> None:
    factories.ObjectionFactory(merchant=lead.merchant, lead=lead, state=state)
    assert rules_of(lead, at)[0] == rule


def test_the_play_of_the_sub_reason_is_offered_with_its_counts(lead: Lead, at: datetime) -> None:
    factories.PlayFactory(code="U1", sub_reason="U1")
    fitting = factories.PlayFactory(
        code="U4", sub_reason="U4", texts={"title_en": "Fee table", "title_zh": "费率表"}
    )
    earlier = factories.ObjectionFactory(merchant=lead.merchant, sub_reason="U4", state="resolved",
        commitment="…", commitment_on=at.date(), resolved_at=at)  # fmt: skip
    factories.PlayAttemptFactory(
        objection=earlier, play_version=fitting.current, outcome="resolved", outcome_at=at - DAY
    )
    factories.ObjectionFactory(
        merchant=lead.merchant, lead=lead, state="diagnosed", sub_reason="U4"
    )
    said = offered(lead, at, R.OBJECTION_OPEN).sentence
    assert said.endswith("is open: try “Fee table”, which resolved 1 of 1.")


@pytest.mark.parametrize(("days", "found"), [(-1, True), (0, True), (1, False)])
def test_a_deferred_objection_comes_back_on_its_day(
    lead: Lead, at: datetime, days: int, found: bool
) -> None:
    factories.ObjectionFactory(
        merchant=lead.merchant,
        lead=lead,
        state="deferred",
        deferred_until=date(2026, 11, 18) + days * DAY,
    )
    assert (R.OBJECTION_DATE_DUE in rules_of(lead, at)) is found


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param(None, date(2026, 11, 19), id="two working days after the visit"),
        pytest.param("call", None, id="somebody called"),
    ],
)
def test_a_visit_is_followed_by_a_call(
    lead: Lead, at: datetime, kind: str | None, said: date | None
) -> None:
    common = {"merchant": lead.merchant, "lead": lead}
    factories.ActivityFactory(**common, kind="visit", two_way=True, occurred_at=at - DAY)
    if kind:
        factories.ActivityFactory(**common, kind=kind, occurred_at=at)
    assert facts(lead, at).call_by == said


def failed(lead: Lead, at: datetime, count: int) -> None:
    for number in range(count):
        factories.ActivityFactory(
            merchant=lead.merchant,
            lead=lead,
            kind="call",
            two_way=False,
            outcome_code="no_answer",
            occurred_at=at - number * timedelta(hours=2),
        )


@pytest.mark.parametrize(("count", "used"), [(2, False), (3, True), (4, True)])
def test_three_attempts_in_vain_are_enough(
    lead: Lead, at: datetime, count: int, used: bool
) -> None:
    failed(lead, at, count)
    assert (R.ATTEMPTS_USED in rules_of(lead, at)) is used
    known = facts(lead, at)
    assert known.attempts == count
    # The tenth working day after 18 November is 2 December; the day after it there is room again.
    assert known.attempts_again_on == (date(2026, 12, 3) if used else None)


def test_who_answered_in_between_may_be_called_again(lead: Lead, at: datetime) -> None:
    failed(lead, at - timedelta(hours=2), 3)
    factories.ActivityFactory(
        merchant=lead.merchant, lead=lead, kind="call", two_way=True, occurred_at=at
    )
    assert facts(lead, at).attempts == 0


@pytest.mark.parametrize(
    ("contacts", "silenced"),
    [
        pytest.param([], False, id="nobody known"),
        pytest.param([{"do_not_contact": True}], True, id="the only one asked not to"),
        pytest.param([{"do_not_contact": True}, {}], False, id="somebody else may"),
        pytest.param(
            [{"state": "restricted", "restricted_because": "requested"}], True, id="restricted"
        ),
    ],
)
def test_a_wish_not_to_be_contacted_is_honoured(
    cast: Cast, at: datetime, contacts: list[dict[str, Any]], silenced: bool
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    for columns in contacts:
        factories.ContactFactory(merchant=merchant, **columns)
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    found = rules_of(lead, at)
    assert (R.NOBODY_MAY_BE_CALLED in found) is silenced
    assert (R.NO_CONVERSATION in found) is not silenced


@pytest.mark.parametrize(
    ("today", "days", "window"),
    [
        pytest.param(AT, {}, (date(2026, 11, 18), False), id="today"),
        pytest.param(
            AT + timedelta(hours=7), {}, (date(2026, 11, 19), False), id="today it is over"
        ),
        pytest.param(
            datetime(2026, 2, 13, 9, tzinfo=UTC),
            {date(2026, 2, 14): True},
            (date(2026, 2, 14), True),
            id="a make-up Saturday",
        ),
        pytest.param(
            datetime(2026, 9, 30, 9, tzinfo=UTC),
            {date(2026, 10, day): False for day in range(1, 8)},
            (date(2026, 10, 8), False),
            id="over the holiday",
        ),
    ],
)
def test_the_quiet_hours_skip_holidays_and_use_make_up_days(
    lead: Lead, today: datetime, days: dict[date, bool], window: tuple[date, bool]
) -> None:
    for day, worked in days.items():
        SpecialDay.objects.create(day=day, is_working_day=worked, name="…")
    calendars.forget()
    known = facts(lead, today)
    assert (known.window.day, known.window_is_made_up) == window


def test_the_checklist_says_what_the_next_step_misses(lead: Lead, at: datetime) -> None:
    known = next_action_facts.facts_of([lead], at, parameters.limits(), with_steps=True)[lead.pk]
    assert known.step.to == Stage.PROPOSAL
    assert set(known.step.missing) == {"critical_pain", "decision_maker", "entry_point"}


def test_a_lists_suggestions_cost_the_same_for_many_leads(
    cast: Cast, lead: Lead, at: datetime, same_queries: Any
) -> None:
    def grow() -> None:
        for _ in range(8):
            merchant = factories.MerchantFactory(unit=cast.xuhui)
            more = factories.LeadFactory(merchant=merchant, owner=cast.ann, stage="discovery")
            factories.PainFactory(merchant=merchant, lead=more)
            factories.ObjectionFactory(merchant=merchant, lead=more, state="diagnosed")
            factories.FollowUpFactory(merchant=merchant, lead=more, due_at=at)
            factories.ContactFactory(merchant=merchant)

    grow()
    same_queries(lambda: next_actions.of_many(list(Lead.objects.all()), at), after=grow, at_most=14)
    same_queries(lambda: next_actions.of(lead, at), after=grow, at_most=32)


# --- decisions -----------------------------------------------------------------------------


def test_accepting_is_kept_with_its_facts(cast: Cast, lead: Lead, at: datetime) -> None:
    row = decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at)
    assert (row.decision, row.outcome, row.decided_by) == (
        Decision.ACCEPTED,
        SuggestionOutcome.PENDING,
        cast.ann,
    )
    assert row.facts == {"category": "restaurant"}
    # Ten working days after Wednesday 18 November is Wednesday 2 December, to its end.
    assert row.act_by == datetime(2026, 12, 2, 16, tzinfo=UTC)
    entry = TimelineEntry.objects.get(kind="suggestion.accepted")
    assert (entry.merchant_id, entry.subject_id) == (lead.merchant_id, row.pk)


def test_an_accepted_suggestion_stays_and_is_not_accepted_twice(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    row = decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at)
    assert offered(lead, at + DAY, R.NO_PAIN).accepted == row
    with pytest.raises(RuleBroken) as refused:
        decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at + DAY)
    assert refused.value.code == "suggestion_accepted_already"
    assert Suggestion.objects.count() == 1


def test_the_database_keeps_an_acceptance_once(cast: Cast, lead: Lead, at: datetime) -> None:
    row = decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at)
    row.pk, row._state.adding = uuid7(), True
    with pytest.raises(IntegrityError, match="suggestion_accepted_once"), transaction.atomic():
        row.save(force_insert=True)


def test_accepting_with_a_due_time_promises_a_follow_up(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    saturday = datetime(2026, 11, 21, 2, tzinfo=UTC)
    row = decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at, due_at=saturday)
    promised = FollowUp.objects.get()
    assert row.follow_up == promised
    assert (promised.lead, promised.owner) == (lead, cast.ann)
    assert promised.title.startswith("No pain is written down")
    assert promised.due_at == saturday + 2 * DAY, "a day off moves to Monday"
    assert [one.code for one in row.notices] == ["moved_to_working_day"]


def test_a_refused_follow_up_takes_the_acceptance_with_it(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(next_actions.accept, lead, R.NO_PAIN, by=cast.ann, at=at, due_at=at - 3 * DAY)
    assert refused.value.code == "time_in_the_past"
    assert not Suggestion.objects.exists()


def test_a_dismissed_suggestion_stays_away_for_ten_working_days(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    decide(next_actions.dismiss, lead, R.NO_PAIN, by=cast.ann, at=at, because="先不谈")
    back = datetime(2026, 12, 3, 2, tzinfo=UTC)
    assert R.NO_PAIN not in rules_of(lead, at + timedelta(minutes=1))
    assert R.NO_PAIN not in rules_of(lead, back - DAY), "the tenth working day is the last"
    assert R.NO_PAIN in rules_of(lead, back)


def test_a_dismissed_suggestion_comes_back_when_its_facts_have_changed(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    pain = factories.PainFactory(
        merchant=lead.merchant, lead=lead, stuck_column="I", next_cell="I2"
    )
    decide(next_actions.dismiss, lead, R.NEXT_CELL, by=cast.ann, at=at)
    assert R.NEXT_CELL not in rules_of(lead, at)
    pain.change(at=at, next_cell="I3")
    assert R.NEXT_CELL in rules_of(lead, at)


def test_what_is_not_suggested_any_more_is_not_decided_on(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    about = offered(lead, at, R.NO_PAIN).suggested.about
    factories.PainFactory(merchant=lead.merchant, lead=lead)
    with pytest.raises(RuleBroken) as refused:
        next_actions.dismiss(
            uuid7(), lead.pk, rule="no_pain", about=about, shown_at=at, by=cast.ann, at=at
        )
    assert refused.value.code == "suggestion_gone"


@pytest.mark.parametrize("shown", [timedelta(minutes=1), timedelta(days=-31)])
def test_a_suggestion_was_shown_before_it_was_decided_on(
    cast: Cast, lead: Lead, at: datetime, shown: timedelta
) -> None:
    one = offered(lead, at, R.NO_PAIN)
    with pytest.raises(InvalidInput) as refused:
        next_actions.accept(
            uuid7(),
            lead.pk,
            rule="no_pain",
            about=one.suggested.about,
            shown_at=at + shown,
            by=cast.ann,
            at=at,
        )
    assert refused.value.code == "shown_at_unsound"


@pytest.mark.parametrize(("who", "error"), [("otto", NotAllowed), ("bo", NotFound)])
def test_who_does_not_work_the_lead_decides_nothing(
    cast: Cast, lead: Lead, at: datetime, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        decide(next_actions.accept, lead, R.NO_PAIN, by=cast.named(who), at=at)


# --- what came of it -----------------------------------------------------------------------


def accepted(cast: Cast, lead: Lead, rule: SuggestionRule, at: datetime) -> Suggestion:
    return decide(next_actions.accept, lead, rule, by=cast.ann, at=at)


def outcome(row: Suggestion) -> str:
    return Suggestion.objects.get(pk=row.pk).outcome


def test_a_filled_cell_is_the_sign_that_one_was_acted_on(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    pain = factories.PainFactory(
        merchant=lead.merchant, lead=lead, stuck_column="I", next_cell="I2"
    )
    GridCell.objects.update(updated_at=at - DAY)
    row = accepted(cast, lead, R.NEXT_CELL, at)
    suggestion_outcomes.settle(at=at + DAY)
    assert outcome(row) == SuggestionOutcome.PENDING
    GridCell.objects.get(pain=pain, cell="I2").change(
        at=at + DAY, status=CellStatus.COMPLETE, merchant_words="约 4.8 万"
    )
    assert suggestion_outcomes.settle(at=at + 2 * DAY) == 1
    row.refresh_from_db()
    assert (row.outcome, row.outcome_at) == (SuggestionOutcome.ACTED_ON, at + DAY)


def test_what_nobody_acted_on_is_known_after_its_working_days(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    row = accepted(cast, lead, R.NO_PAIN, at)
    assert row.act_by is not None
    suggestion_outcomes.settle(at=row.act_by - timedelta(seconds=1))
    assert outcome(row) == SuggestionOutcome.PENDING
    suggestion_outcomes.settle(at=row.act_by)
    assert outcome(row) == SuggestionOutcome.NOT_ACTED_ON


def test_what_was_done_before_or_after_is_no_sign(cast: Cast, lead: Lead, at: datetime) -> None:
    row = accepted(cast, lead, R.NO_PAIN, at)
    assert row.act_by is not None
    factories.PainFactory(merchant=lead.merchant, lead=lead, created_at=at - DAY)
    factories.PainFactory(merchant=lead.merchant, lead=lead, created_at=row.act_by)
    suggestion_outcomes.settle(at=row.act_by + DAY)
    assert outcome(row) == SuggestionOutcome.NOT_ACTED_ON


def _step(lead: Lead, at: datetime) -> None:
    factories.StageChangeFactory(lead=lead, from_stage="discovery", to_stage="proposal", at=at)


def _promise(lead: Lead, at: datetime) -> None:
    follow_ups.promise(
        uuid7(), lead.merchant_id, lead_id=lead.pk, title="回访", due_at=at + DAY,
        owner=lead.owner, by=lead.owner, at=at,
    )  # fmt: skip


def _call(lead: Lead, at: datetime) -> None:
    activities.log(
        uuid7(), lead.merchant_id, lead_id=lead.pk, kind="call", summary="…",
        occurred_at=at, by=lead.owner, at=at,
    )  # fmt: skip


def _move_objection(lead: Lead, at: datetime) -> None:
    from leads.models import ObjectionChange

    ObjectionChange.objects.create(
        objection=lead.objections.get(),
        from_state="diagnosed",
        to_state="handled",
        at=at,
        declared_reason="unaware",
    )


@pytest.mark.parametrize(
    ("rule", "prepare", "act"),
    [
        pytest.param(R.STEP_MISSES, None, _step, id="a step"),
        pytest.param(R.NO_FOLLOW_UP, None, _promise, id="a promise"),
        pytest.param(
            R.NO_CONVERSATION, lambda lead: lead.activities.all().delete(), _call, id="a call"
        ),
        pytest.param(
            R.OBJECTION_OPEN,
            lambda lead: factories.ObjectionFactory(
                merchant=lead.merchant, lead=lead, state="diagnosed"
            ),
            _move_objection,
            id="an objection moved on",
        ),
    ],
)
def test_each_rule_has_its_sign(
    cast: Cast,
    lead: Lead,
    at: datetime,
    rule: SuggestionRule,
    prepare: Callable[[Lead], Any] | None,
    act: Callable[[Lead, datetime], None],
) -> None:
    if prepare:
        prepare(lead)
    row = accepted(cast, lead, rule, at)
    act(lead, at + timedelta(hours=3))
    suggestion_outcomes.settle(at=at + DAY)
    assert outcome(row) == SuggestionOutcome.ACTED_ON


@pytest.mark.parametrize(
    ("calls", "found"),
    [(False, SuggestionOutcome.ACTED_ON), (True, SuggestionOutcome.NOT_ACTED_ON)],
)
def test_leaving_a_merchant_alone_is_acting_on_it(
    cast: Cast, lead: Lead, at: datetime, calls: bool, found: str
) -> None:
    failed(lead, at - timedelta(minutes=1), 3)
    row = accepted(cast, lead, R.ATTEMPTS_USED, at)
    if calls:
        _call(lead, at + DAY)
    assert row.act_by is not None
    suggestion_outcomes.settle(at=row.act_by)
    assert outcome(row) == found


def test_every_rule_has_a_sign() -> None:
    assert set(suggestion_outcomes.SIGNS) == set(SuggestionRule)


def test_settling_twice_finds_nothing(cast: Cast, lead: Lead, at: datetime) -> None:
    accepted(cast, lead, R.NO_PAIN, at)
    assert suggestion_outcomes.settle(at=at + DAY) == 1
    assert suggestion_outcomes.settle(at=at + DAY) == 0


# --- counted -------------------------------------------------------------------------------


def test_decisions_and_outcomes_are_counted_per_rule(cast: Cast, lead: Lead, at: datetime) -> None:
    row = accepted(cast, lead, R.NO_PAIN, at)
    assert row.act_by is not None
    accepted(cast, lead, R.NO_FOLLOW_UP, at)
    _promise(lead, at + DAY)
    suggestion_outcomes.settle(at=row.act_by)
    decide(next_actions.dismiss, lead, R.NO_PAIN, by=cast.max, at=row.act_by)
    whole, *each = suggestion_metrics.of(Suggestion.objects.visible_to(cast.ann))
    assert (whole.decided, whole.accepted, str(whole.acceptance)) == (3, 2, "66.67")
    assert (whole.acted_on, whole.not_acted_on, str(whole.action)) == (1, 1, "50.00")
    assert {str(one.rule): (one.accepted, one.dismissed) for one in each} == {
        "no_pain": (1, 1),
        "no_follow_up": (1, 0),
    }
    (nothing,) = suggestion_metrics.of(Suggestion.objects.visible_to(cast.sam))
    assert (nothing.decided, nothing.acceptance) == (0, None), "no data is not zero"


def test_the_system_promises_in_the_owners_name(cast: Cast, lead: Lead, at: datetime) -> None:
    row = decide(next_actions.accept, lead, R.NO_PAIN, by=SYSTEM, at=at, due_at=at + DAY)
    assert row.follow_up is not None
    assert row.follow_up.owner == cast.ann
