"""What each kind of evidence must bring: figures, a document, and who may put it on file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from merchants.models.partnership_words import EvidenceKind


class Filer(Enum):
    """Who may put a kind of evidence on file."""

    WORKER = _("those who work with the merchant")
    COMPLIANCE = _("compliance")
    PRODUCT = _("the product itself, when it happens")


@dataclass(frozen=True)
class Figure:
    """One figure of a piece of evidence, and what it can be."""

    label: Sentence
    least: Decimal
    most: Decimal
    places: int = 0
    """Digits after the point; a figure with none is stored as a number, others as text."""


@dataclass(frozen=True)
class Piece:
    """What one kind of evidence must bring."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    document: bool = False
    """Whether a document must be attached; one can be attached to everything."""
    notes: bool = False
    """Whether something must be written down: a case number, a link, what was agreed."""
    filer: Filer = Filer.WORKER


def _count(label: Sentence) -> Figure:
    return Figure(label, Decimal(0), Decimal(1_000_000))


_DOCUMENT = Piece(document=True)
_NOTES = Piece(notes=True)
_RULING = Piece(document=True, filer=Filer.COMPLIANCE)

PIECES: Mapping[EvidenceKind, Piece] = MappingProxyType(
    {
        EvidenceKind.TRAINING_RECORD: _DOCUMENT,
        EvidenceKind.TEST_REDEMPTION: _NOTES,
        EvidenceKind.PUBLISHED_RULES: _NOTES,
        EvidenceKind.MATERIALS_PHOTO: _DOCUMENT,
        EvidenceKind.PILOT_REDEMPTIONS: Piece({"redemptions": _count(_("Redemptions"))}),
        EvidenceKind.PILOT_STATEMENT: Piece(
            {
                "open_difference_fen": Figure(
                    _("Open difference (fen)"), -Decimal(10**13), Decimal(10**13)
                )
            },
            document=True,
        ),
        EvidenceKind.PILOT_REVIEW: Piece(
            {"lift_percent": Figure(_("Lift (%)"), Decimal(-100), Decimal(100_000), places=2)},
            document=True,
        ),
        EvidenceKind.MERCHANT_CONTINUES: _NOTES,
        EvidenceKind.REDESIGN_AGREED: _NOTES,
        EvidenceKind.STOP_DECISION: _DOCUMENT,
        EvidenceKind.FINAL_SETTLEMENT: _DOCUMENT,
        EvidenceKind.NOTHING_TO_SETTLE: _NOTES,
        EvidenceKind.AGREEMENT_ENDED: _DOCUMENT,
        EvidenceKind.COMPLAINT: _NOTES,
        EvidenceKind.SHARE_CUT: _NOTES,
        EvidenceKind.DISPUTE_OPENED: _NOTES,
        EvidenceKind.DISPUTE_SETTLED: _NOTES,
        EvidenceKind.SALES_STOPPED: Piece({"days": _count(_("Days without a qualifying sale"))}),
        EvidenceKind.CLOSURE: _NOTES,
        EvidenceKind.CAUSE_CLOSED: _NOTES,
        EvidenceKind.HEALTH_RECORD: Piece(
            {
                "health": Figure(_("Lowest health score"), Decimal(0), Decimal(100), places=2),
                "days": _count(_("For so many days")),
            }
        ),
        EvidenceKind.RESCUE_PLAN: _DOCUMENT,
        EvidenceKind.SIGNED_RENEWAL: Piece(filer=Filer.PRODUCT),
        EvidenceKind.ROI_REVIEW: _DOCUMENT,
        EvidenceKind.LICENCE_CHECK: _NOTES,
        EvidenceKind.RISK_CASE: Piece(notes=True, filer=Filer.COMPLIANCE),
        EvidenceKind.CLEARANCE_DOCUMENT: _RULING,
        EvidenceKind.DECISION_DOCUMENT: _RULING,
        EvidenceKind.RELEASE_DOCUMENT: _RULING,
    }
)
