"""What to do next with a lead, as a table: each rule looks at the facts and speaks, or is silent.

Pure: the facts come in, at the most three suggestions go out. They stand in the order of their
weights, one of each kind at the most, so that three suggestions are three different things to do.
Nothing here is a probability; each suggestion says in words which facts it rests on.

A colleague or a merchant who asked not to be contacted, and a merchant who was tried often enough,
silences every rule that would send somebody there (`calls`). A parked lead is left alone until its
day has come.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from leads.domain.next_action_inputs import Facts, Limits, ObjectionFact, PainFact
from leads.models.stages import Stage
from leads.models.suggestion import SuggestionKind, SuggestionRule

MOST = 3
"""Suggestions that a lead has at one time."""
MISSING_SHOWN = 3
"""Guards that a sentence names; a checklist shows them all."""

type Saying = dict[str, str | int | list[str]]


@dataclass(frozen=True)
class Found:
    """What a rule has to say: the facts of its sentence, what it is about, where to do it."""

    says: Saying
    about: tuple[object, ...]
    """What makes it this suggestion and not another; when it changes, it is a new one."""
    link: str


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    rule: SuggestionRule
    kind: SuggestionKind
    speaks: Callable[[Facts, Limits], Found | None]
    weight: int
    """Its start value: the greater, the earlier in the list."""
    why: str
    """Why it stands where it stands."""
    stages: Collection[Stage]
    calls: bool = False
    """Whether it sends somebody to the merchant."""


@dataclass(frozen=True)
class Suggested:
    """One suggestion: what to do next, and the facts that it rests on."""

    rule: SuggestionRule
    kind: SuggestionKind
    weight: int
    says: Saying
    about: str
    """A fingerprint; two suggestions with the same one are the same."""
    link: str

    @property
    def stored(self) -> dict[str, Any]:
        """The facts of its sentence as plain values."""
        return {name: str(one) if isinstance(one, str) else one for name, one in self.says.items()}


WORKED = (Stage.NEW, Stage.QUALIFIED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.APPROVAL)
PERSUADED = (Stage.QUALIFIED, Stage.DISCOVERY, Stage.PROPOSAL)
"""Stages in which a merchant is talked to about its needs."""


def suggestions(
    facts: Facts,
    limits: Limits | None = None,
    *,
    silenced: Collection[tuple[str, str]] = (),
    most: int = MOST,
) -> list[Suggested]:
    """Up to three things to do next, the weightiest first; `silenced` are (rule, fingerprint)."""
    limits = limits or Limits()
    spoken = [
        one
        for rule in RULES
        if (one := _heard(rule, facts, limits)) and (str(one.rule), one.about) not in silenced
    ]
    spoken.sort(key=lambda one: -one.weight)
    kinds: set[SuggestionKind] = set()
    chosen = []
    for one in spoken:
        if one.kind not in kinds and one.weight > 0:
            kinds.add(one.kind)
            chosen.append(one)
    return chosen[:most]


def _heard(rule: Rule, facts: Facts, limits: Limits) -> Suggested | None:
    if facts.stage not in rule.stages or (rule.calls and not facts.may_call):
        return None
    found = rule.speaks(facts, limits)
    if found is None:
        return None
    return Suggested(
        rule.rule,
        rule.kind,
        limits.weights.get(rule.rule, rule.weight),
        found.says,
        fingerprint(*found.about),
        found.link,
    )


def fingerprint(*about: object) -> str:
    """The same for the same things, in every process and every year."""
    return blake2s("\n".join(str(one) for one in about).encode(), digest_size=16).hexdigest()


# --- where things are done ---------------------------------------------------------------------


def _lead_page(facts: Facts, below: str = "change/") -> str:
    return f"/admin/leads/lead/{facts.lead}/{below}"


def _pain_page(pain: PainFact) -> str:
    return f"/admin/leads/pain/{pain.id}/change/"


def _objection_page(objection: ObjectionFact) -> str:
    return f"/admin/leads/objection/{objection.id}/change/"


# --- the rules, one by one ---------------------------------------------------------------------


def _revisit_due(facts: Facts, limits: Limits) -> Found | None:
    if facts.revisit_on is None or facts.revisit_on > facts.today:
        return None
    return Found(
        {"day": facts.revisit_on.isoformat()},
        (facts.revisit_on,),
        _lead_page(facts, f"advance/?to={Stage.QUALIFIED}"),
    )


def _follow_up_late(facts: Facts, limits: Limits) -> Found | None:
    if facts.late is None:
        return None
    return Found(
        {
            "title": facts.late.title,
            "day": facts.late.due_on.isoformat(),
            "follow_up_id": facts.late.id,
        },
        (facts.late.id, facts.late.due_on),
        f"/admin/leads/followup/{facts.late.id}/change/",
    )


def _objection_date_due(facts: Facts, limits: Limits) -> Found | None:
    one = facts.objection
    if one is None or one.deferred_until is None or one.deferred_until > facts.today:
        return None
    return Found(
        {
            "words": one.words,
            "day": one.deferred_until.isoformat(),
            "objection_id": one.id,
        },
        (one.id, one.deferred_until),
        _objection_page(one),
    )


def _objection_unexplained(facts: Facts, limits: Limits) -> Found | None:
    one = facts.objection
    if one is None or one.explained or one.deferred_until is not None:
        return None
    return Found(
        {"words": one.words, "reason": one.reason, "objection_id": one.id},
        (one.id, one.reason),
        _objection_page(one),
    )


def _objection_open(facts: Facts, limits: Limits) -> Found | None:
    one = facts.objection
    if one is None or not one.explained or one.deferred_until is not None:
        return None
    says: Saying = {"words": one.words, "reason": one.reason, "objection_id": one.id}
    if one.play_id:
        says |= {
            "play_en": one.play_en,
            "play_zh": one.play_zh,
            "tried": one.tried,
            "resolved": one.resolved,
        }
    return Found(says, (one.id, one.reason, one.play_id), _objection_page(one))


def _step_ready(facts: Facts, limits: Limits) -> Found | None:
    if facts.step is None or facts.step.missing:
        return None
    return Found(
        {"to": facts.step.to}, (facts.step.to,), _lead_page(facts, f"advance/?to={facts.step.to}")
    )


def _step_misses(facts: Facts, limits: Limits) -> Found | None:
    if facts.step is None or not facts.step.missing:
        return None
    return Found(
        {"to": facts.step.to, "missing": list(facts.step.missing[:MISSING_SHOWN])},
        (facts.step.to, *facts.step.missing),
        _lead_page(facts),
    )


def _stage_over(facts: Facts, limits: Limits) -> Found | None:
    if facts.stage_limit is None or facts.days_in_stage <= facts.stage_limit:
        return None
    return Found(
        {"stage": facts.stage, "days": facts.days_in_stage, "limit": facts.stage_limit},
        (facts.stage, "over"),
        _lead_page(facts),
    )


def _stage_ending(facts: Facts, limits: Limits) -> Found | None:
    if facts.stage_limit is None:
        return None
    left = facts.stage_limit - facts.days_in_stage
    if not 0 <= left <= limits.ending_within:
        return None
    return Found(
        {"stage": facts.stage, "left": left, "limit": facts.stage_limit},
        (facts.stage, "ending"),
        _lead_page(facts),
    )


def _next_cell(facts: Facts, limits: Limits) -> Found | None:
    pain = facts.pain
    if pain is None or not pain.next_cell:
        return None
    says: Saying = {
        "column": pain.stuck_column,
        "cell": pain.next_cell,
        "pain": pain.title,
        "pain_id": pain.id,
    }
    if facts.category is not None:
        says["category"] = facts.category
    if pain.question_en:
        says |= {"question_en": pain.question_en, "question_zh": pain.question_zh}
    return Found(says, (pain.id, pain.next_cell), _pain_page(pain))


def _no_pain(facts: Facts, limits: Limits) -> Found | None:
    if facts.pain is not None:
        return None
    says: Saying = {} if facts.category is None else {"category": facts.category}
    return Found(says, ("no pain",), _lead_page(facts))


def _call_after_visit(facts: Facts, limits: Limits) -> Found | None:
    if facts.visited_on is None or facts.call_by is None:
        return None
    return Found(
        {"visited": facts.visited_on.isoformat(), "day": facts.call_by.isoformat()},
        (facts.visit_id,),
        _lead_page(facts),
    )


def _nobody_may_be_called(facts: Facts, limits: Limits) -> Found | None:
    if facts.known_contacts == 0 or facts.contacts_to_call > 0:
        return None
    return Found({}, (facts.known_contacts,), _lead_page(facts))


def _attempts_used(facts: Facts, limits: Limits) -> Found | None:
    if facts.attempts_again_on is None:
        return None
    return Found(
        {
            "attempts": facts.attempts,
            "window": limits.attempt_window,
            "day": facts.attempts_again_on.isoformat(),
        },
        (facts.attempts_again_on,),
        _lead_page(facts),
    )


def _no_conversation(facts: Facts, limits: Limits) -> Found | None:
    if facts.spoken_on is not None:
        return None
    return Found({}, ("nobody spoke",), _lead_page(facts))


def _no_follow_up(facts: Facts, limits: Limits) -> Found | None:
    if facts.late is not None or facts.next_promise_on is not None:
        return None
    return Found({}, ("no follow-up",), _lead_page(facts))


def _holiday_ahead(facts: Facts, limits: Limits) -> Found | None:
    one = facts.holiday
    if one is None or one.days < limits.holiday_days:
        return None
    if one.working_days_until > limits.holiday_within:
        return None
    return Found(
        {"days": one.days, "day": one.first.isoformat(), "left": one.working_days_until},
        (one.first,),
        _lead_page(facts),
    )


def _contact_window(facts: Facts, limits: Limits) -> Found | None:
    if facts.window is None or facts.category is None:
        return None
    says: Saying = {
        "category": facts.category,
        "day": facts.window.day.isoformat(),
        "opens": f"{facts.window.opens:%H:%M}",
        "closes": f"{facts.window.closes:%H:%M}",
    }
    if facts.window_is_made_up:
        says["made_up"] = 1
    return Found(says, (facts.category,), _lead_page(facts))


_K, _R = SuggestionKind, SuggestionRule

RULES: tuple[Rule, ...] = (
    Rule(_R.REVISIT_DUE, _K.STEP, _revisit_due, 100, "the merchant was told this day",
         (Stage.PARKED,)),
    Rule(_R.FOLLOW_UP_LATE, _K.PROMISE, _follow_up_late, 95, "a promise comes before a plan",
         WORKED),
    Rule(_R.OBJECTION_DATE_DUE, _K.OBJECTION, _objection_date_due, 92,
         "the merchant agreed to this day", (*WORKED, Stage.PARKED)),
    Rule(_R.OBJECTION_UNEXPLAINED, _K.OBJECTION, _objection_unexplained, 90,
         "no play fits a reason that nobody confirmed", WORKED),
    Rule(_R.OBJECTION_OPEN, _K.OBJECTION, _objection_open, 88,
         "what stands against it comes before what speaks for it", WORKED),
    Rule(_R.STEP_READY, _K.STEP, _step_ready, 85, "nothing is missing any more", WORKED),
    Rule(_R.STAGE_OVER, _K.STEP, _stage_over, 82, "a lead that rests is lost by itself", WORKED),
    Rule(_R.NOBODY_MAY_BE_CALLED, _K.CONTACT, _nobody_may_be_called, 80,
         "a wish not to be contacted is kept", WORKED),
    Rule(_R.ATTEMPTS_USED, _K.CONTACT, _attempts_used, 78, "who presses too hard is refused",
         WORKED),
    Rule(_R.NEXT_CELL, _K.INTERVIEW, _next_cell, 75, "the interview carries all that follows",
         PERSUADED),
    Rule(_R.CALL_AFTER_VISIT, _K.CONTACT, _call_after_visit, 72, "a visit fades in two days",
         WORKED, calls=True),
    Rule(_R.NO_CONVERSATION, _K.CONTACT, _no_conversation, 70, "nothing begins without talking",
         WORKED, calls=True),
    Rule(_R.NO_PAIN, _K.INTERVIEW, _no_pain, 65, "an interview needs a pain to be about",
         (Stage.QUALIFIED, Stage.DISCOVERY)),
    Rule(_R.STEP_MISSES, _K.STEP, _step_misses, 60, "so that the next step does not wait",
         WORKED),
    Rule(_R.STAGE_ENDING, _K.STEP, _stage_ending, 58, "while there is time to act", WORKED),
    Rule(_R.NO_FOLLOW_UP, _K.PROMISE, _no_follow_up, 55, "what nobody promised nobody does",
         WORKED),
    Rule(_R.HOLIDAY_AHEAD, _K.TIMING, _holiday_ahead, 50,
         "before a holiday a dated pilot is wanted", PERSUADED, calls=True),
    Rule(_R.CONTACT_WINDOW, _K.TIMING, _contact_window, 40, "good to know on the way", WORKED,
         calls=True),
)  # fmt: skip
