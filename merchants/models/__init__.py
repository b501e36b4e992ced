"""The nouns of merchants."""

from merchants.models.consent import Consent, ConsentChannel, ConsentPurpose
from merchants.models.contact import (
    Contact,
    ContactRole,
    ContactState,
    DecisionPower,
    LawfulBasis,
    RestrictionReason,
)
from merchants.models.identifier import MerchantIdentifier
from merchants.models.merchant import (
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantSource,
    MerchantTier,
)
from merchants.models.outlet import Outlet
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.timeline import TimelineEntry

__all__ = [
    "CategoryGroup",
    "Consent",
    "ConsentChannel",
    "ConsentPurpose",
    "Contact",
    "ContactRole",
    "ContactState",
    "DecisionPower",
    "Division",
    "LawfulBasis",
    "LegalForm",
    "LicenceStatus",
    "Merchant",
    "MerchantCategory",
    "MerchantIdentifier",
    "MerchantSource",
    "MerchantTier",
    "Outlet",
    "RestrictionReason",
    "TimelineEntry",
]
