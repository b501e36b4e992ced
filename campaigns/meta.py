"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.models import (
    CampaignStage,
    ClaimEvidenceKind,
    ClaimState,
    Collection,
    GoLiveKind,
    Mechanic,
    Objective,
    OutcomeMethod,
    OutcomePart,
    Party,
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
meta.enumeration("claim_state", ClaimState)
meta.enumeration("claim_evidence_kind", ClaimEvidenceKind)
meta.enumeration("outcome_method", OutcomeMethod)
meta.enumeration("outcome_part", OutcomePart)
