"""The nouns of merchants."""

from merchants.models.contact import Contact, LawfulBasis
from merchants.models.merchant import Merchant, MerchantSource
from merchants.models.merge import DuplicateKind, MerchantMerge, MergeSide
from merchants.models.outlet import Outlet
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.timeline import TimelineEntry

__all__ = [
    "CategoryGroup",
    "Contact",
    "Division",
    "DuplicateKind",
    "LawfulBasis",
    "Merchant",
    "MerchantCategory",
    "MerchantMerge",
    "MerchantSource",
    "MergeSide",
    "Outlet",
    "TimelineEntry",
]
