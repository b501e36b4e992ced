"""What each kind of evidence about a lead must bring, and who may put it on file."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from leads.models.lead_words import LeadEvidenceKind as Kind
from merchants.models.evidence_kinds import Figure, Filer, Piece

_NOTES = Piece(notes=True)
_RULING = Piece(document=True, filer=Filer.COMPLIANCE)
_MOST_FEN = Decimal(10**13)

LEAD_PIECES: Mapping[Kind, Piece] = MappingProxyType(
    {
        Kind.PREMISES_CHECK: _NOTES,
        Kind.LICENCE_CHECK: _NOTES,
        Kind.NEGATIVE_LIST_CHECK: _NOTES,
        Kind.FAILED_ATTEMPT: _NOTES,
        Kind.MERCHANT_REFUSED: _NOTES,
        Kind.CONVERSATION: _NOTES,
        Kind.DECISION_MAKER: _NOTES,
        Kind.CRITICAL_PAIN: Piece(
            {"monthly_impact_fen": Figure(_("Monthly impact"), Decimal(1), _MOST_FEN)},
            notes=True,
        ),
        Kind.VISION: _NOTES,
        Kind.ENTRY_POINT: _NOTES,
        Kind.OBJECTION_OPEN: _NOTES,
        Kind.POINT_MISSED: _NOTES,
        Kind.PROPOSAL_COMPLETE: Piece(document=True),
        Kind.FORECAST: Piece(
            {
                "bank_net_fen": Figure(_("Net for the bank"), Decimal(1), _MOST_FEN),
                "merchant_net_fen": Figure(_("Net for the merchant"), Decimal(1), _MOST_FEN),
                "customer_benefit_fen": Figure(
                    _("Benefit for the customers"), Decimal(1), _MOST_FEN
                ),
            },
            document=True,
        ),
        Kind.APPROVAL: Piece(document=True),
        Kind.APPROVAL_REFUSED: _NOTES,
        Kind.MERCHANT_WITHDREW: _NOTES,
        Kind.CONTRACT_SIGNED: Piece(document=True, filer=Filer.PRODUCT),
        Kind.CAUSE_ADDRESSED: _NOTES,
        Kind.PROHIBITED_HIT: _RULING,
        Kind.RELEASE_DOCUMENT: _RULING,
    }
)

ONCE = frozenset(
    {
        Kind.MERCHANT_REFUSED,
        Kind.FAILED_ATTEMPT,
        Kind.OBJECTION_OPEN,
        Kind.POINT_MISSED,
        Kind.APPROVAL,
        Kind.APPROVAL_REFUSED,
        Kind.MERCHANT_WITHDREW,
        Kind.PROHIBITED_HIT,
        Kind.RELEASE_DOCUMENT,
    }
)
"""What speaks of one moment: having served a step, it serves no second one."""
