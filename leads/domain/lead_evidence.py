"""Evidence is put on file for the steps of a lead, and guards are waived in writing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotAllowed, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.models import StoredFile, User
from crm.policies import require
from leads import policies
from leads.models import Lead, LeadEvidence, LeadEvidenceKind, LeadSource, LeadWaiver, Stage
from leads.models.lead_evidence_kinds import LEAD_PIECES
from leads.models.lead_guards import DEMANDS
from leads.models.stages import Guard, roads_from
from merchants.domain import evidence, timeline

FILED = timeline.kind(
    "lead.evidence",
    _("Evidence filed"),
    _("Evidence was put on file: %(kind)s."),
    kind=LeadEvidenceKind,
)
WAIVED = timeline.kind(
    "lead.waived",
    _("Guard waived"),
    _("Waived for the step to “%(to)s”: %(guard)s Because: %(because)s"),
    to=Stage,
    guard=Guard,
)


def lead_of(lead_id: UUID, by: Actor, *, version: int | None = None) -> Lead:
    """Lock a lead that the actor may know of, with its merchant beside it."""
    rows = (
        Lead.objects.seen_by(by)
        .select_related("merchant__category", "owner")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    return take(rows, lead_id, version=version)


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
    lead = lead_of(lead_id, by)
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


@command
def waive(
    waiver_id: UUID,
    lead_id: UUID,
    *,
    to: Stage,
    guard: str,
    because: str,
    by: Actor,
    at: datetime,
) -> LeadWaiver:
    """Let one guard pass for the lead's next step to a stage, with the reason in writing.

    It counts until the lead enters another stage. Raises NotFound, NotAllowed for anybody but a
    leader of the unit, RuleBroken with code `guard_not_waivable` for what regulation asks for,
    InvalidInput for a guard that is not on this road or without a reason.
    """
    lead = lead_of(lead_id, by)
    return waive_for(waiver_id, lead, to=to, guard=guard, because=because, by=by, at=at)


def waive_for(
    waiver_id: UUID, lead: Lead, *, to: Stage, guard: str, because: str, by: Actor, at: datetime
) -> LeadWaiver:
    """Waive inside a verb that holds the lead's lock already."""
    if not isinstance(by, User) or not policies.may_waive(by, lead):
        raise NotAllowed(_("Only a leader of the unit waives what a step asks for."))
    road = roads_from(Stage(lead.stage), win_back=lead.source == LeadSource.WIN_BACK).get(to)
    if road is None or guard not in {*road.guards, *road.at_first}:
        raise InvalidInput(_("The step does not ask for this."), code="guard_unknown", attr="guard")
    found = Guard(guard)
    if not DEMANDS[found].waivable:
        raise RuleBroken(
            _("This can never be waived: %(guard)s") % {"guard": found.label},
            code="guard_not_waivable",
            attr="guard",
        )
    because = because.strip()
    if not because or "\0" in because or len(because) > evidence.LONGEST_NOTES:
        raise InvalidInput(
            _("A waiver needs a written reason."), code="waiver_needs_reason", attr="because"
        )
    waiver = LeadWaiver.objects.create(
        pk=waiver_id, lead=lead, to_stage=to, guard=found, because=because, given_by=by, at=at
    )
    timeline.record(
        WAIVED,
        merchant_id=lead.merchant_id,
        subject_id=lead.pk,
        by=by,
        at=at,
        to=to,
        guard=found,
        because=because,
    )
    return waiver
