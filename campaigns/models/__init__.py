"""The nouns of campaigns."""

from campaigns.models.approval import (
    ApprovalDecision,
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    ApprovalStep,
    Delegation,
)
from campaigns.models.approval_tier import ApprovalTier
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
from campaigns.models.card_figures import (
    CardCohort,
    CardFigure,
    CardSnapshot,
    FigureIntake,
    FigureKind,
)
from campaigns.models.claim import Claim, ClaimEvidence, ClaimEvidenceKind, ClaimState, ClaimStep
from campaigns.models.discrepancy import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from campaigns.models.fee_schedule import FeeSchedule
from campaigns.models.fund import Fund
from campaigns.models.go_live import GoLiveItem, GoLiveKind
from campaigns.models.indicators import Indicator, IndicatorGroup, Measure
from campaigns.models.invoice import Invoice, Payment
from campaigns.models.kpi_scheme import KpiScheme
from campaigns.models.ledger import Account, EntryKind, LedgerEntry
from campaigns.models.outcome import CampaignOutcome, OutcomeMethod, OutcomePart
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
from campaigns.models.target import Target

__all__ = [
    "Account",
    "ApprovalDecision",
    "ApprovalKind",
    "ApprovalRequest",
    "ApprovalState",
    "ApprovalStep",
    "ApprovalTier",
    "Budget",
    "Campaign",
    "CampaignOutcome",
    "CampaignStage",
    "CampaignStep",
    "CampaignVersion",
    "CardCohort",
    "CardFigure",
    "CardSnapshot",
    "Claim",
    "ClaimEvidence",
    "ClaimEvidenceKind",
    "ClaimState",
    "ClaimStep",
    "Collection",
    "Delegation",
    "Discrepancy",
    "DiscrepancyCode",
    "DiscrepancyResolution",
    "DiscrepancyState",
    "EntryKind",
    "FeeSchedule",
    "FigureIntake",
    "FigureKind",
    "Fund",
    "FundingShare",
    "GoLiveItem",
    "GoLiveKind",
    "Indicator",
    "IndicatorGroup",
    "IntakeKind",
    "Invoice",
    "KpiScheme",
    "LedgerEntry",
    "LineKind",
    "MatchClass",
    "Measure",
    "Mechanic",
    "MerchantRow",
    "Objective",
    "OutcomeMethod",
    "OutcomePart",
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
    "Target",
    "VersionState",
]
