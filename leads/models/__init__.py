"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind, ActivityOutcome
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from leads.models.lead import Lead, LeadSource, StageChange
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
    "LeadSource",
    "LostReason",
    "PositionConsent",
    "Repeats",
    "Stage",
    "StageChange",
    "Visit",
    "VisitPhoto",
    "VisitState",
]
