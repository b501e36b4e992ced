"""Discrepancies are opened, given to somebody, resolved, dismissed: never dropped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import redemption_rows
from campaigns.domain.redemption_parameters import DISCREPANCY_DAYS
from campaigns.models import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from campaigns.models.discrepancy import REASON_LENGTH
from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import calendar
from crm.errors import InvalidInput, RuleBroken, Sentence
from crm.ids import uuid7
from crm.locking import known, take
from crm.models import User
from crm.policies import require
from merchants.domain import timeline

OPENED = timeline.kind(
    "discrepancy.opened",
    _("Discrepancies opened"),
    _("%(count)s discrepancies have to be looked at."),
)
CLOSED = timeline.kind(
    "discrepancy.closed",
    _("Discrepancy closed"),
    _("Discrepancy “%(code)s” of %(reference)s was closed: %(resolution)s."),
    code=DiscrepancyCode,
    resolution=DiscrepancyResolution,
)
ASSIGNED = timeline.kind(
    "discrepancy.assigned",
    _("Discrepancy given to somebody"),
    _("Discrepancy “%(code)s” of %(reference)s was given to %(owner)s."),
    code=DiscrepancyCode,
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that somebody has to look at. Sums in fen."""

    code: DiscrepancyCode
    unit_id: UUID
    detail: Sentence = ""
    campaign_id: UUID | None = None
    merchant_id: UUID | None = None
    intake_id: UUID | None = None
    statement_id: UUID | None = None
    source: str = ""
    reference: str = ""
    row_number: int | None = None
    row: Mapping[str, str] = field(default_factory=dict)
    row_digest: str = ""
    bank_fen: int | None = None
    merchant_fen: int | None = None
    owner_id: UUID | None = None


def due_on(at: datetime) -> date:
    """The working day by which what is found now should have been looked at."""
    today = timezone.localdate(at)
    return calendar.load().after(today, DISCREPANCY_DAYS.value)


def open_many(findings: Iterable[Finding], *, by: Actor, at: datetime) -> list[Discrepancy]:
    """Put findings into the queue, inside the verb that found them.

    A row that is in the queue already (its source and digest say so) is not queued again. Writes
    one line into the timeline of each merchant.
    """
    day = due_on(at)
    rows = [
        Discrepancy(
            pk=uuid7(),
            code=one.code,
            detail=str(one.detail)[:REASON_LENGTH],
            unit_id=one.unit_id,
            campaign_id=one.campaign_id,
            merchant_id=one.merchant_id,
            intake_id=one.intake_id,
            statement_id=one.statement_id,
            source=one.source,
            reference=one.reference,
            row_number=one.row_number,
            row=dict(one.row),
            row_digest=one.row_digest,
            bank_fen=one.bank_fen,
            merchant_fen=one.merchant_fen,
            owner_id=one.owner_id,
            due_on=day,
            created_at=at,
            updated_at=at,
        )
        for one in findings
    ]
    # In one order, so that two intakes of the same rows wait for each other and do not lock each
    # other out.
    in_order = sorted(rows, key=lambda row: (row.source, row.row_digest))
    Discrepancy.objects.bulk_create(in_order, batch_size=1000, ignore_conflicts=True)
    opened = list(Discrepancy.objects.filter(pk__any_of=[row.pk for row in rows])) if rows else []
    _tell_merchants(opened, by=by, at=at)
    return opened


def _tell_merchants(opened: Iterable[Discrepancy], *, by: Actor, at: datetime) -> None:
    counts: dict[UUID, list[Discrepancy]] = {}
    for row in opened:
        if row.merchant_id:
            counts.setdefault(row.merchant_id, []).append(row)
    with timeline.written_together():
        for merchant_id, rows in counts.items():
            timeline.record(
                OPENED,
                merchant_id=merchant_id,
                subject_id=rows[0].pk,
                by=by,
                at=at,
                count=len(rows),
            )


@command
def assign(
    discrepancy_id: UUID,
    *,
    owner_id: UUID,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Discrepancy:
    """Give an open discrepancy to a colleague who may work it.

    Raises NotAllowed, NotFound for somebody one does not know, InvalidInput with code
    `owner_may_not`, RuleBroken with code `discrepancy_closed`.
    """
    row = _to_work(discrepancy_id, by=by, version=version)
    owner = known(User.objects.filter(is_active=True), owner_id, attr="owner")
    if not policies.may_work_discrepancy(owner, row):
        raise InvalidInput(
            _("This colleague cannot work discrepancies of this unit."),
            code="owner_may_not",
            attr="owner",
        )
    row.change(at=at, owner=owner)
    if row.merchant_id:
        timeline.record(
            ASSIGNED,
            merchant_id=row.merchant_id,
            subject_id=row.pk,
            by=by,
            at=at,
            code=row.code,
            reference=row.reference,
            owner=owner.full_name,
        )
    return row


@command
def resolve(
    discrepancy_id: UUID,
    *,
    resolution: str,
    by: Actor,
    at: datetime,
    note: str = "",
    version: int | None = None,
) -> Discrepancy:
    """Say how an open discrepancy was settled.

    Raises NotAllowed, InvalidInput for a word that is none, RuleBroken with code
    `discrepancy_closed`.
    """
    row = _to_work(discrepancy_id, by=by, version=version)
    if resolution not in DiscrepancyResolution.values:
        raise InvalidInput(
            _("Say how it was resolved."), code="resolution_required", attr="resolution"
        )
    return close(
        row, DiscrepancyState.RESOLVED, DiscrepancyResolution(resolution), note, by=by, at=at
    )


@command
def dismiss(
    discrepancy_id: UUID, *, note: str, by: Actor, at: datetime, version: int | None = None
) -> Discrepancy:
    """Nothing is to be paid for it, and why. It stays on file."""
    row = _to_work(discrepancy_id, by=by, version=version)
    if not note.strip():
        raise InvalidInput(_("Say why it is dismissed."), code="note_required", attr="note")
    return close(
        row, DiscrepancyState.DISMISSED, DiscrepancyResolution.NOT_OURS, note, by=by, at=at
    )


def close(
    row: Discrepancy,
    state: DiscrepancyState,
    resolution: DiscrepancyResolution,
    note: str,
    *,
    by: Actor,
    at: datetime,
) -> Discrepancy:
    """Close an open discrepancy inside a verb that holds its lock."""
    require_open(row)
    if redemption_rows.has_a_card_number(note):
        raise InvalidInput(
            _("This looks like the number of a card; nobody writes one down here."),
            code="card_number",
            attr="note",
        )
    row.change(
        at=at,
        state=state,
        resolution=resolution,
        note=note.strip()[:REASON_LENGTH],
        closed_by_id=user_id(by),
        closed_at=at,
    )
    if row.merchant_id:
        timeline.record(
            CLOSED,
            merchant_id=row.merchant_id,
            subject_id=row.pk,
            by=by,
            at=at,
            code=row.code,
            reference=row.reference,
            resolution=resolution,
        )
    return row


def require_open(row: Discrepancy) -> None:
    """Raise RuleBroken with code `discrepancy_closed` for one that came to its end."""
    if not row.is_open:
        raise RuleBroken(_("This discrepancy is closed already."), code="discrepancy_closed")


def _to_work(discrepancy_id: UUID, *, by: Actor, version: int | None) -> Discrepancy:
    row = take(Discrepancy.objects.seen_by(by), discrepancy_id, version=version)
    require(
        policies.may_work_discrepancy(by, row),
        _("You do not work discrepancies of this unit."),
    )
    require_open(row)
    return row
