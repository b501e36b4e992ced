"""Evidence is put on file for the steps of a lead, and guards are waived in writing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.models import StoredFile
from crm.policies import require
from leads import policies
from leads.models import Lead, LeadEvidence, LeadEvidenceKind, Stage
from leads.models.lead_evidence_kinds import LEAD_PIECES
from merchants.domain import evidence, timeline

FILED = timeline.kind(
    "lead.evidence",
    _("Evidence filed"),
    _("Evidence was put on file: %(kind)s."),
    kind=LeadEvidenceKind,
)


@command
def file_evidence(
    evidence_id: UUID,
    lead_id: UUID,
    *,
    kind: str,
    by: Actor,
    at: datetime,
    said: str = "",
    happened_on: date | None = None,
    numbers: Mapping[str, Any] | None = None,
    document_id: UUID | None = None,
) -> LeadEvidence:
    """Put a piece of evidence on file, with the figures and the document that its kind must bring.

    Without a date it speaks of the day on which it is filed. It is no activity: it keeps no lead
    fresh. Raises NotFound, also for a document that is not the actor's to show; NotAllowed;
    InvalidInput with every problem found; RuleBroken with code `lead_won` once the lead is won.
    """
    lead = take(Lead.objects.seen_by(by), lead_id)
    if kind not in LeadEvidenceKind.values:
        raise InvalidInput(
            _("There is no such kind of evidence."), code="evidence_unknown", attr="kind"
        )
    piece = LEAD_PIECES[LeadEvidenceKind(kind)]
    require(
        policies.may_file_evidence(by, lead, piece.filer),
        _("This evidence is for %(who)s to file.") % {"who": piece.filer.value},
    )
    if lead.stage == Stage.WON:
        raise RuleBroken(_("This lead is won; nothing more is asked of it."), code="lead_won")
    today = timezone.localdate(at)
    day = happened_on or today
    sound = evidence.sound_figures(piece, said, day, numbers or {}, document_id, today)
    document = evidence.document_of(document_id, by) if document_id else None
    return file_for(
        lead,
        LeadEvidenceKind(kind),
        evidence_id=evidence_id,
        said=said.strip(),
        happened_on=day,
        numbers=sound,
        document=document,
        by=by,
        at=at,
    )


def file_for(
    lead: Lead,
    kind: LeadEvidenceKind,
    *,
    by: Actor,
    at: datetime,
    said: str = "",
    numbers: Mapping[str, Any] | None = None,
    happened_on: date | None = None,
    document: StoredFile | None = None,
    evidence_id: UUID | None = None,
) -> LeadEvidence:
    """File what the product itself has just seen happen, inside a verb that holds the lead's lock.

    The verb answers for what it files: nothing is asked here. A confirmed cell with its amount,
    say, is `numbers={"monthly_impact_fen": 2_430_000}`.
    """
    filed = LeadEvidence.objects.create(
        pk=evidence_id or uuid7(),
        lead=lead,
        kind=kind,
        said=said,
        happened_on=happened_on or timezone.localdate(at),
        numbers=dict(numbers or {}),
        document=document,
        filed_by_id=user_id(by),
        at=at,
    )
    timeline.record(
        FILED, merchant_id=lead.merchant_id, subject_id=lead.pk, by=by, at=at, kind=kind
    )
    return filed
