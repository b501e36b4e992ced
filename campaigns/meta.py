"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.models import CampaignStage, Mechanic, Party, RefusalCode
from crm import meta

meta.enumeration("mechanic", Mechanic)
meta.enumeration("funding_party", Party)
meta.enumeration("campaign_stage", CampaignStage)
meta.fact(
    "offer_terms",
    lambda: {mechanic: list(offers.terms_known(mechanic)) for mechanic in offers.MECHANICS},
)
meta.enumeration("refusal_code", RefusalCode)
