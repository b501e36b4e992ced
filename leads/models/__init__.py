"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.objection import Objection, ObjectionChange
from leads.models.objection_words import (
    AttemptOutcome,
    ObjectionReason,
    ObjectionState,
    SubReason,
    SuggestedBecause,
)
from leads.models.play import Play, PlayAttempt, PlayVersion
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "AttemptOutcome",
    "FollowUp",
    "FollowUpState",
    "Lead",
    "LeadSource",
    "LostReason",
    "Objection",
    "ObjectionChange",
    "ObjectionReason",
    "ObjectionState",
    "Play",
    "PlayAttempt",
    "PlayVersion",
    "Stage",
    "StageChange",
    "SubReason",
    "SuggestedBecause",
]
