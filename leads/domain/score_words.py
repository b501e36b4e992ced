"""A score in words: for each input what is known, and what that brings."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.domain.scoring import Facts, Input, Scales, Signal
from merchants.models.reference import CategoryGroup


def reason(part: Input, facts: Facts, scales: Scales) -> str:
    """Why an input brings what it brings; where nothing is known, that."""
    return _REASONS[part](facts, scales) or _("No data: left out.")


def signal_reason(signal: Signal, facts: Facts) -> str:
    """The same for a signal of the intent."""
    return _SIGNALS[signal](facts) or _("No data: left out.")


def _category(facts: Facts, scales: Scales) -> str:
    if facts.category_group not in scales.priorities:
        return ""
    return _("%(group)s is wanted by %(percent)s %%.") % {
        "group": CategoryGroup(facts.category_group).label,
        "percent": scales.priorities[facts.category_group],
    }


def _distance(facts: Facts, scales: Scales) -> str:
    if facts.branch_metres is None:
        return ""
    return _("%(metres)s m to our branch; from %(farthest)s m on nothing is left.") % {
        "metres": facts.branch_metres,
        "farthest": scales.farthest_metres,
    }


def _cardholders(facts: Facts, scales: Scales) -> str:
    if facts.cardholders_nearby is None:
        return ""
    return _("%(number)s cardholders nearby; %(full)s bring all.") % {
        "number": facts.cardholders_nearby,
        "full": scales.full_cardholders,
    }


def _age(facts: Facts, scales: Scales) -> str:
    if facts.days_in_business is None:
        return ""
    return _("%(years)s full years in business; %(full)s bring all.") % {
        "years": facts.days_in_business // 365,
        "full": scales.full_years,
    }


def _outlets(facts: Facts, scales: Scales) -> str:
    if not facts.outlets:
        return ""
    return ngettext(
        "%(number)s outlet; %(full)s bring all.",
        "%(number)s outlets; %(full)s bring all.",
        facts.outlets,
    ) % {"number": facts.outlets, "full": scales.full_outlets}


def _penalties(facts: Facts, scales: Scales) -> str:
    if facts.penalties is None:
        return ""
    return _("%(number)s penalties; from %(worst)s on nothing is left.") % {
        "number": facts.penalties,
        "worst": scales.worst_penalties,
    }


def _rival(facts: Facts, scales: Scales) -> str:
    return "" if facts.rival is None else f"{facts.rival.label}."


def _intent(facts: Facts, scales: Scales) -> str:
    known = [_SIGNALS[signal](facts) for signal in Signal]
    return " ".join(one for one in known if one)


def _replies(facts: Facts) -> str:
    if not facts.tried:
        return ""
    return _("%(replied)s of %(tried)s calls and messages were answered.") % {
        "replied": facts.replied,
        "tried": facts.tried,
    }


def _meetings(facts: Facts) -> str:
    if not facts.met:
        return ""
    return _("%(kept)s of %(met)s visits and meetings took place.") % {
        "kept": facts.kept,
        "met": facts.met,
    }


def _numbers(facts: Facts) -> str:
    if not facts.hidden:
        return ""
    return _("%(shared)s of %(hidden)s things that only the merchant knew were told to us.") % {
        "shared": facts.shared,
        "hidden": facts.hidden,
    }


def _decision_maker(facts: Facts) -> str:
    if facts.decider_met:
        return _("The decision maker was there.")
    if not facts.contacts:
        return ""
    if facts.deciders:
        return _("The decision maker is known, but was not met.")
    return _("Nobody known here decides.")


_REASONS: Mapping[Input, Callable[[Facts, Scales], str]] = MappingProxyType(
    {
        Input.CATEGORY: _category,
        Input.DISTANCE: _distance,
        Input.CARDHOLDERS: _cardholders,
        Input.AGE: _age,
        Input.OUTLETS: _outlets,
        Input.PENALTIES: _penalties,
        Input.RIVAL: _rival,
        Input.INTENT: _intent,
    }
)
_SIGNALS: Mapping[Signal, Callable[[Facts], str]] = MappingProxyType(
    {
        Signal.REPLIES: _replies,
        Signal.MEETINGS: _meetings,
        Signal.NUMBERS: _numbers,
        Signal.DECISION_MAKER: _decision_maker,
    }
)
