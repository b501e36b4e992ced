"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party

__all__ = ["Campaign", "CampaignStage", "FundingShare", "Mechanic", "Party"]
