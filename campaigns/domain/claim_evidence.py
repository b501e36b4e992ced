"""What proves a claim: files known by their content, so that a photo of a visit is used again."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain.claims import writable
from campaigns.models import Claim, ClaimEvidence, ClaimEvidenceKind
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, Problem
from merchants.domain import evidence as documents
from merchants.domain import timeline

PROVED = timeline.kind(
    "claim.proved",
    _("Proof of a claim"),
    _("Proof was attached to a claim for campaign “%(name)s”: %(kind)s."),
    kind=ClaimEvidenceKind,
)


@command
def attach(
    evidence_id: UUID,
    claim_id: UUID,
    *,
    kind: str,
    document_id: UUID,
    said: str = "",
    by: Actor,
    at: datetime,
) -> Claim:
    """Attach a file that the actor may show: one's own upload, or a photo of a visit. That the same
    content proves another claim already is said, not refused: whoever decides looks at both.

    Raises NotFound, NotAllowed, InvalidInput for a kind that there is not or a file of another
    sort; RuleBroken with code `claim_fixed`, `evidence_twice` for the same content twice.
    """
    claim = writable(claim_id, by=by)
    if kind not in ClaimEvidenceKind.values:
        raise InvalidInput(
            _("There is no such kind of evidence."), code="evidence_unknown", attr="kind"
        )
    document = documents.document_of(document_id, by)
    elsewhere = used_elsewhere(claim, document.sha256)
    ClaimEvidence.objects.create(
        pk=evidence_id,
        claim=claim,
        kind=kind,
        document=document,
        sha256=document.sha256,
        said=said.strip()[:500],
        filed_by_id=user_id(by),
        at=at,
    )
    claim.change(at=at)
    timeline.record(
        PROVED,
        merchant_id=claim.merchant_id,
        subject_id=claim.pk,
        by=by,
        at=at,
        name=claim.campaign.name,
        kind=kind,
    )
    if elsewhere:
        claim.notices = (
            Problem(
                "proof_used_elsewhere", _("The same file proves another claim, too."), "document"
            ),
        )
    return claim


def used_elsewhere(claim: Claim, sha256: str) -> bool:
    """Whether the same content proves another claim."""
    return ClaimEvidence.objects.filter(sha256=sha256).exclude(claim=claim).exists()
