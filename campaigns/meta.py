"""What phones need to know of campaigns beforehand."""

from campaigns.domain import offers
from campaigns.models import (
    CampaignStage,
    LineKind,
    MatchClass,
    Mechanic,
    Party,
    PaymentDirection,
    StatementFileKind,
    StatementState,
)
from crm import meta

meta.enumeration("mechanic", Mechanic)
meta.enumeration("funding_party", Party)
meta.enumeration("campaign_stage", CampaignStage)
meta.fact(
    "offer_terms",
    lambda: {mechanic: list(offers.terms_known(mechanic)) for mechanic in offers.MECHANICS},
)

meta.enumeration("statement_state", StatementState)
meta.enumeration("statement_line_kind", LineKind)
meta.enumeration("match_class", MatchClass)
meta.enumeration("payment_direction", PaymentDirection)
meta.enumeration("statement_file_kind", StatementFileKind)
