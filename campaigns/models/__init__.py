"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.discrepancy import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from campaigns.models.redemption import (
    IntakeKind,
    Redemption,
    RedemptionDay,
    RedemptionEvent,
    RedemptionEventKind,
    RedemptionIntake,
    RedemptionState,
)

__all__ = [
    "Campaign",
    "CampaignStage",
    "Discrepancy",
    "DiscrepancyCode",
    "DiscrepancyResolution",
    "DiscrepancyState",
    "FundingShare",
    "IntakeKind",
    "Mechanic",
    "Party",
    "Redemption",
    "RedemptionDay",
    "RedemptionEvent",
    "RedemptionEventKind",
    "RedemptionIntake",
    "RedemptionState",
from campaigns.models.refusal_codes import RefusalCode

__all__ = ["Campaign", "CampaignStage", "FundingShare", "Mechanic", "Party", "RefusalCode"]
from campaigns.models.campaign import (
    Campaign,
    CampaignStage,
    Collection,
    FundingShare,
    Mechanic,
    Objective,
    Party,
)
from campaigns.models.campaign_history import CampaignStep, CampaignVersion, VersionState
from campaigns.models.go_live import GoLiveItem, GoLiveKind

__all__ = [
    "Campaign",
    "CampaignStage",
    "CampaignStep",
    "CampaignVersion",
    "Collection",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "Mechanic",
    "Objective",
    "Party",
    "VersionState",
]
