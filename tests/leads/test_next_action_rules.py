"""The table of suggestions: facts in, sentences out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import translation

from crm.domain.working_days import WorkingDays
from leads.domain import next_action_rules as rules
from leads.domain.next_action_inputs import (
    Facts,
    HolidayFact,
    Limits,
    ObjectionFact,
    PainFact,
    PromiseFact,
    StepFact,
    long_break,
)
from leads.domain.next_action_rules import MOST, RULES, suggestions
from leads.domain.suggestion_sentences import SENTENCES, sentence
from leads.models import Stage, SuggestionKind, SuggestionRule
from merchants.domain.contact_windows import ContactWindow, ShopKind

R = SuggestionRule
TODAY = date(2026, 11, 18)
LEAD = "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"

CALM = Facts(
    lead=LEAD,
    stage=Stage.DISCOVERY,
    today=TODAY,
    days_in_stage=4,
    stage_limit=20,
    pain=PainFact("p", "工作日晚市空台", "", ""),
    spoken_on=TODAY,
    next_promise_on=TODAY + timedelta(days=3),
    known_contacts=1,
    contacts_to_call=1,
)
"""A lead that leaves nothing to be said."""

I2 = PainFact(
    "p",
    "工作日晚市空台",
    "I",
    "I2",
    "Fifteen empty tables, four evenings a week: is that close to 48,000 a month?",
    "每周四晚、每晚空 15 台,一个月接近 4.8 万,对吗?",
)
OPEN = ObjectionFact("o", "生意还行,不需要", "unaware", explained=True)
PLAY = replace(
    OPEN, play_id="u1", play_en="Two-week baseline", play_zh="两周基线报告", tried=9, resolved=4
)

TABLE: list[tuple[str, dict[str, Any], SuggestionRule, str]] = [
    (
        "the day to come back",
        {"stage": Stage.PARKED, "revisit_on": TODAY},
        R.REVISIT_DUE,
        "The day to come back, 2026-11-18, has come: take the lead up again.",
    ),
    (
        "a late follow-up",
        {"late": PromiseFact("f", "送方案", date(2026, 11, 16))},
        R.FOLLOW_UP_LATE,
        "“送方案” was promised for 2026-11-16: do it, or put it off.",
    ),
    (
        "a deferred objection",
        {"objection": replace(OPEN, deferred_until=TODAY)},
        R.OBJECTION_DATE_DUE,
        "“生意还行,不需要” was put off to 2026-11-18: take it up again.",
    ),
    (
        "an objection nobody explained",
        {"objection": replace(OPEN, explained=False)},
        R.OBJECTION_UNEXPLAINED,
        "“生意还行,不需要”: nobody has confirmed yet why (“Does not see the need”?). "
        "Confirm the reason.",
    ),
    (
        "an open objection with a play",
        {"objection": PLAY},
        R.OBJECTION_OPEN,
        "“生意还行,不需要” (Does not see the need) is open: try “Two-week baseline”, "
        "which resolved 4 of 9.",
    ),
    (
        "an open objection without a play",
        {"objection": OPEN},
        R.OBJECTION_OPEN,
        "“生意还行,不需要” (Does not see the need) is open: answer it.",
    ),
    (
        "nothing missing",
        {"step": StepFact("proposal")},
        R.STEP_READY,
        "Nothing is missing for “Proposal”: take the step.",
    ),
    (
        "something missing",
        {"step": StepFact("proposal", ("decision_maker", "entry_point"))},
        R.STEP_MISSES,
        "“Proposal” still asks for this: The decision maker is known. The entry point is chosen.",
    ),
    (
        "too long in the stage",
        {"days_in_stage": 24},
        R.STAGE_OVER,
        "24 working days in “Discovery”, 20 are expected: "
        "take the next step, or park the lead with a date.",
    ),
    (
        "three days left",
        {"days_in_stage": 17},
        R.STAGE_ENDING,
        "3 of 20 working days are left in “Discovery”.",
    ),
    (
        "the next cell of a restaurant",
        {"pain": I2, "category": ShopKind.RESTAURANT},
        R.NEXT_CELL,
        "Impact not confirmed; ask I2 for a restaurant: “Fifteen empty tables, "
        "four evenings a week: is that close to 48,000 a month?”",
    ),
    (
        "the next cell of any shop",
        {"pain": I2},
        R.NEXT_CELL,
        "Impact not confirmed; ask I2: “Fifteen empty tables, "
        "four evenings a week: is that close to 48,000 a month?”",
    ),
    (
        "the next cell without a question",
        {"pain": replace(I2, question_en="", question_zh="")},
        R.NEXT_CELL,
        "Impact not confirmed; go on with I2 of “工作日晚市空台”.",
    ),
    (
        "no pain",
        {"pain": None},
        R.NO_PAIN,
        "No pain is written down: begin the interview.",
    ),
    (
        "no pain of a restaurant",
        {"pain": None, "category": ShopKind.RESTAURANT},
        R.NO_PAIN,
        "No pain is written down: begin the interview with what hurts a restaurant.",
    ),
    (
        "a call after the visit",
        {"visited_on": TODAY, "call_by": date(2026, 11, 20), "visit_id": "v"},
        R.CALL_AFTER_VISIT,
        "You were there on 2026-11-18: call by 2026-11-20.",
    ),
    (
        "nobody may be called",
        {"known_contacts": 2, "contacts_to_call": 0},
        R.NOBODY_MAY_BE_CALLED,
        "Everybody known here asked not to be contacted: do not call, ask for somebody else.",
    ),
    (
        "three attempts in vain",
        {"attempts": 3, "attempts_again_on": date(2026, 11, 27)},
        R.ATTEMPTS_USED,
        "3 attempts in 10 working days reached nobody: leave them alone until 2026-11-27.",
    ),
    (
        "no conversation yet",
        {"spoken_on": None},
        R.NO_CONVERSATION,
        "Nobody has spoken with this merchant yet: call, or drop by.",
    ),
    (
        "no follow-up",
        {"next_promise_on": None},
        R.NO_FOLLOW_UP,
        "No follow-up is promised: say when you come back.",
    ),
    (
        "a long holiday",
        {"holiday": HolidayFact(date(2027, 2, 6), 9, 8)},
        R.HOLIDAY_AHEAD,
        "9 days off begin on 2027-02-06, in 8 working days: "
        "offer a small pilot with a date before.",
    ),
    (
        "the quiet hours",
        {
            "category": ShopKind.RESTAURANT,
            "window": ContactWindow(TODAY, time(14), time(16, 30)),
        },
        R.CONTACT_WINDOW,
        "The quiet hours for a restaurant: 2026-11-18, 14:00 to 16:30.",
    ),
    (
        "the quiet hours of a make-up day",
        {
            "category": ShopKind.HAIR_SALON,
            "window": ContactWindow(date(2026, 2, 14), time(10), time(12)),
            "window_is_made_up": True,
        },
        R.CONTACT_WINDOW,
        "The quiet hours for a hair salon: 2026-02-14, 10:00 to 12:00 "
        "(a weekend, but a working day).",
    ),
]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("changes", "rule", "said"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_rule_speaks_of_its_facts(
    changes: dict[str, Any], rule: SuggestionRule, said: str
) -> None:
    found = suggestions(replace(CALM, **changes))
    assert [(one.rule, sentence(one.rule, one.stored)) for one in found] == [(rule, said)]


def test_of_a_calm_lead_nothing_is_said() -> None:
    assert suggestions(CALM) == []


def test_every_rule_has_a_row_a_sentence_and_a_weight_of_its_own() -> None:
    assert {one.rule for one in RULES} == set(SuggestionRule) == set(SENTENCES)
    assert {row[2] for row in TABLE} == set(SuggestionRule)
    assert len({one.weight for one in RULES}) == len(RULES)
    assert all(one.why for one in RULES)


@pytest.mark.parametrize("rule", list(SuggestionRule))
def test_without_its_rule_a_row_falls_silent(
    rule: SuggestionRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: no other rule says the same in its place."""
    changes = next(row[1] for row in TABLE if row[2] == rule)
    monkeypatch.setattr(rules, "RULES", tuple(one for one in RULES if one.rule != rule))
    assert rule not in {one.rule for one in suggestions(replace(CALM, **changes))}


EVERYTHING = replace(
    CALM,
    days_in_stage=24,
    objection=PLAY,
    pain=I2,
    category=ShopKind.RESTAURANT,
    step=StepFact("proposal", ("entry_point",)),
    late=PromiseFact("f", "送方案", date(2026, 11, 16)),
    spoken_on=None,
    window=ContactWindow(TODAY, time(14), time(16, 30)),
)


def test_there_are_three_at_the_most_the_weightiest_first() -> None:
    found = suggestions(EVERYTHING)
    assert [one.rule for one in found] == [R.FOLLOW_UP_LATE, R.OBJECTION_OPEN, R.STAGE_OVER]
    assert len(found) == MOST


def test_no_two_are_of_one_kind() -> None:
    found = suggestions(EVERYTHING, most=99)
    kinds = [one.kind for one in found]
    assert len(kinds) == len(set(kinds)) == len(SuggestionKind)
    assert R.STEP_MISSES not in {one.rule for one in found}, "the weightier step speaks for it"


def test_weights_are_numbers_that_can_be_changed() -> None:
    turned = Limits(weights={R.CONTACT_WINDOW: 999, R.FOLLOW_UP_LATE: 0})
    found = suggestions(EVERYTHING, turned)
    assert found[0].rule == R.CONTACT_WINDOW
    assert R.FOLLOW_UP_LATE not in {one.rule for one in found}, "a weight of zero silences a rule"


CALLING = replace(
    CALM,
    spoken_on=None,
    category=ShopKind.RESTAURANT,
    window=ContactWindow(TODAY, time(14), time(16, 30)),
    holiday=HolidayFact(date(2027, 2, 6), 9, 8),
)


@pytest.mark.parametrize(
    ("changes", "instead"),
    [
        pytest.param({"contacts_to_call": 0}, R.NOBODY_MAY_BE_CALLED, id="do not contact"),
        pytest.param(
            {"attempts": 3, "attempts_again_on": date(2026, 11, 27)},
            R.ATTEMPTS_USED,
            id="tried often enough",
        ),
    ],
)
def test_who_is_left_alone_is_not_sent_to(changes: dict[str, Any], instead: SuggestionRule) -> None:
    assert {one.rule for one in suggestions(CALLING)} == {R.NO_CONVERSATION, R.HOLIDAY_AHEAD}
    assert [one.rule for one in suggestions(replace(CALLING, **changes))] == [instead]


def test_a_parked_lead_is_left_alone_until_its_day() -> None:
    parked = replace(EVERYTHING, stage=Stage.PARKED, revisit_on=TODAY + timedelta(days=1))
    assert suggestions(parked) == []


@pytest.mark.parametrize("stage", [Stage.WON, Stage.LOST, Stage.BLOCKED])
def test_an_ended_lead_has_nothing_to_do(stage: Stage) -> None:
    assert suggestions(replace(EVERYTHING, stage=stage)) == []


def test_what_is_silenced_makes_room_for_the_next() -> None:
    first = suggestions(EVERYTHING)[0]
    found = suggestions(EVERYTHING, silenced={(str(first.rule), first.about)})
    assert [one.rule for one in found] == [R.OBJECTION_OPEN, R.STAGE_OVER, R.NEXT_CELL]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param({"pain": I2}, {"pain": I2, "days_in_stage": 5}, True, id="a day later"),
        pytest.param({"pain": I2}, {"pain": replace(I2, next_cell="I3")}, False, id="next cell"),
        pytest.param({"days_in_stage": 21}, {"days_in_stage": 30}, True, id="longer still"),
        pytest.param({"objection": PLAY}, {"objection": replace(PLAY, tried=12)}, True, id="tries"),
        pytest.param(
            {"objection": PLAY}, {"objection": replace(PLAY, play_id="u2")}, False, id="play"
        ),
    ],
)
def test_a_suggestion_is_the_same_as_long_as_it_is_about_the_same(
    before: dict[str, Any], after: dict[str, Any], same: bool
) -> None:
    (earlier,) = suggestions(replace(CALM, **before))
    (later,) = suggestions(replace(CALM, **after))
    assert (earlier.about == later.about) is same


def test_sentences_are_said_in_chinese_with_the_chinese_question() -> None:
    (one,) = suggestions(replace(CALM, pain=I2))
    with translation.override("zh-hans"):
        assert "每周四晚、每晚空 15 台" in sentence(one.rule, one.stored)


NATIONAL_DAY = {date(2026, 10, day): False for day in range(1, 8)} | {
    date(2026, 9, 25): False,
    date(2026, 9, 20): True,
    date(2026, 10, 10): True,
}


@pytest.mark.parametrize(
    ("today", "within", "found"),
    [
        pytest.param(
            date(2026, 9, 17), 10, HolidayFact(date(2026, 10, 1), 7, 9), id="nine days before"
        ),
        pytest.param(date(2026, 9, 10), 10, None, id="too far ahead"),
        pytest.param(
            date(2026, 9, 30), 10, HolidayFact(date(2026, 10, 1), 7, 0), id="the eve of it"
        ),
    ],
)
def test_a_long_holiday_is_a_row_of_days_off(
    today: date, within: int, found: HolidayFact | None
) -> None:
    """A long weekend of three days (25 September) is none; the make-up Sunday is a working day."""
    calendar = WorkingDays(NATIONAL_DAY)
    assert long_break(today, is_working=calendar.is_working, within=within, least=5) == found
