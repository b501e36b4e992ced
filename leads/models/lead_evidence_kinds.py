"""What each kind of evidence about a lead must bring, and who may put it on file."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from leads.models.lead_words import LeadEvidenceKind as Kind
from merchants.models.evidence_kinds import Figure, Filer, Piece

_NOTES = Piece(notes=True)
_RULING = Piece(document=True, filer=Filer.COMPLIANCE)
_SEEN = Piece(filer=Filer.PRODUCT)
"""What the product files itself when it happens; by hand nobody does."""
_MOST_FEN = Decimal(10**13)

LEAD_PIECES: Mapping[Kind, Piece] = MappingProxyType(
    {
        Kind.PREMISES_CHECK: _NOTES,
        Kind.NEGATIVE_LIST_CHECK: _NOTES,
        Kind.MERCHANT_REFUSED: _NOTES,
        Kind.CONVERSATION: _NOTES,
        Kind.DECISION_MAKER: _NOTES,
        Kind.CRITICAL_PAIN: Piece(
            {"monthly_impact_fen": Figure(_("Monthly impact"), Decimal(1), _MOST_FEN)},
            filer=Filer.PRODUCT,
        ),
        Kind.VISION: _SEEN,
        Kind.ENTRY_POINT: _SEEN,
        Kind.APPROVAL: Piece(document=True),
        Kind.APPROVAL_REFUSED: _NOTES,
        Kind.MERCHANT_WITHDREW: _NOTES,
        Kind.CONTRACT_SIGNED: _SEEN,
        Kind.CAUSE_ADDRESSED: _NOTES,
        Kind.PROHIBITED_HIT: _RULING,
        Kind.RELEASE_DOCUMENT: _RULING,
    }
)

ONCE = frozenset(
    {
        Kind.MERCHANT_REFUSED,
        Kind.APPROVAL,
        Kind.APPROVAL_REFUSED,
        Kind.MERCHANT_WITHDREW,
        Kind.PROHIBITED_HIT,
        Kind.RELEASE_DOCUMENT,
    }
)
"""What speaks of one moment: having served a step, it serves no second one."""
