"""Winning: the lead ends, and the partnership begins, comes back or is renewed, exactly once.

Locks are taken in the order that everybody keeps: the merchant, its partnerships, the lead. The
partnership begins under the lead's own key, so that whatever is asked twice happens once.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import NotFound, TryAgain
from crm.ids import uuid7
from crm.locking import take
from leads.domain import campaign_drafts, lead_evidence
from leads.domain.lead_file import Signature, last_partnership
from leads.models import Lead, LeadEvidence, LeadEvidenceKind
from merchants.domain import agreements, evidence, partnerships
from merchants.domain.agreement_terms import Terms
from merchants.models import Merchant, Partnership
from merchants.models.partnership_words import RUNNING


def take_in_order(lead_id: UUID, by: Actor, *, version: int | None = None) -> Lead:
    """Lock a lead that is about to be won, its merchant and the merchant's partnerships first."""
    merchant_id = (
        Lead.objects.seen_by(by).filter(pk=lead_id).values_list("merchant_id", flat=True).first()
    )
    if merchant_id is None:
        raise NotFound(_("There is no such row."))
    take(Merchant.objects.all(), merchant_id)
    list(Partnership.objects.filter(merchant=merchant_id).for_change().values_list("pk"))
    lead = lead_evidence.lead_of(lead_id, by, version=version)
    if lead.merchant_id != merchant_id:
        raise TryAgain(_("Somebody else is changing this right now. Please try again."))
    return lead


def win(lead: Lead, signed: Signature, *, by: Actor, at: datetime) -> LeadEvidence:
    """Let the partnership begin with its signed agreement, inside the step that wins the lead.

    Where bank and merchant work together already, the agreement becomes a draft of the running
    partnership, which somebody else signs off there. The campaign's draft is made of the proposal,
    and what was signed goes on file with the lead.
    Raises what beginning a partnership and entering its agreement raise.
    """
    last = last_partnership(lead.merchant_id)
    if last is not None and last.stage in RUNNING:
        agreements.draft(uuid7(), last.pk, number=signed.number, terms=_terms(signed), by=by, at=at)
    else:
        partnership = partnerships.begin(uuid7(), lead.merchant_id, key=key_of(lead), by=by, at=at)
        agreements.register_signed(
            uuid7(), partnership, number=signed.number, terms=_terms(signed), by=by, at=at
        )
    campaign_drafts.draft_for(lead, by=by, at=at)
    document = evidence.document_of(signed.document_id, by) if signed.document_id else None
    return lead_evidence.file_for(
        lead,
        LeadEvidenceKind.CONTRACT_SIGNED,
        said=f"{signed.number} · {signed.bank_signatory} / {signed.merchant_signatory}",
        document=document,
        by=by,
        at=at,
    )


def key_of(lead: Lead) -> str:
    """What a partnership begins for; it begins for it once."""
    return f"lead:{lead.pk}"


def _terms(signed: Signature) -> Terms:
    return Terms(
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
        terms=signed.terms,
        bank_signatory=signed.bank_signatory,
        merchant_signatory=signed.merchant_signatory,
        settlement_days=signed.settlement_days,
        settlement_basis=signed.settlement_basis,
        notice_days=signed.notice_days,
        document_id=signed.document_id,
    )
