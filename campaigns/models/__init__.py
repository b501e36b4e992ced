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
    "ApprovalDecision",
    "ApprovalKind",
    "ApprovalRequest",
    "ApprovalState",
    "ApprovalStep",
    "ApprovalTier",
    "Campaign",
    "CampaignStage",
    "CampaignStep",
    "CampaignVersion",
    "Collection",
    "Delegation",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "Mechanic",
    "Objective",
    "Party",
    "VersionState",
]
