"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "FollowUp",
    "FollowUpOutcome",
    "FollowUpPriority",
    "FollowUpState",
    "Lead",
    "LeadSource",
    "LostReason",
    "Repeats",
    "Stage",
    "StageChange",
]
