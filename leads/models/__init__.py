"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.pool import (
    LeadOwnership,
    OwnershipChange,
    Pool,
    PooledLead,
    PoolRule,
    RecyclingFailure,
    ReturnReason,
)
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "FollowUp",
    "FollowUpState",
    "Lead",
    "LeadOwnership",
    "LeadSource",
    "LostReason",
    "OwnershipChange",
    "Pool",
    "PoolRule",
    "PooledLead",
    "RecyclingFailure",
    "ReturnReason",
    "Stage",
    "StageChange",
]
