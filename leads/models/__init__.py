"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.lead_evidence import LeadEvidence, LeadWaiver
from leads.models.lead_words import LeadEvidenceKind, LeadStepReason
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "FollowUp",
    "FollowUpState",
    "Lead",
    "LeadEvidence",
    "LeadEvidenceKind",
    "LeadSource",
    "LeadStepReason",
    "LeadWaiver",
    "LostReason",
    "Stage",
    "StageChange",
]
