"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.stages import LostReason, Stage
from leads.models.suggestion import (
    Decision,
    Suggestion,
    SuggestionKind,
    SuggestionOutcome,
    SuggestionRule,
)

__all__ = [
    "Activity",
    "ActivityKind",
    "Decision",
    "FollowUp",
    "FollowUpState",
    "Lead",
    "LeadSource",
    "LostReason",
    "Stage",
    "StageChange",
    "Suggestion",
    "SuggestionKind",
    "SuggestionOutcome",
    "SuggestionRule",
]
