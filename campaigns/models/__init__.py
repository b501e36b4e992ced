"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.card_figures import (
    CardCohort,
    CardFigure,
    CardSnapshot,
    FigureIntake,
    FigureKind,
)
from campaigns.models.indicators import Indicator, IndicatorGroup, Measure
from campaigns.models.kpi_scheme import KpiScheme
from campaigns.models.target import Target

__all__ = [
    "Campaign",
    "CampaignStage",
    "CardCohort",
    "CardFigure",
    "CardSnapshot",
    "FigureIntake",
    "FigureKind",
    "FundingShare",
    "Indicator",
    "IndicatorGroup",
    "KpiScheme",
    "Measure",
    "Mechanic",
    "Party",
    "Target",
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
from campaigns.models.fund import Fund
from campaigns.models.go_live import GoLiveItem, GoLiveKind
from campaigns.models.ledger import Account, EntryKind, LedgerEntry
from campaigns.models.refusal_codes import RefusalCode

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
    "Collection",
    "Delegation",
    "EntryKind",
    "Fund",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "LedgerEntry",
    "Mechanic",
    "Objective",
    "Party",
    "RefusalCode",
    "VersionState",
]
