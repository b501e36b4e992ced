"""What phones need to know of leads beforehand."""

from crm import meta
from crm.models import Role
from leads.models import (
    ActivityKind,
    FollowUpState,
    LeadSource,
    LostReason,
    ProposalPart,
    ProposalState,
    Stage,
)
from leads.models.stages import OPEN_STAGES, REOPEN_DAYS, ROADS, STAGE_LIMITS

meta.enumeration("role", Role)
meta.enumeration("stage", Stage)
meta.enumeration("lead_source", LeadSource)
meta.enumeration("lost_reason", LostReason)
meta.enumeration("activity_kind", ActivityKind)
meta.enumeration("follow_up_state", FollowUpState)
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
meta.enumeration("proposal_state", ProposalState)
meta.enumeration("proposal_part", ProposalPart)
