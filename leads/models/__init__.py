"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind, ActivityOutcome
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.ownership import LeadOwnership, OwnershipChange, ReturnReason
from leads.models.pool import Pool, PooledLead, PoolRule, RecyclingFailure
from leads.models.stages import LostReason, Stage
from leads.models.visit import PositionConsent, Visit, VisitPhoto, VisitState

__all__ = [
    "Activity",
    "ActivityKind",
    "ActivityOutcome",
    "FollowUp",
    "FollowUpOutcome",
    "FollowUpPriority",
    "FollowUpState",
    "Lead",
    "LeadOwnership",
    "LeadSource",
    "LostReason",
    "OwnershipChange",
    "Pool",
    "PoolRule",
    "PooledLead",
    "PositionConsent",
    "RecyclingFailure",
    "Repeats",
    "ReturnReason",
    "Stage",
    "StageChange",
    "Visit",
    "VisitPhoto",
    "VisitState",
]
