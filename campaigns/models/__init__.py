"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, FundingShare, Party

__all__ = ["Campaign", "FundingShare", "Party"]
