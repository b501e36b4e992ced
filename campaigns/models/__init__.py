"""The nouns of campaigns."""

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
