"""The nouns of merchants."""

from merchants.models.contact import Contact, LawfulBasis
from merchants.models.importing import (
    IMPORT,
    Import,
    ImportChange,
    ImportMapping,
    ImportMode,
    ImportRow,
    RowOutcome,
)
from merchants.models.merchant import Merchant, MerchantSource
from merchants.models.outlet import Outlet
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.timeline import TimelineEntry

__all__ = [
    "IMPORT",
    "CategoryGroup",
    "Contact",
    "Division",
    "Import",
    "ImportChange",
    "ImportMapping",
    "ImportMode",
    "ImportRow",
    "LawfulBasis",
    "Merchant",
    "MerchantCategory",
    "MerchantSource",
    "Outlet",
    "RowOutcome",
    "TimelineEntry",
]
