"""What a suggestion says: from its rule and its facts, in the reader's language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from leads.models import ObjectionReason, Stage, SuggestionRule
from leads.models.stages import Guard
from merchants.domain.contact_windows import ShopKind

SENTENCES: Mapping[SuggestionRule, tuple[Sentence, ...]] = MappingProxyType(
    {
        SuggestionRule.REVISIT_DUE: (
            _("The day to come back, %(day)s, has come: take the lead up again."),
        ),
        SuggestionRule.FOLLOW_UP_LATE: (
            _("“%(title)s” was promised for %(day)s: do it, or put it off."),
        ),
        SuggestionRule.OBJECTION_DATE_DUE: (
            _("“%(words)s” was put off to %(day)s: take it up again."),
        ),
        SuggestionRule.OBJECTION_UNEXPLAINED: (
            _("“%(words)s”: nobody has confirmed yet why (“%(reason)s”?). Confirm the reason."),
        ),
        SuggestionRule.OBJECTION_OPEN: (
            _(
                "“%(words)s” (%(reason)s) is open: try “%(play)s”, "
                "which resolved %(resolved)s of %(tried)s."
            ),
            _("“%(words)s” (%(reason)s) is open: answer it."),
        ),
        SuggestionRule.STEP_READY: (_("Nothing is missing for “%(to)s”: take the step."),),
        SuggestionRule.STAGE_OVER: (
            _(
                "%(days)s working days in “%(stage)s”, %(limit)s are expected: "
                "take the next step, or park the lead with a date."
            ),
        ),
        SuggestionRule.NOBODY_MAY_BE_CALLED: (
            _(
                "Everybody known here asked not to be contacted: "
                "do not call, ask for somebody else."
            ),
        ),
        SuggestionRule.ATTEMPTS_USED: (
            _(
                "%(attempts)s attempts in %(window)s working days reached nobody: "
                "leave them alone until %(day)s."
            ),
        ),
        SuggestionRule.NEXT_CELL: (
            _("%(column)s; ask %(cell)s %(category)s: “%(question)s”"),
            _("%(column)s; ask %(cell)s: “%(question)s”"),
            _("%(column)s; go on with %(cell)s of “%(pain)s”."),
        ),
        SuggestionRule.NO_PAIN: (
            _("No pain is written down: begin the interview with what hurts %(category)s."),
            _("No pain is written down: begin the interview."),
        ),
        SuggestionRule.CALL_AFTER_VISIT: (_("You were there on %(visited)s: call by %(day)s."),),
        SuggestionRule.NO_CONVERSATION: (
            _("Nobody has spoken with this merchant yet: call, or drop by."),
        ),
        SuggestionRule.STEP_MISSES: (_("“%(to)s” still asks for this: %(missing)s"),),
        SuggestionRule.STAGE_ENDING: (
            _("%(left)s of %(limit)s working days are left in “%(stage)s”."),
        ),
        SuggestionRule.NO_FOLLOW_UP: (_("No follow-up is promised: say when you come back."),),
        SuggestionRule.HOLIDAY_AHEAD: (
            _(
                "%(days)s days off begin on %(day)s, in %(left)s working days: "
                "offer a small pilot with a date before."
            ),
        ),
        SuggestionRule.CONTACT_WINDOW: (
            _("The quiet hours %(category)s: %(day)s, %(opens)s to %(closes)s (%(made_up)s)."),
            _("The quiet hours %(category)s: %(day)s, %(opens)s to %(closes)s."),
        ),
    }
)
"""For each rule what it says; of several the first whose facts are all known."""

FOR_A: Mapping[ShopKind, Sentence] = MappingProxyType(
    {
        ShopKind.RESTAURANT: _("for a restaurant"),
        ShopKind.HAIR_SALON: _("for a hair salon"),
        ShopKind.SUPERMARKET: _("for a supermarket"),
        ShopKind.CINEMA: _("for a cinema"),
        ShopKind.PETROL_STATION: _("for a petrol station"),
    }
)
HURTS: Mapping[ShopKind, Sentence] = MappingProxyType(
    {
        ShopKind.RESTAURANT: _("a restaurant"),
        ShopKind.HAIR_SALON: _("a hair salon"),
        ShopKind.SUPERMARKET: _("a supermarket"),
        ShopKind.CINEMA: _("a cinema"),
        ShopKind.PETROL_STATION: _("a petrol station"),
    }
)
NOT_CONFIRMED: Mapping[str, Sentence] = MappingProxyType(
    {
        "R": _("Reasons not confirmed"),
        "I": _("Impact not confirmed"),
        "C": _("Capabilities not confirmed"),
        "": _("The interview is not complete"),
    }
)
_CODES: Mapping[str, type[models.TextChoices]] = MappingProxyType(
    {"stage": Stage, "to": Stage, "reason": ObjectionReason}
)


def sentence(rule: str, says: Mapping[str, Any]) -> str:
    """A suggestion in the active language. What a newer version wrote shows the rule's name."""
    if rule not in SuggestionRule.values:
        return rule
    worded = _worded(SuggestionRule(rule), says)
    for one in SENTENCES[SuggestionRule(rule)]:
        try:
            return str(one) % worded
        except KeyError:
            continue
    return str(SuggestionRule(rule).label)


def _worded(rule: SuggestionRule, says: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(says)
    tail = "_en" if (get_language() or "en").startswith("en") else "_zh"
    for name in ("question", "play"):
        if text := says.get(f"{name}{tail}") or says.get(f"{name}_en") or says.get(f"{name}_zh"):
            found[name] = text
    for name, choices in _CODES.items():
        if says.get(name) in choices.values:
            found[name] = choices(says[name]).label
    if "category" in says and says["category"] in ShopKind.values:
        words = HURTS if rule == SuggestionRule.NO_PAIN else FOR_A
        found["category"] = words[ShopKind(says["category"])]
    if "column" in says:
        found["column"] = NOT_CONFIRMED.get(says["column"], NOT_CONFIRMED[""])
    if "missing" in says:
        found["missing"] = " ".join(_guard(one) for one in says["missing"])
    if "made_up" in says:
        found["made_up"] = _now("a weekend, but a working day")
    return found


def _guard(code: str) -> str:
    return str(Guard(code).label) if code in Guard.values else code
