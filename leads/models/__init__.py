"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind, ActivityOutcome
from leads.models.follow_up import FollowUp, FollowUpState
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from leads.models.grid import (
    CapabilityTemplate,
    CellNumber,
    GridCell,
    GridQuestion,
    NamedCapability,
    Pain,
)
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
    "FollowUpOutcome",
    "FollowUpPriority",
    "FollowUpState",
    "GridCell",
    "GridColumn",
    "GridMode",
    "GridQuestion",
    "GridRow",
    "Lead",
    "LeadSource",
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
    "Play",
    "PlayAttempt",
    "PlayVersion",
    "PositionConsent",
    "QuestionSet",
    "Repeats",
    "Stage",
    "StageChange",
    "SubReason",
    "SuggestedBecause",
    "Visit",
    "VisitPhoto",
    "VisitState",
]
