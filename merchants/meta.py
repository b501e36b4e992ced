"""What phones need to know of merchants beforehand."""

from crm import meta
from merchants.models import (
    AgreementState,
    BankProduct,
    CategoryGroup,
    EvidenceKind,
    LawfulBasis,
    MerchantSource,
    PartnershipStage,
    SettlementBasis,
    StepReason,
)

meta.enumeration("agreement_state", AgreementState)
meta.enumeration("bank_product", BankProduct)
meta.enumeration("category_group", CategoryGroup)
meta.enumeration("evidence_kind", EvidenceKind)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
meta.enumeration("partnership_stage", PartnershipStage)
meta.enumeration("settlement_basis", SettlementBasis)
meta.enumeration("step_reason", StepReason)
