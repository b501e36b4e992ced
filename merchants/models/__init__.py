"""The nouns of merchants."""

from merchants.models.agreement import (
    Agreement,
    AgreementState,
    AgreementVersion,
    SettlementBasis,
)
from merchants.models.consent import Consent, ConsentChannel, ConsentPurpose
from merchants.models.contact import (
    Contact,
    ContactRole,
    ContactState,
    DecisionPower,
    LawfulBasis,
    RestrictionReason,
)
from merchants.models.evidence import Evidence, Waiver
from merchants.models.figures import BankProduct, PeriodFigures, SalesDay
from merchants.models.identifier import MerchantIdentifier
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
from merchants.models.merchant import (
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantSource,
    MerchantTier,
)
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
    "Consent",
    "ConsentChannel",
    "ConsentPurpose",
    "Contact",
    "ContactRole",
    "ContactState",
    "DecisionPower",
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
    "LegalForm",
    "LicenceStatus",
    "MaturityReading",
    "Merchant",
    "MerchantCategory",
    "MerchantIdentifier",
    "MerchantMerge",
    "MerchantSource",
    "MerchantTier",
    "MergeSide",
    "MoveThrough",
    "Outlet",
    "Partnership",
    "PartnershipStage",
    "PartnershipStep",
    "PeriodFigures",
    "Quadrant",
    "RestrictionReason",
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
