"""What phones need to know of merchants beforehand."""

from crm import meta
from crm.models import UnmaskReason
from merchants.models import (
    CategoryGroup,
    ConsentChannel,
    ConsentPurpose,
    ContactRole,
    ContactState,
    DecisionPower,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    MerchantSource,
    MerchantTier,
    RestrictionReason,
)

meta.enumeration("category_group", CategoryGroup)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
meta.enumeration("consent_channel", ConsentChannel)
meta.enumeration("consent_purpose", ConsentPurpose)
meta.enumeration("contact_role", ContactRole)
meta.enumeration("contact_state", ContactState)
meta.enumeration("decision_power", DecisionPower)
meta.enumeration("legal_form", LegalForm)
meta.enumeration("licence_status", LicenceStatus)
meta.enumeration("merchant_tier", MerchantTier)
meta.enumeration("restriction_reason", RestrictionReason)
meta.enumeration("unmask_reason", UnmaskReason)
