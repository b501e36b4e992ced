"""Redemptions are taken in: reported by another system, or brought as a file; and tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import discrepancies, intake_writing, redemption_rows
from campaigns.domain.intake_judging import Outcome, Result
from campaigns.domain.intake_writing import Batch
from campaigns.models import (
    Discrepancy,
    DiscrepancyResolution,
    DiscrepancyState,
    IntakeKind,
    RedemptionIntake,
)
from campaigns.models.discrepancy import REASON_LENGTH
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.locking import known, take
from crm.models import OrgUnit
from crm.policies import require

MOST_EVENTS = 500
"""Of one call."""


@dataclass(frozen=True)
class TakenIn:
    """What became of the events of one call."""

    intake: RedemptionIntake
    outcomes: list[Outcome]


@command
def take_in(
    intake_id: UUID,
    events: Sequence[Mapping[str, str]],
    *,
    source: str,
    unit_id: UUID,
    by: Actor,
    at: datetime,
) -> TakenIn:
    """Take in events that another system reports: texts by the names of our columns, amounts in
    yuan. Each of them lands, is known already, or goes to the discrepancies.

    Raises NotAllowed, NotFound for a unit, InvalidInput for a source that is none, or for no events
    or more than 500.
    """
    require_may_take_in(unit_id, by=by)
    if not 1 <= len(events) <= MOST_EVENTS:
        raise InvalidInput(
            _("Send between 1 and %(most)s events at a time.") % {"most": MOST_EVENTS},
            code="event_count",
            attr="events",
        )
    intake = RedemptionIntake.objects.create(
        pk=intake_id,
        kind=IntakeKind.API,
        source=checked_source(source),
        unit_id=unit_id,
        brought_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    rows = [redemption_rows.read(number, event) for number, event in enumerate(events, 1)]
    outcomes = land(intake, rows, number=1, by=by, at=at)
    return TakenIn(intake, outcomes)


def require_may_take_in(unit_id: UUID, *, by: Actor) -> None:
    """Raise NotFound for a unit that is none, NotAllowed for one that is not the actor's."""
    known(OrgUnit.objects.all(), unit_id, attr="unit")
    require(policies.may_take_in(by, unit_id), _("You do not take in redemptions for this unit."))


def checked_source(source: str) -> str:
    """The name of a source, as it is compared. Raises InvalidInput without one."""
    plain = source.strip().lower()
    if not plain or len(plain) > 40 or not plain.isprintable():
        raise InvalidInput(
            _("Name the system that reports, in at most 40 characters."),
            code="source_required",
            attr="source",
        )
    return plain


def batch_of(
    intake: RedemptionIntake,
    rows: Sequence[redemption_rows.EventRow | redemption_rows.Fault],
    *,
    number: int,
) -> Batch:
    """Some rows of an intake, as they are taken in together."""
    return Batch(
        key=f"{intake.pk}:{number}",
        source=intake.source,
        unit_id=intake.unit_id,
        rows=rows,
        intake=intake,
        owner_id=intake.brought_by_id,
    )


def land(
    intake: RedemptionIntake,
    rows: Sequence[redemption_rows.EventRow | redemption_rows.Fault],
    *,
    number: int,
    by: Actor,
    at: datetime,
) -> list[Outcome]:
    """Take some rows of an intake in and count them, inside a verb's transaction."""
    batch = batch_of(intake, rows, number=number)
    outcomes = intake_writing.take_in(batch, by=by, at=at)
    discrepancies.open_many(intake_writing.findings(batch, outcomes), by=by, at=at)
    counts = counted(outcomes)
    intake.change(
        at=at,
        rows=intake.rows + len(outcomes),
        landed=intake.landed + counts[Result.LANDED],
        repeated=intake.repeated + counts[Result.REPEATED],
        queued=intake.queued + counts[Result.QUEUED],
    )
    return outcomes


def counted(outcomes: Sequence[Outcome]) -> dict[Result, int]:
    """How many rows became what."""
    return {result: sum(one.result == result for one in outcomes) for result in Result}


@command
def retry(
    discrepancy_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> Discrepancy:
    """Take the row of a discrepancy in once more, now that something was put right (a merchant
    number registered, a budget raised). It lands and is resolved, or says anew what is wrong.

    Raises NotAllowed, NotFound, RuleBroken with code `discrepancy_closed` or `nothing_to_retry` (it
    came of no row, or the row has a card number in it).
    """
    seen = Discrepancy.objects.seen_by(by).filter(pk=discrepancy_id).first()
    if seen is None:
        raise NotFound(_("There is no such row."))
    require(
        policies.may_work_discrepancy(by, seen),
        _("You do not work discrepancies of this unit."),
    )
    discrepancies.require_open(seen)
    row = redemption_rows.read(seen.row_number or 1, seen.row) if seen.row else None
    if not isinstance(row, redemption_rows.EventRow):
        raise RuleBroken(_("There is no row here that could be taken in."), code="nothing_to_retry")
    batch = Batch(
        key=f"retry:{seen.pk}:{seen.version}",
        source=seen.source,
        unit_id=seen.unit_id,
        rows=[row],
        intake=seen.intake,
        owner_id=seen.owner_id,
    )
    # The campaign's lock comes before that of the discrepancy.
    (outcome,) = intake_writing.take_in(batch, by=by, at=at)
    found = take(Discrepancy.objects.seen_by(by), discrepancy_id, version=version or seen.version)
    if outcome.result != Result.QUEUED:
        return discrepancies.close(
            found, DiscrepancyState.RESOLVED, DiscrepancyResolution.TAKEN_IN, "", by=by, at=at
        )
    discrepancies.require_open(found)
    return found.change(
        at=at,
        code=outcome.code,
        detail=str(outcome.detail)[:REASON_LENGTH],
        campaign_id=outcome.campaign_id,
        merchant_id=outcome.merchant_id,
        bank_fen=outcome.bank_fen,
        merchant_fen=outcome.merchant_fen,
    )
