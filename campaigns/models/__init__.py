"""The nouns of campaigns."""

from campaigns.models.approval import (
    ApprovalDecision,
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    ApprovalStep,
    Delegation,
)
from campaigns.models.approval_tier import ApprovalTier
from campaigns.models.budget import Budget
from campaigns.models.campaign import (
    Campaign,
    Collection,
    FundingShare,
    Mechanic,
    Objective,
    Party,
)
from campaigns.models.campaign_history import CampaignStep, CampaignVersion, VersionState
from campaigns.models.campaign_stages import CampaignStage
from campaigns.models.card_figures import (
    CardCohort,
    CardFigure,
    CardSnapshot,
    FigureIntake,
    FigureKind,
)
from campaigns.models.fund import Fund
from campaigns.models.go_live import GoLiveItem, GoLiveKind
from campaigns.models.indicators import Indicator, IndicatorGroup, Measure
from campaigns.models.kpi_scheme import KpiScheme
from campaigns.models.ledger import Account, EntryKind, LedgerEntry
from campaigns.models.refusal_codes import RefusalCode
from campaigns.models.target import Target

__all__ = [
    "Account",
    "ApprovalDecision",
    "ApprovalKind",
    "ApprovalRequest",
    "ApprovalState",
    "ApprovalStep",
    "ApprovalTier",
    "Budget",
    "Campaign",
    "CampaignStage",
    "CampaignStep",
    "CampaignVersion",
    "CardCohort",
    "CardFigure",
    "CardSnapshot",
    "Collection",
    "Delegation",
    "EntryKind",
    "FigureIntake",
    "FigureKind",
    "Fund",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "Indicator",
    "IndicatorGroup",
    "KpiScheme",
    "LedgerEntry",
    "Measure",
    "Mechanic",
    "Objective",
    "Party",
    "RefusalCode",
    "Target",
    "VersionState",
]
