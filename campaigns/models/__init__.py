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
]
