"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.domain.kpi_periods import PeriodLength
from campaigns.models import (
    Account,
    ApprovalDecision,
    ApprovalKind,
    ApprovalState,
    CampaignStage,
    ClaimEvidenceKind,
    ClaimState,
    Collection,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
    EntryKind,
    FigureKind,
    GoLiveKind,
    Indicator,
    IndicatorGroup,
    IntakeKind,
    LineKind,
    MatchClass,
    Mechanic,
    Objective,
    OutcomeMethod,
    OutcomePart,
    Party,
    PaymentDirection,
    RedemptionEventKind,
    RedemptionState,
    RefusalCode,
    StatementFileKind,
    StatementState,
    VersionState,
)
from crm import meta

meta.enumeration("mechanic", Mechanic)
meta.enumeration("funding_party", Party)
meta.enumeration("campaign_stage", CampaignStage)

meta.fact(
    "offer_terms",
    lambda: {mechanic: list(offers.terms_known(mechanic)) for mechanic in offers.MECHANICS},
)
meta.enumeration("campaign_objective", Objective)
meta.enumeration("share_collection", Collection)
meta.enumeration("campaign_version_state", VersionState)
meta.enumeration("go_live_kind", GoLiveKind)
meta.enumeration("approval_kind", ApprovalKind)
meta.enumeration("approval_state", ApprovalState)
meta.enumeration("approval_decision", ApprovalDecision)
meta.enumeration("refusal_code", RefusalCode)
meta.enumeration("ledger_entry_kind", EntryKind)
meta.enumeration("ledger_account", Account)
meta.enumeration("claim_state", ClaimState)
meta.enumeration("claim_evidence_kind", ClaimEvidenceKind)
meta.enumeration("outcome_method", OutcomeMethod)
meta.enumeration("outcome_part", OutcomePart)
meta.enumeration("card_figure_kind", FigureKind)
meta.enumeration("kpi_indicator", Indicator)
meta.enumeration("kpi_indicator_group", IndicatorGroup)
meta.enumeration("kpi_period", PeriodLength)
meta.enumeration("redemption_state", RedemptionState)
meta.enumeration("redemption_event_kind", RedemptionEventKind)
meta.enumeration("redemption_intake_kind", IntakeKind)
meta.enumeration("discrepancy_code", DiscrepancyCode)
meta.enumeration("discrepancy_state", DiscrepancyState)
meta.enumeration("discrepancy_resolution", DiscrepancyResolution)
meta.enumeration("statement_state", StatementState)
meta.enumeration("statement_line_kind", LineKind)
meta.enumeration("match_class", MatchClass)
meta.enumeration("payment_direction", PaymentDirection)
meta.enumeration("statement_file_kind", StatementFileKind)
