"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.proposal import Proposal, ProposalPart, ProposalState
from leads.models.proposal_version import ProposalVersion
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "FollowUp",
    "FollowUpState",
    "Lead",
    "LeadSource",
    "LostReason",
    "Proposal",
    "ProposalPart",
    "ProposalState",
    "ProposalVersion",
    "Stage",
    "StageChange",
]
