"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.claim import (
    Claim,
    ClaimEvidence,
    ClaimEvidenceKind,
    ClaimState,
    ClaimStep,
)
from campaigns.models.fee_schedule import FeeSchedule
from campaigns.models.outcome import CampaignOutcome, OutcomeMethod, OutcomePart

__all__ = [
    "Campaign",
    "CampaignOutcome",
    "CampaignStage",
    "Claim",
    "ClaimEvidence",
    "ClaimEvidenceKind",
    "ClaimState",
    "ClaimStep",
    "FeeSchedule",
    "FundingShare",
    "Mechanic",
    "OutcomeMethod",
    "OutcomePart",
    "Party",
]
