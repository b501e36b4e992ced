"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.models import (
    CampaignStage,
    Collection,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
    GoLiveKind,
    IntakeKind,
    LineKind,
    MatchClass,
    Mechanic,
    Objective,
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
meta.enumeration("campaign_objective", Objective)
meta.enumeration("share_collection", Collection)
meta.enumeration("campaign_version_state", VersionState)
meta.enumeration("go_live_kind", GoLiveKind)
meta.fact(
    "offer_terms",
    lambda: {mechanic: list(offers.terms_known(mechanic)) for mechanic in offers.MECHANICS},
)

meta.enumeration("statement_state", StatementState)
meta.enumeration("statement_line_kind", LineKind)
meta.enumeration("match_class", MatchClass)
meta.enumeration("payment_direction", PaymentDirection)
meta.enumeration("statement_file_kind", StatementFileKind)
meta.enumeration("refusal_code", RefusalCode)

meta.enumeration("redemption_state", RedemptionState)
meta.enumeration("redemption_event_kind", RedemptionEventKind)
meta.enumeration("redemption_intake_kind", IntakeKind)
meta.enumeration("discrepancy_code", DiscrepancyCode)
meta.enumeration("discrepancy_state", DiscrepancyState)
meta.enumeration("discrepancy_resolution", DiscrepancyResolution)
