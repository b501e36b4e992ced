"""The nouns of campaigns."""

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
