"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
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
from leads.models.pain import NamedCapability, Pain, PainStep
from leads.models.stages import LostReason, Stage

__all__ = [
    "Activity",
    "ActivityKind",
    "AgreedVia",
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
    "Pain",
    "PainEnd",
    "PainStatus",
    "PainStep",
    "QuestionSet",
    "Stage",
    "StageChange",
]
