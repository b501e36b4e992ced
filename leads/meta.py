"""What phones need to know of leads beforehand."""

from collections.abc import Mapping
from typing import Any

from crm import meta
from crm.models import Role
from leads.domain import visit_plans
from leads.domain.scoring import Input, Signal
from leads.models import (
    ActivityKind,
    ActivityOutcome,
    AgreedVia,
    AttemptOutcome,
    Cell,
    CellStatus,
    Decision,
    FollowUpOutcome,
    FollowUpPriority,
    FollowUpState,
    GridColumn,
    GridMode,
    LeadSource,
    LostReason,
    NumberPeriod,
    NumberUnit,
    ObjectionReason,
    ObjectionState,
    OwnershipChange,
    PainEnd,
    PainStatus,
    ProposalPart,
    ProposalState,
    QuestionSet,
    Repeats,
    ReturnReason,
    Stage,
    SubReason,
    SuggestedBecause,
    SuggestionKind,
    SuggestionOutcome,
    SuggestionRule,
    VisitState,
)
from leads.models.follow_up_words import OUTCOMES_OF_CANCELLED, OUTCOMES_OF_DONE
from leads.models.grid_words import GATED, WALKS, NotEligible
from leads.models.lead_guards import DEMANDS
from leads.models.lead_numbers import REOPEN_WITHIN
from leads.models.lead_words import LEAD_REASONS, LeadEvidenceKind, LeadStepReason
from leads.models.objection_words import STATE_ROADS, sub_reasons_of
from leads.models.pipeline_parameters import probabilities, stage_limits
from leads.models.stages import (
    OPEN_STAGES,
    ROADS,
    WIN_BACK_ROADS,
    Guard,
    Road,
)
from leads.models.validity import ValidityPart

meta.enumeration("role", Role)
meta.enumeration("stage", Stage)
meta.enumeration("lead_source", LeadSource)
meta.enumeration("lost_reason", LostReason)
meta.enumeration("lead_guard", Guard)
meta.enumeration("lead_evidence_kind", LeadEvidenceKind)
meta.enumeration("lead_step_reason", LeadStepReason)
meta.enumeration("activity_kind", ActivityKind)
meta.enumeration("activity_outcome", ActivityOutcome)
meta.enumeration("visit_state", VisitState)
meta.enumeration("visit_suggested_because", visit_plans.SuggestedBecause)
meta.enumeration("follow_up_state", FollowUpState)
meta.enumeration("return_reason", ReturnReason)
meta.enumeration("ownership_change", OwnershipChange)


def _road(road: Road) -> dict[str, Any]:
    return {
        "transition": road.transition,
        "who": road.who.name.lower(),
        "guards": [str(guard) for guard in road.guards],
        "guards_at_first": [str(guard) for guard in road.at_first],
    }


def _roads(table: Mapping[Stage, Mapping[Stage, Road]]) -> dict[str, Any]:
    return {
        str(stage): {str(to): _road(road) for to, road in roads.items()}
        for stage, roads in table.items()
    }


meta.fact("stage_roads", lambda: _roads(ROADS))
meta.fact("win_back_roads", lambda: _roads(WIN_BACK_ROADS))
meta.fact(
    "lead_guards",
    lambda: {
        str(guard): {
            "waivable": demand.waivable,
            "evidence_kinds": [str(kind) for kind in demand.kinds],
        }
        for guard, demand in DEMANDS.items()
    },
)
meta.fact(
    "lead_step_reasons",
    lambda: {str(stage): [str(one) for one in reasons] for stage, reasons in LEAD_REASONS.items()},
)
meta.fact("open_stages", lambda: list(OPEN_STAGES))
meta.fact(
    "thresholds",
    lambda: {
        "stage_limits_working_days": {str(stage): days for stage, days in stage_limits().items()},
        "stage_probability_percent": {
            str(stage): share for stage, share in probabilities().items()
        },
        "reopen_days": REOPEN_WITHIN.value,
    },
)
meta.enumeration("follow_up_outcome", FollowUpOutcome)
meta.enumeration("follow_up_priority", FollowUpPriority)
meta.enumeration("follow_up_repeats", Repeats)
meta.fact(
    "follow_up_outcomes",
    lambda: {"done": list(OUTCOMES_OF_DONE), "cancelled": list(OUTCOMES_OF_CANCELLED)},
)
meta.enumeration("lead_validity_part", ValidityPart)

meta.enumeration("grid_cell", Cell)
meta.enumeration("grid_column", GridColumn)
meta.enumeration("grid_mode", GridMode)
meta.enumeration("cell_status", CellStatus)
meta.enumeration("pain_status", PainStatus)
meta.enumeration("pain_end", PainEnd)
meta.enumeration("agreed_via", AgreedVia)
meta.enumeration("number_unit", NumberUnit)
meta.enumeration("number_period", NumberPeriod)
meta.enumeration("question_set", QuestionSet)
meta.enumeration("entry_not_eligible", NotEligible)
meta.fact(
    "grid_walks",
    lambda: {
        str(mode): {"order": list(WALKS[mode]), "gated": list(GATED[mode])} for mode in GridMode
    },
)

meta.enumeration("objection_reason", ObjectionReason)
meta.enumeration("sub_reason", SubReason)
meta.enumeration("objection_state", ObjectionState)
meta.enumeration("suggested_because", SuggestedBecause)
meta.enumeration("attempt_outcome", AttemptOutcome)
meta.fact(
    "objection_roads",
    lambda: {str(state): [str(to) for to in roads] for state, roads in STATE_ROADS.items()},
)
meta.fact(
    "sub_reasons",
    lambda: {
        str(reason): [str(one) for one in sub_reasons_of(reason)] for reason in ObjectionReason
    },
)
meta.enumeration("proposal_state", ProposalState)
meta.enumeration("proposal_part", ProposalPart)

meta.enumeration("suggestion_rule", SuggestionRule)
meta.enumeration("suggestion_kind", SuggestionKind)
meta.enumeration("suggestion_decision", Decision)
meta.enumeration("suggestion_outcome", SuggestionOutcome)
meta.enumeration("score_input", Input)
meta.enumeration("score_signal", Signal)
