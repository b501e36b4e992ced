"""The nouns of merchants."""

from merchants.models.contact import Contact, LawfulBasis
from merchants.models.merchant import Merchant, MerchantSource
from merchants.models.outlet import Outlet
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.timeline import TimelineEntry

__all__ = [
    "CategoryGroup",
    "Contact",
    "Division",
    "LawfulBasis",
    "Merchant",
    "MerchantCategory",
    "MerchantSource",
    "Outlet",
    "TimelineEntry",
]
