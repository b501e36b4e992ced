"""What phones need to know of leads beforehand."""

from crm import meta
from crm.models import Role
from leads.models import (
    ActivityKind,
    FollowUpOutcome,
    FollowUpPriority,
    FollowUpState,
    LeadSource,
    LostReason,
    OwnershipChange,
    Repeats,
    ReturnReason,
    Stage,
)
from leads.models.follow_up_words import OUTCOMES_OF_CANCELLED, OUTCOMES_OF_DONE
from leads.models.stages import OPEN_STAGES, REOPEN_DAYS, ROADS, STAGE_LIMITS

meta.enumeration("role", Role)
meta.enumeration("stage", Stage)
meta.enumeration("lead_source", LeadSource)
meta.enumeration("lost_reason", LostReason)
meta.enumeration("activity_kind", ActivityKind)
meta.enumeration("follow_up_state", FollowUpState)
meta.enumeration("return_reason", ReturnReason)
meta.enumeration("ownership_change", OwnershipChange)
meta.fact(
    "stage_roads",
    lambda: {
        str(stage): {
            str(to): {"who": road.who.name.lower(), "guards": list(road.guards)}
            for to, road in roads.items()
        }
        for stage, roads in ROADS.items()
    },
)
meta.fact("open_stages", lambda: list(OPEN_STAGES))
meta.fact(
    "thresholds",
    lambda: {
        "stage_limits_working_days": {str(stage): days for stage, days in STAGE_LIMITS.items()},
        "reopen_days": REOPEN_DAYS,
    },
)
meta.enumeration("follow_up_outcome", FollowUpOutcome)
meta.enumeration("follow_up_priority", FollowUpPriority)
meta.enumeration("follow_up_repeats", Repeats)
meta.fact(
    "follow_up_outcomes",
    lambda: {"done": list(OUTCOMES_OF_DONE), "cancelled": list(OUTCOMES_OF_CANCELLED)},
)
