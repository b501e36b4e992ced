"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.models import (
    CampaignStage,
    Collection,
    GoLiveKind,
    Mechanic,
    Objective,
    Party,
    RefusalCode,
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
meta.enumeration("refusal_code", RefusalCode)
