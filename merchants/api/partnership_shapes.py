"""What the API answers about partnerships and agreements."""

from django.db.models import OuterRef

from crm.api.shapes import Many, Nested, Shape
from merchants.api.shapes import UNIT
from merchants.models import (
    Agreement,
    AgreementVersion,
    Evidence,
    Partnership,
    PartnershipStep,
    Waiver,
)

MOST_BESIDE = 50
"""Pieces of evidence, waivers or versions that are shown with a row."""


def _person(column: str) -> Nested:
    return Nested(f"{column}_id", {"id": f"{column}_id", "full_name": f"{column}__full_name"})


_DOCUMENT = Nested(
    "document_id",
    {"id": "document_id", "name": "document__name", "sha256": "document__sha256"},
)

PARTNERSHIP = Shape(
    "Partnership",
    Partnership,
    id="id",
    version="version",
    merchant=Nested(
        "merchant_id",
        {
            "id": "merchant_id",
            "name": "merchant__name",
            "category_group": "merchant__category_group",
        },
    ),
    owner=Nested(
        "merchant__owner_id",
        {"id": "merchant__owner_id", "full_name": "merchant__owner__full_name"},
    ),
    unit=UNIT,
    stage="stage",
    stage_entered_at="stage_entered_at",
    stage_before="stage_before",
    evidence_since="evidence_since",
    expires_on="expires_on",
    health="health",
    health_computed_on="health_computed_on",
    maturity="maturity",
    created_at="created_at",
    updated_at="updated_at",
)

EVIDENCE = Shape(
    "Evidence",
    Evidence,
    id="id",
    partnership="partnership_id",
    kind="kind",
    said="said",
    happened_on="happened_on",
    numbers="numbers",
    document=_DOCUMENT,
    filed_by=_person("filed_by"),
    at="at",
)

WAIVER = Shape(
    "Waiver",
    Waiver,
    id="id",
    partnership="partnership_id",
    to="to_stage",
    guard="guard",
    because="because",
    given_by=_person("given_by"),
    at="at",
)

_EVIDENCE_OF_STEP = Shape(
    "StepEvidence", Evidence, id="id", kind="kind", happened_on="happened_on", at="at"
)
_WAIVER_OF_STEP = Shape("StepWaiver", Waiver, id="id", guard="guard", because="because")

STEP = Shape(
    "PartnershipStep",
    PartnershipStep,
    **{"from": "from_stage"},
    id="id",
    to="to_stage",
    at="at",
    actor=_person("actor"),
    reason="reason",
    comment="comment",
    working_days="working_days",
    evidence=Many(
        _EVIDENCE_OF_STEP,
        Evidence.objects.filter(steps=OuterRef("pk")).order_by("-at", "-pk")[:MOST_BESIDE],
    ),
    waivers=Many(
        _WAIVER_OF_STEP,
        Waiver.objects.filter(steps=OuterRef("pk")).order_by("-at", "-pk")[:MOST_BESIDE],
    ),
)

VERSION = Shape(
    "AgreementVersion",
    AgreementVersion,
    id="id",
    number="number",
    state="state",
    terms="terms",
    starts_on="starts_on",
    ends_on="ends_on",
    last_day="last_day",
    bank_signatory="bank_signatory",
    merchant_signatory="merchant_signatory",
    settlement_days="settlement_days",
    settlement_basis="settlement_basis",
    notice_days="notice_days",
    document=_DOCUMENT,
    document_sha256="document_sha256",
    drafted_by=_person("drafted_by"),
    signed_by=_person("signed_by"),
    signed_at="signed_at",
    closed_at="closed_at",
    closed_because="closed_because",
)

AGREEMENT = Shape(
    "Agreement",
    Agreement,
    id="id",
    version="version",
    number="number",
    partnership="partnership_id",
    versions=Many(
        VERSION,
        AgreementVersion.objects.filter(agreement=OuterRef("pk")).order_by("-number")[:MOST_BESIDE],
    ),
    created_at="created_at",
    updated_at="updated_at",
)
