"""The nouns of campaigns."""

from campaigns.models.budget import Budget
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
from campaigns.models.discrepancy import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from campaigns.models.fund import Fund
from campaigns.models.go_live import GoLiveItem, GoLiveKind
from campaigns.models.invoice import Invoice, Payment
from campaigns.models.ledger import Account, EntryKind, LedgerEntry
from campaigns.models.redemption import (
    IntakeKind,
    Redemption,
    RedemptionDay,
    RedemptionEvent,
    RedemptionEventKind,
    RedemptionIntake,
    RedemptionState,
)
from campaigns.models.refusal_codes import RefusalCode
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
    "Account",
    "Budget",
    "Campaign",
    "CampaignStage",
    "CampaignStep",
    "CampaignVersion",
    "Collection",
    "Discrepancy",
    "DiscrepancyCode",
    "DiscrepancyResolution",
    "DiscrepancyState",
    "EntryKind",
    "Fund",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "IntakeKind",
    "Invoice",
    "LedgerEntry",
    "LineKind",
    "MatchClass",
    "Mechanic",
    "MerchantRow",
    "Objective",
    "Party",
    "Payment",
    "PaymentDirection",
    "Redemption",
    "RedemptionDay",
    "RedemptionEvent",
    "RedemptionEventKind",
    "RedemptionIntake",
    "RedemptionState",
    "RefusalCode",
    "Statement",
    "StatementFile",
    "StatementFileKind",
    "StatementLine",
    "StatementState",
    "StatementStep",
    "VersionState",
]
