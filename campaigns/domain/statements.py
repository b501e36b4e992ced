"""Statements: drafted for a merchant and a period, sent, disputed or confirmed, approved, closed.

The bank pays the merchant what all funders but the merchant itself bear. Locks: the merchant while
a statement is drafted, then the statement.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import settlement_parameters as numbers
from campaigns.domain import settlement_reminders as signs
from campaigns.domain import settlement_terms, statement_lines
from campaigns.domain import statement_steps as steps
from campaigns.models import (
    Discrepancy,
    LineKind,
    RedemptionEvent,
    Statement,
    StatementFile,
    StatementLine,
    StatementState,
    StatementStep,
)
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import AgreementVersion, Merchant

LONGEST_PERIOD = timedelta(days=366)

DISCARDED = timeline.kind(
    "statement.discarded",
    _("Draft of a statement discarded"),
    _("The draft of the statement %(number)s was discarded."),
)


@command
def draft(
    statement_id: UUID,
    merchant_id: UUID,
    *,
    first_day: date,
    last_day: date,
    by: Actor,
    at: datetime,
) -> Statement:
    """Draft the statement of a merchant for a period: everything up to its last day that stands on
    no statement yet.

    Raises NotFound, NotAllowed, InvalidInput for a period that is not over or makes no sense;
    RuleBroken with code `nothing_to_settle`.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(
        policies.may_settle_statements(by, merchant.unit_id),
        _("Finance of this unit settles with the merchant."),
    )
    _sound(first_day, last_day, at)
    statement = Statement.objects.create(
        pk=statement_id,
        merchant=merchant,
        first_day=first_day,
        last_day=last_day,
        drafted_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    _fill(statement)
    steps.step(statement, StatementState.DRAFT, by=by, at=at)
    return statement


@command
def redraft(
    statement_id: UUID,
    *,
    by: Actor,
    at: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    version: int | None = None,
) -> Statement:
    """Draft anew, for another period or with what has come since; adjustments stay.

    Raises NotFound, NotAllowed, Stale, InvalidInput; RuleBroken with code `statement_state` unless
    it is a draft, `differences_open`, `nothing_to_settle`.
    """
    _lock_merchant(statement_id, by)
    statement = steps.taken(statement_id, by=by, version=version)
    steps.require_state(statement, StatementState.DRAFT)
    if Discrepancy.objects.open().filter(statement_id=statement.pk).exists():
        steps.require_settled(statement)
    statement.first_day = first_day or statement.first_day
    statement.last_day = last_day or statement.last_day
    _sound(statement.first_day, statement.last_day, at)
    _let_events_go(statement)
    statement.change(at=at, first_day=statement.first_day, last_day=statement.last_day)
    _fill(statement)
    return statement


@command
def discard(statement_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> None:
    """Give up a draft; its events can stand on another statement.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `statement_state`, `differences_open`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    steps.require_state(statement, StatementState.DRAFT)
    if Discrepancy.objects.open().filter(statement_id=statement.pk).exists():
        steps.require_settled(statement)
    statement_lines.take_away(statement, adjustments=True)
    StatementFile.objects.filter(statement=statement).delete()
    StatementStep.objects.filter(statement=statement).delete()
    timeline.record(
        DISCARDED,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        number=statement.number,
    )
    statement.delete()


@command
def send(statement_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Statement:
    """Send it to the merchant; from now on its lines stay as they are, until it is disputed.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `adjustments_open`, `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    if waiting := statement.lines.unapproved().count():
        raise RuleBroken(
            _("%(count)d adjustments still wait for somebody's approval.") % {"count": waiting},
            code="adjustments_open",
            adjustments=waiting,
        )
    return steps.move(statement, StatementState.SENT, by=by, at=at, sent_on=timezone.localdate(at))


@command
def dispute(
    statement_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Statement:
    """The merchant does not agree: say with what. Its lines can be adjusted, and it is sent again.

    What was confirmed is not any more. Raises NotFound, NotAllowed, Stale, InvalidInput without a
    reason; RuleBroken with code `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    reason = steps.said(because)
    signs.take_back(statement, at=at)
    return steps.move(
        statement,
        StatementState.DISPUTED,
        by=by,
        at=at,
        because=reason,
        disputed_because=reason,
        confirmed_on=None,
        confirmed_by_name="",
        agreed_days=None,
        settlement_basis="",
        clock_from=None,
        due_on=None,
    )


@command
def confirm(
    statement_id: UUID,
    *,
    confirmed_on: date,
    by_name: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Statement:
    """The merchant agrees with the amount: from that day on the time to pay runs.

    The agreed days are those of the agreement in force on the last day of the period. Raises
    NotFound, NotAllowed, Stale, InvalidInput; RuleBroken with code `differences_open` while a
    difference is open, `adjustments_open`, `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    steps.require_state(statement, StatementState.SENT)
    steps.not_after(confirmed_on, at, "confirmed_on")
    if statement.sent_on is not None and confirmed_on < statement.sent_on:
        raise InvalidInput(
            _("A statement cannot be confirmed before it was sent."),
            code="confirmed_before_sent",
            attr="confirmed_on",
        )
    if not by_name.strip():
        raise InvalidInput(
            _("Name who confirmed it for the merchant."), code="name_required", attr="by_name"
        )
    steps.require_settled(statement)
    days, basis = agreed_terms(statement)
    clock = settlement_terms.clock_from(
        confirmed_on,
        received_on=statement.received_on,
        acceptance_days=numbers.ACCEPTANCE_DAYS.value,
    )
    due = settlement_terms.due_on(clock, days, basis=basis)
    steps.move(
        statement,
        StatementState.MERCHANT_CONFIRMED,
        by=by,
        at=at,
        confirmed_on=confirmed_on,
        confirmed_by_name=by_name.strip()[:100],
        agreed_days=days,
        settlement_basis=basis,
        clock_from=clock,
        due_on=due,
    )
    signs.plan(statement, at=at)
    return statement


@command
def approve(
    statement_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> Statement:
    """Let it be invoiced and paid; somebody else than who drafted it. The time to pay runs since
    the confirmation, however long this takes.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `self_approval`, `differences_open`,
    `statement_state`.
    """
    statement = take(Statement.objects.seen_by(by), statement_id, version=version)
    require(
        policies.may_approve_settlement(by, statement.merchant.unit_id),
        _("Finance and the branch's manager approve."),
    )
    if statement.drafted_by_id is not None and statement.drafted_by_id == by.pk:
        raise RuleBroken(_("Nobody approves what they drafted themselves."), code="self_approval")
    steps.require_settled(statement)
    return steps.move(
        statement,
        StatementState.APPROVED,
        by=by,
        at=at,
        approved_by_id=user_id(by),
        approved_at=at,
    )


@command
def close(statement_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Statement:
    """File a statement that is paid, or by which nobody owes anything.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `not_paid`, `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    if statement.state == StatementState.APPROVED and statement.payable_fen:
        raise RuleBroken(_("The statement is not paid in full yet."), code="not_paid")
    signs.take_back(statement, at=at)
    return steps.move(statement, StatementState.CLOSED, by=by, at=at, closed_at=at)


def agreed_terms(statement: Statement) -> tuple[int, str]:
    """Days to pay and what they are counted from: as the agreement in force on the last day of the
    period says, else the start value from the confirmed statement."""
    found = (
        AgreementVersion.objects.filter(partnership__merchant=statement.merchant_id)
        .in_force(statement.last_day)
        .order_by("-signed_at", "-id")
        .values_list("settlement_days", "settlement_basis")
        .first()
    )
    return found or (numbers.PAYMENT_DAYS.value, settlement_terms.Basis.STATEMENT.value)


def unsettled(campaign_id: UUID) -> int:
    """How many events of a campaign stand on no statement that is paid."""
    paid = (StatementState.PAID, StatementState.CLOSED)
    lines = StatementLine.objects.filter(campaign=campaign_id, statement__state__in=paid)
    events = RedemptionEvent.objects.filter(campaign=campaign_id).settling()
    return events.count() - lines.exclude(kind=LineKind.ADJUSTMENT).count()


def _sound(first_day: date, last_day: date, at: datetime) -> None:
    if last_day < first_day or last_day - first_day > LONGEST_PERIOD:
        raise InvalidInput(
            _("The period of a statement ends after it begins and is at most a year."),
            code="statement_period",
            attr="last_day",
        )
    if last_day >= timezone.localdate(at):
        raise InvalidInput(
            _("A period is settled once it is over."), code="period_not_over", attr="last_day"
        )


def _lock_merchant(statement_id: UUID, by: Actor) -> None:
    """The merchant is locked before its statement where lines are drafted."""
    seen = Statement.objects.seen_by(by).filter(pk=statement_id)
    if merchant_id := seen.values_list("merchant", flat=True).first():
        take(Merchant.objects.all(), merchant_id)


def _let_events_go(statement: Statement) -> None:
    statement_lines.take_away(statement, adjustments=False)
    kept = list(statement.lines.order_by("number"))
    for number, line in enumerate(kept, 1):
        # Out of the way of the numbers that the drafted lines take from one upwards.
        StatementLine.objects.filter(pk=line.pk).update(number=_ABOVE + number)


_ABOVE = 1_000_000_000


def _fill(statement: Statement) -> None:
    if not statement_lines.draft(statement):
        raise RuleBroken(
            _("Nothing of this merchant waits to be settled up to that day."),
            code="nothing_to_settle",
        )
