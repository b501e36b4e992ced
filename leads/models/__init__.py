"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind, ActivityOutcome
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from leads.models.grid import CellNumber, GridCell
from leads.models.grid_wording import CapabilityTemplate, GridQuestion
from leads.models.grid_words import (
    AgreedVia,
    Cell,
    CellStatus,
    GridColumn,
    GridMode,
    GridRow,
    NumberPeriod,
    NumberUnit,
    PainEnd,
    PainStatus,
    QuestionSet,
)
from leads.models.lead import Lead, LeadSource, StageChange
from leads.models.lead_evidence import LeadEvidence, LeadWaiver
from leads.models.lead_words import LeadEvidenceKind, LeadStepReason
from leads.models.objection import Objection, ObjectionChange
from leads.models.objection_words import (
    AttemptOutcome,
    ObjectionReason,
    ObjectionState,
    SubReason,
    SuggestedBecause,
)
from leads.models.ownership import LeadOwnership, OwnershipChange, ReturnReason
from leads.models.pain import NamedCapability, Pain, PainStep
from leads.models.play import Play, PlayAttempt, PlayVersion
from leads.models.pool import Pool, PooledLead, PoolRule, RecyclingFailure
from leads.models.proposal import Proposal, ProposalPart, ProposalState
from leads.models.proposal_version import ProposalVersion
from leads.models.score_input import ScoreInput
from leads.models.stages import LostReason, Stage
from leads.models.suggestion import (
    Decision,
    Suggestion,
    SuggestionKind,
    SuggestionOutcome,
    SuggestionRule,
)
from leads.models.visit import PositionConsent, Visit, VisitPhoto, VisitState

__all__ = [
    "Activity",
    "ActivityKind",
    "ActivityOutcome",
    "AgreedVia",
    "AttemptOutcome",
    "CapabilityTemplate",
    "Cell",
    "CellNumber",
    "CellStatus",
    "Decision",
    "FollowUp",
    "FollowUpOutcome",
    "FollowUpPriority",
    "FollowUpState",
    "GridCell",
    "GridColumn",
    "GridMode",
    "GridQuestion",
    "GridRow",
    "Lead",
    "LeadEvidence",
    "LeadEvidenceKind",
    "LeadOwnership",
    "LeadSource",
    "LeadStepReason",
    "LeadWaiver",
    "LostReason",
    "NamedCapability",
    "NumberPeriod",
    "NumberUnit",
    "Objection",
    "ObjectionChange",
    "ObjectionReason",
    "ObjectionState",
    "OwnershipChange",
    "Pain",
    "PainEnd",
    "PainStatus",
    "PainStep",
    "Play",
    "PlayAttempt",
    "PlayVersion",
    "Pool",
    "PoolRule",
    "PooledLead",
    "PositionConsent",
    "Proposal",
    "ProposalPart",
    "ProposalState",
    "ProposalVersion",
    "QuestionSet",
    "RecyclingFailure",
    "Repeats",
    "ReturnReason",
    "ScoreInput",
    "Stage",
    "StageChange",
    "SubReason",
    "SuggestedBecause",
    "Suggestion",
    "SuggestionKind",
    "SuggestionOutcome",
    "SuggestionRule",
    "Visit",
    "VisitPhoto",
    "VisitState",
]
