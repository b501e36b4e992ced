"""The nouns of merchants."""

from merchants.models.agreement import (
    Agreement,
    AgreementState,
    AgreementVersion,
    SettlementBasis,
)
from merchants.models.contact import Contact, LawfulBasis
from merchants.models.evidence import Evidence, Waiver
from merchants.models.figures import BankProduct, PeriodFigures, SalesDay
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
from merchants.models.merge import DuplicateKind, MerchantMerge, MergeSide
from merchants.models.outlet import Outlet
from merchants.models.partnership import Partnership, PartnershipStep
from merchants.models.partnership_words import EvidenceKind, PartnershipStage, StepReason
from merchants.models.quadrants import InsightKind, MoveThrough, Quadrant
from merchants.models.readings import HealthReading, MaturityReading
from merchants.models.reference import CategoryGroup, Division, MerchantCategory
from merchants.models.rival import Rival, RivalKind, RivalOffer
from merchants.models.swot import SwotAnalysis, SwotFact, SwotFactKind, SwotFeature
from merchants.models.timeline import TimelineEntry, TimelineGroup

__all__ = [
    "IMPORT",
    "Agreement",
    "AgreementState",
    "AgreementVersion",
    "BankProduct",
    "CategoryGroup",
    "Contact",
    "Division",
    "DuplicateKind",
    "Evidence",
    "EvidenceKind",
    "HealthReading",
    "Import",
    "ImportChange",
    "ImportMapping",
    "ImportMode",
    "ImportRow",
    "Insight",
    "InsightKind",
    "InsightMove",
    "LawfulBasis",
    "MaturityReading",
    "Merchant",
    "MerchantCategory",
    "MerchantMerge",
    "MerchantSource",
    "MergeSide",
    "MoveThrough",
    "Outlet",
    "Partnership",
    "PartnershipStage",
    "PartnershipStep",
    "PeriodFigures",
    "Quadrant",
    "Rival",
    "RivalKind",
    "RivalOffer",
    "RowOutcome",
    "SalesDay",
    "SettlementBasis",
    "StepReason",
    "SwotAnalysis",
    "SwotFact",
    "SwotFactKind",
    "SwotFeature",
    "TimelineEntry",
    "TimelineGroup",
    "Waiver",
]
