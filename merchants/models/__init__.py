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
from merchants.models.insight import Insight, InsightMove
from merchants.models.merchant import Merchant, MerchantSource
from merchants.models.outlet import Outlet
from merchants.models.quadrants import InsightKind, MoveThrough, Quadrant
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.rival import Rival, RivalKind, RivalOffer
from merchants.models.swot import SwotAnalysis, SwotFact, SwotFactKind, SwotFeature
from merchants.models.timeline import TimelineEntry, TimelineGroup

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
    "Insight",
    "InsightKind",
    "InsightMove",
    "LawfulBasis",
    "Merchant",
    "MerchantCategory",
    "MerchantSource",
    "MoveThrough",
    "Outlet",
    "Quadrant",
    "Rival",
    "RivalKind",
    "RivalOffer",
    "RowOutcome",
    "SwotAnalysis",
    "SwotFact",
    "SwotFactKind",
    "SwotFeature",
    "TimelineEntry",
    "TimelineGroup",
]
