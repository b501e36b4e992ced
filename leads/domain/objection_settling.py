"""Settling objections: resolved on firm ground, deferred to a day, left unresolved, reopened."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import calendar as calendars
from crm.domain import reminders
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known
from crm.models import User
from leads.domain import due_dates
from leads.domain import objection_steps as steps
from leads.domain.objection_steps import Ground
from leads.models import (
    AttemptOutcome,
    FollowUp,
    FollowUpState,
    GridCell,
    Lead,
    Objection,
    ObjectionState,
)
from leads.models.grid_words import CONFIRM_CELLS, CellStatus
from leads.models.objection import ObjectionQuerySet
from merchants.models import Merchant

DUE = reminders.kind(
    "objection_deferred",
    group=_("Leads"),
    label=_("Deferred objection"),
    subject=_("Back to the objection: %(words)s (%(merchant)s)"),
    text=_(
        "%(merchant)s said “%(words)s”. It was put off until today: speak about it again, and "
        "reopen the objection."
    ),
)
REMINDED_AT = time(9)
"""The hour, in the colleague's own zone, at which one is reminded of a deferred objection."""


@command
def resolve(
    objection_id: UUID,
    *,
    by: Actor,
    at: datetime,
    cell_id: UUID | None = None,
    follow_up_id: UUID | None = None,
    commitment: str = "",
    commitment_on: date | None = None,
    activity_id: UUID | None = None,
    because: str = "",
    version: int | None = None,
) -> Objection:
    """The merchant agrees. It rests on a confirm cell that is complete, on a follow-up that was
    promised, or on what the merchant committed to and by when. The last play that was tried and of
    which nothing was said yet counts as having resolved it.

    `activity_id` is the conversation in which it was resolved.

    Raises NotFound, NotAllowed, StageNotReachable, InvalidInput, RuleBroken with code
    `resolved_needs_proof` where nothing of this is named, Stale.
    """
    objection, lead = steps.take(objection_id, by, version, cell_id=cell_id)
    steps.require_road(objection, ObjectionState.RESOLVED)
    ground = _ground(
        objection,
        cell_id=cell_id,
        follow_up_id=follow_up_id,
        commitment=commitment,
        commitment_on=commitment_on,
        by=by,
        today=timezone.localdate(at),
    )
    activity = steps.conversation(activity_id, objection, by)
    first: dict[str, Any] = {}
    if objection.resolved_at is None:
        first = {"resolved_at": at, "resolved_in": activity}
    steps.step(
        objection, ObjectionState.RESOLVED, by=by, at=at, because=because, ground=ground, **first
    )
    steps.write(steps.RESOLVED, objection, by=by, at=at)
    attempt = (
        objection.attempts.select_related("play_version__play").for_change().order_by("-at", "-id")
    ).first()
    if attempt and not attempt.outcome:
        steps.settle(attempt, objection, AttemptOutcome.RESOLVED, "", by=by, at=at)
    steps.freshen(lead, activity.occurred_at if activity else at, at=at)
    return objection


@command
def defer(
    objection_id: UUID,
    *,
    until: date | None,
    by: Actor,
    at: datetime,
    because: str = "",
    version: int | None = None,
) -> Objection:
    """Put it off to a day, and plan to be reminded of it then.

    A day off moves to the next working day; the objection's notices say so.

    Raises NotFound, NotAllowed, StageNotReachable, InvalidInput for today, the past and the far
    future, RuleBroken with code `deferred_needs_date` without a day, Stale.
    """
    objection, lead = steps.take(objection_id, by, version)
    steps.require_road(objection, ObjectionState.DEFERRED)
    chosen = _day_to_come_back(until, today=timezone.localdate(at))
    steps.step(
        objection,
        ObjectionState.DEFERRED,
        by=by,
        at=at,
        because=because,
        deferred_until=chosen.value,
        deferrals=objection.deferrals + 1,
    )
    steps.write(steps.DEFERRED, objection, by=by, at=at, until=chosen.value.isoformat())
    recipient = (lead.owner if lead else objection.merchant.owner) or by
    if isinstance(recipient, User):
        _remind(objection, recipient=recipient, at=at)
    objection.notices = chosen.notices
    return objection


@command
def leave_unresolved(
    objection_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Objection:
    """Give it up, and say why. Raises NotFound, NotAllowed, StageNotReachable, InvalidInput,
    Stale."""
    objection, _lead_of_it = steps.take(objection_id, by, version)
    steps.require_road(objection, ObjectionState.UNRESOLVED)
    said = steps.reason_given(because)
    steps.step(objection, ObjectionState.UNRESOLVED, by=by, at=at, because=said)
    steps.write(steps.UNRESOLVED, objection, by=by, at=at, because=said)
    return objection


@command
def reopen(
    objection_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Objection:
    """It came up again, or the day has come to which it was deferred. Says why.

    Raises NotFound, NotAllowed, StageNotReachable, InvalidInput, Stale.
    """
    objection, _lead_of_it = steps.take(objection_id, by, version)
    steps.require_road(objection, ObjectionState.REOPENED)
    said = steps.reason_given(because)
    changes: dict[str, Any] = {}
    if objection.state == ObjectionState.RESOLVED and objection.reopened_at is None:
        changes["reopened_at"] = at
    reminders.cancel(objection.reminder_key, at=at)
    steps.step(objection, ObjectionState.REOPENED, by=by, at=at, because=said, **changes)
    steps.write(steps.REOPENED, objection, by=by, at=at, because=said)
    return objection


def follow_owner(lead: Lead, *, to: User | None, at: datetime) -> int:
    """Let the reminders of a lead's deferred objections go to its new owner; where it has none any
    more, nobody is reminded until somebody has it."""
    return _hand_on(Objection.objects.filter(lead=lead), to=to, at=at)


def follow_merchants_owner(merchant: Merchant, *, to: User | None, at: datetime) -> int:
    """The same for what a merchant said against it while nobody pursued it."""
    return _hand_on(Objection.objects.filter(merchant=merchant, lead=None), to=to, at=at)


def _hand_on(said: ObjectionQuerySet, *, to: User | None, at: datetime) -> int:
    deferred = list(
        said.filter(state=ObjectionState.DEFERRED).select_related("merchant").for_change()
    )
    for objection in deferred:
        if to is None:
            reminders.cancel(objection.reminder_key, at=at)
        else:
            _remind(objection, recipient=to, at=at)
    return len(deferred)


def _ground(
    objection: Objection,
    *,
    cell_id: UUID | None,
    follow_up_id: UUID | None,
    commitment: str,
    commitment_on: date | None,
    by: Actor,
    today: date,
) -> Ground:
    """What was agreed, if it bears a resolution. The cell's pain is locked by now."""
    commitment = commitment.strip()
    cell = _agreed_cell(cell_id, objection, by) if cell_id else None
    follow_up = _promise(follow_up_id, objection, by) if follow_up_id else None
    if commitment and commitment_on is None:
        raise InvalidInput(
            _("Say by when the merchant committed to it."),
            code="commitment_needs_date",
            attr="commitment_on",
        )
    if commitment_on and not commitment:
        raise InvalidInput(
            _("Say what the merchant committed to."),
            code="commitment_needs_words",
            attr="commitment",
        )
    if commitment_on and commitment_on < today:
        raise InvalidInput(
            _("A commitment is for today or a day to come."),
            code="day_in_the_past",
            attr="commitment_on",
        )
    if commitment_on and commitment_on > today + due_dates.FARTHEST:
        raise InvalidInput(_("That is too far ahead."), code="too_far_ahead", attr="commitment_on")
    if not (cell or follow_up or commitment):
        raise RuleBroken(
            _(
                "A resolved objection names the agreed cell of the interview, "
                "or what the merchant committed to and by when."
            ),
            code="resolved_needs_proof",
        )
    return Ground(cell, follow_up, commitment, commitment_on)


def _agreed_cell(cell_id: UUID, objection: Objection, by: Actor) -> GridCell:
    cell = known(GridCell.objects.seen_by(by).select_related("pain"), cell_id, attr="cell")
    if cell.pain.merchant_id != objection.merchant_id:
        raise InvalidInput(
            _("The cell belongs to another merchant's interview."),
            code="cell_of_other_merchant",
            attr="cell",
        )
    if cell.cell not in CONFIRM_CELLS or cell.status != CellStatus.COMPLETE:
        raise RuleBroken(
            _("Only a complete confirm cell (R3, I3 or C3) shows that the merchant agreed."),
            code="cell_not_confirmed",
            attr="cell",
        )
    return cell


def _promise(follow_up_id: UUID, objection: Objection, by: Actor) -> FollowUp:
    follow_up = known(FollowUp.objects.seen_by(by), follow_up_id, attr="follow_up")
    if follow_up.merchant_id != objection.merchant_id:
        raise InvalidInput(
            _("The follow-up belongs to another merchant."),
            code="follow_up_of_other_merchant",
            attr="follow_up",
        )
    if follow_up.state == FollowUpState.CANCELLED:
        raise RuleBroken(
            _("This follow-up was dropped."), code="follow_up_dropped", attr="follow_up"
        )
    return follow_up


def _day_to_come_back(until: date | None, *, today: date) -> due_dates.Chosen[date]:
    if until is None:
        raise RuleBroken(
            _("Say when to come back to it."), code="deferred_needs_date", attr="until"
        )
    return due_dates.working_day(until, today=today, calendar=calendars.load(), attr="until")


def _remind(objection: Objection, *, recipient: User, at: datetime) -> None:
    assert objection.deferred_until is not None
    zone = ZoneInfo(recipient.time_zone)
    reminders.plan(
        objection.reminder_key,
        recipient=recipient,
        kind=DUE,
        facts={"words": objection.merchant_words[:100], "merchant": objection.merchant.name},
        link=f"/admin/leads/objection/{objection.pk}/change/",
        due_at=datetime.combine(objection.deferred_until, REMINDED_AT, zone),
        at=at,
    )
