"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind, ActivityOutcome
from leads.models.follow_up import FollowUp, FollowUpState
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
from leads.models.pain import NamedCapability, Pain, PainStep
from leads.models.play import Play, PlayAttempt, PlayVersion
from leads.models.proposal import Proposal, ProposalPart, ProposalState
from leads.models.proposal_version import ProposalVersion
from leads.models.stages import LostReason, Stage
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
    "FollowUp",
    "FollowUpState",
    "GridCell",
    "GridColumn",
    "GridMode",
    "GridQuestion",
    "GridRow",
    "Lead",
    "LeadEvidence",
    "LeadEvidenceKind",
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
    "Pain",
    "PainEnd",
    "PainStatus",
    "PainStep",
    "Play",
    "PlayAttempt",
    "PlayVersion",
    "PositionConsent",
    "Proposal",
    "ProposalPart",
    "ProposalState",
    "ProposalVersion",
    "QuestionSet",
    "Stage",
    "StageChange",
    "SubReason",
    "SuggestedBecause",
    "Visit",
    "VisitPhoto",
    "VisitState",
]
