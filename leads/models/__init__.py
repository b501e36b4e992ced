"""The nouns of leads."""

from leads.models.activity import Activity, ActivityKind
from leads.models.follow_up import FollowUp, FollowUpState
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
    "AgreedVia",
    "CapabilityTemplate",
    "Cell",
    "CellNumber",
    "CellStatus",
    "Decision",
    "FollowUp",
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
    "Pain",
    "PainEnd",
    "PainStatus",
    "QuestionSet",
    "Stage",
    "StageChange",
    "Suggestion",
    "SuggestionKind",
    "SuggestionOutcome",
    "SuggestionRule",
]
