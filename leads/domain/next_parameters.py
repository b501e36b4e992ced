"""The numbers of suggestions, of the ranking of plays and of the score, as parameters."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from crm import parameters
from crm.parameters import WholeNumber
from leads.domain.next_action_inputs import Limits
from leads.domain.next_action_rules import RULES
from leads.domain.scoring import Input, Scales, Signal
from leads.models import SuggestionRule
from merchants.models.reference import CategoryGroup

_RANKING = _("Ranking of plays")
RANKING_A = parameters.decimal(
    "leads.ranking.a", _("Added to the resolved"), "1", most="100", group=_RANKING
)
RANKING_B = parameters.decimal(
    "leads.ranking.b", _("Added to the not resolved"), "2", least="0.01", most="100", group=_RANKING
)
NEW_BELOW = parameters.number(
    "leads.ranking.new_below",
    _("A play is new below so many tries"),
    3,
    least=0,
    most=100,
    group=_RANKING,
)
NEW_EVERY = parameters.number(
    "leads.ranking.new_every",
    _("Every so many places one for a new play (0: none)"),
    3,
    least=0,
    most=20,
    group=_RANKING,
)

_SUGGESTIONS = _("Suggestions")
QUIET_DAYS = parameters.number(
    "leads.suggestions.quiet_days",
    _("Working days for which a dismissed suggestion stays away"),
    10,
    least=1,
    most=250,
    group=_SUGGESTIONS,
)
ACT_WITHIN = parameters.number(
    "leads.suggestions.act_within",
    _("Working days within which an accepted suggestion is to be acted on"),
    10,
    least=1,
    most=250,
    group=_SUGGESTIONS,
)
ENDING_WITHIN = parameters.number(
    "leads.suggestions.ending_within",
    _("Working days left in a stage that are mentioned"),
    3,
    least=0,
    most=60,
    group=_SUGGESTIONS,
)
CALL_WITHIN = parameters.number(
    "leads.suggestions.call_within",
    _("Working days from a visit to the call after it"),
    2,
    least=1,
    most=60,
    group=_SUGGESTIONS,
)
ATTEMPTS = parameters.number(
    "leads.suggestions.attempts",
    _("Attempts that may fail before a merchant is left alone"),
    3,
    least=1,
    most=50,
    group=_SUGGESTIONS,
)
ATTEMPT_WINDOW = parameters.number(
    "leads.suggestions.attempt_window",
    _("Working days over which attempts are counted"),
    10,
    least=1,
    most=250,
    group=_SUGGESTIONS,
)
HOLIDAY_DAYS = parameters.number(
    "leads.suggestions.holiday_days",
    _("Days off in a row that make a long holiday"),
    5,
    least=3,
    most=30,
    group=_SUGGESTIONS,
)
HOLIDAY_WITHIN = parameters.number(
    "leads.suggestions.holiday_within",
    _("Working days before a long holiday in which it is mentioned"),
    10,
    least=1,
    most=60,
    group=_SUGGESTIONS,
)

_WEIGHTS = _("Order of suggestions (0: never)")
WEIGHTS: Mapping[SuggestionRule, WholeNumber] = MappingProxyType(
    {
        one.rule: parameters.number(
            f"leads.suggestions.weight.{one.rule}",
            one.rule.label,
            one.weight,
            least=0,
            most=1000,
            group=_WEIGHTS,
        )
        for one in RULES
    }
)


def limits() -> Limits:
    """The numbers of the rules as they stand."""
    return Limits(
        ending_within=ENDING_WITHIN.value,
        call_within=CALL_WITHIN.value,
        attempts=ATTEMPTS.value,
        attempt_window=ATTEMPT_WINDOW.value,
        holiday_days=HOLIDAY_DAYS.value,
        holiday_within=HOLIDAY_WITHIN.value,
        weights={rule: one.value for rule, one in WEIGHTS.items()},
    )


_SCORE = _("Score of leads")
_SCALES = Scales()
SCORE_WEIGHTS: Mapping[Input, WholeNumber] = MappingProxyType(
    {
        part: parameters.number(
            f"leads.score.weight.{part}", part.label, weight, least=0, most=1000, group=_SCORE
        )
        for part, weight in _SCALES.weights.items()
    }
)
_SIGNALS = _("Score of leads: intent")
SIGNAL_WEIGHTS: Mapping[Signal, WholeNumber] = MappingProxyType(
    {
        signal: parameters.number(
            f"leads.score.signal.{signal}", signal.label, weight, least=0, most=1000, group=_SIGNALS
        )
        for signal, weight in _SCALES.signals.items()
    }
)
_PRIORITIES = _("Score of leads: how much a category is wanted (%)")
PRIORITIES: Mapping[str, WholeNumber] = MappingProxyType(
    {
        group: parameters.number(
            f"leads.score.priority.{group}",
            CategoryGroup(group).label,
            percent,
            least=0,
            most=100,
            group=_PRIORITIES,
        )
        for group, percent in _SCALES.priorities.items()
    }
)
LEAST_WEIGHT = parameters.number(
    "leads.score.least_weight",
    _("What is known must weigh at least so many percent"),
    25,
    least=0,
    most=100,
    group=_SCORE,
)
FARTHEST = parameters.number(
    "leads.score.farthest_metres",
    _("Metres to the branch from which on distance brings nothing"),
    10_000,
    least=100,
    most=1_000_000,
    group=_SCORE,
)
FULL_CARDHOLDERS = parameters.number(
    "leads.score.full_cardholders",
    _("Cardholders nearby that bring all the points"),
    5_000,
    least=1,
    most=10_000_000,
    group=_SCORE,
)
FULL_YEARS = parameters.number(
    "leads.score.full_years",
    _("Years in business that bring all the points"),
    3,
    least=1,
    most=100,
    group=_SCORE,
)
FULL_OUTLETS = parameters.number(
    "leads.score.full_outlets",
    _("Outlets that bring all the points"),
    5,
    least=1,
    most=10_000,
    group=_SCORE,
)
WORST_PENALTIES = parameters.number(
    "leads.score.worst_penalties",
    _("Penalties from which on nothing is left"),
    3,
    least=1,
    most=100,
    group=_SCORE,
)
FULL_SHARED = parameters.number(
    "leads.score.full_shared",
    _("Things told to us that bring all the points"),
    3,
    least=1,
    most=100,
    group=_SIGNALS,
)


def scales() -> Scales:
    """The weights and scales of the score as they stand."""
    return Scales(
        weights={part: one.value for part, one in SCORE_WEIGHTS.items()},
        signals={signal: one.value for signal, one in SIGNAL_WEIGHTS.items()},
        priorities={group: one.value for group, one in PRIORITIES.items()},
        least_weight=LEAST_WEIGHT.value,
        farthest_metres=FARTHEST.value,
        full_cardholders=FULL_CARDHOLDERS.value,
        full_years=FULL_YEARS.value,
        full_outlets=FULL_OUTLETS.value,
        worst_penalties=WORST_PENALTIES.value,
        full_shared=FULL_SHARED.value,
    )
