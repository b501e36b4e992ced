"""The nouns of campaigns."""

from campaigns.models.campaign import Campaign, CampaignStage, FundingShare, Mechanic, Party
from campaigns.models.discrepancy import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from campaigns.models.invoice import Invoice, Payment
from campaigns.models.redemption import (
    IntakeKind,
    Redemption,
    RedemptionDay,
    RedemptionEvent,
    RedemptionEventKind,
    RedemptionIntake,
    RedemptionState,
)
from campaigns.models.settlement_words import (
    LineKind,
    MatchClass,
    PaymentDirection,
    StatementFileKind,
    StatementState,
)
from campaigns.models.statement import Statement, StatementFile, StatementStep
from campaigns.models.statement_line import MerchantRow, StatementLine

__all__ = [
    "Campaign",
    "CampaignStage",
    "Discrepancy",
    "DiscrepancyCode",
    "DiscrepancyResolution",
    "DiscrepancyState",
    "FundingShare",
    "IntakeKind",
    "Invoice",
    "LineKind",
    "MatchClass",
    "Mechanic",
    "MerchantRow",
    "Party",
    "Payment",
    "PaymentDirection",
    "Redemption",
    "RedemptionDay",
    "RedemptionEvent",
    "RedemptionEventKind",
    "RedemptionIntake",
    "RedemptionState",
    "Statement",
    "StatementFile",
    "StatementFileKind",
    "StatementLine",
    "StatementState",
    "StatementStep",
]
