"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.refusal_codes import RefusalCode

__all__ = ["Campaign", "CampaignStage", "FundingShare", "Mechanic", "Party", "RefusalCode"]
