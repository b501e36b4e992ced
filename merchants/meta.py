"""What phones need to know of merchants beforehand."""

from typing import Any

from django.utils import translation

from crm import meta
from crm.domain.sheets import FileFormat
from crm.models import Channel, DeliveryState, JobPhase, JobState, UnmaskReason
from merchants.domain import timeline
from merchants.domain.contact_windows import CATEGORIES, WINDOWS, ShopKind
from merchants.domain.johari import through
from merchants.models import (
    AgreementState,
    BankProduct,
    CategoryGroup,
    ConsentChannel,
    ConsentPurpose,
    ContactRole,
    ContactState,
    DecisionPower,
    DuplicateKind,
    EvidenceKind,
    ImportMode,
    InsightKind,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    MerchantSource,
    MerchantTier,
    MoveThrough,
    PartnershipStage,
    Quadrant,
    RestrictionReason,
    RivalKind,
    RowOutcome,
    SettlementBasis,
    StepReason,
    SwotFactKind,
    TimelineGroup,
)
from merchants.models.partnership_roads import Guard
from merchants.models.partnership_words import STAGE_DAYS

meta.enumeration("agreement_state", AgreementState)
meta.enumeration("bank_product", BankProduct)
meta.enumeration("category_group", CategoryGroup)
meta.enumeration("import_mode", ImportMode)
meta.enumeration("import_row_outcome", RowOutcome)
meta.enumeration("file_format", FileFormat)
meta.enumeration("job_phase", JobPhase)
meta.enumeration("channel", Channel)
meta.enumeration("delivery_state", DeliveryState)
meta.enumeration("job_state", JobState)
meta.enumeration("evidence_kind", EvidenceKind)
meta.enumeration("duplicate_kind", DuplicateKind)
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
meta.enumeration("partnership_guard", Guard)
meta.enumeration("insight_kind", InsightKind)
meta.enumeration("quadrant", Quadrant)
meta.enumeration("move_through", MoveThrough)
meta.enumeration("rival_kind", RivalKind)
meta.enumeration("swot_fact_kind", SwotFactKind)
meta.enumeration("timeline_group", TimelineGroup)
meta.enumeration("shop_kind", ShopKind)


def timeline_kinds() -> list[dict[str, Any]]:
    """What entries of a timeline can be, with the group that each is in."""
    labels: dict[str, dict[str, str]] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for name, kind in timeline.KINDS.items():
                labels.setdefault(name, {})[language] = str(kind.label)
    return [
        {"value": name, "label": labels[name], "group": str(timeline.KINDS[name].group)}
        for name in sorted(labels)
    ]


meta.fact("timeline_kinds", timeline_kinds)
meta.fact(
    "contact_windows",
    lambda: {
        str(kind): {
            "opens": f"{hours.opens:%H:%M}",
            "closes": f"{hours.closes:%H:%M}",
            "mccs": sorted(mcc for mcc, one in CATEGORIES.items() if one == kind),
        }
        for kind, hours in WINDOWS.items()
    },
)
meta.fact(
    "insight_moves",
    lambda: {
        str(left): {str(to): str(through(left, to)) for to in Quadrant if to != left}
        for left in Quadrant
    },
)
meta.enumeration("partnership_stage", PartnershipStage)
meta.enumeration("settlement_basis", SettlementBasis)
meta.enumeration("step_reason", StepReason)
meta.fact("partnership_stage_days", lambda: {str(one): days for one, days in STAGE_DAYS.items()})
