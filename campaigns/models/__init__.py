"""The nouns of campaigns."""

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
from campaigns.models.budget import Budget
from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.fund import Fund
from campaigns.models.ledger import Account, EntryKind, LedgerEntry

__all__ = [
    "Account",
    "Budget",
    "Campaign",
    "CampaignStage",
    "EntryKind",
    "Fund",
    "FundingShare",
    "LedgerEntry",
    "Mechanic",
    "Party",
]
