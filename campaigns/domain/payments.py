"""Payments of a statement: in one go or in parts, never more than what is owed."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain import settlement_reminders as signs
from campaigns.domain import statement_steps as steps
from campaigns.models import Payment, PaymentDirection, StatementState
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.presentation import yuan
from merchants.domain import timeline

PAID = timeline.kind(
    "statement.payment",
    _("Payment recorded"),
    _("%(amount)s yuan were paid on the statement %(number)s: %(direction)s, %(reference)s."),
    direction=PaymentDirection,
)


@command
def record(
    payment_id: UUID,
    statement_id: UUID,
    *,
    amount_fen: int,
    reference: str,
    paid_on: date,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Payment:
    """Record money that went to the merchant; or came from it, where the merchant owes.

    The last part makes the statement paid. Raises NotFound, NotAllowed, Stale, InvalidInput;
    RuleBroken with code `overpaid` and what is still open, `payment_reference_taken`,
    `not_invoiced`, `nothing_to_pay`, `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    owed = statement.payable_fen
    if owed > 0 and statement.state == StatementState.APPROVED:
        raise RuleBroken(
            _("The merchant's invoice comes first: without it nothing is paid."),
            code="not_invoiced",
        )
    steps.require_state(statement, StatementState.INVOICED, StatementState.APPROVED)
    if not owed:
        raise RuleBroken(_("Nobody owes anything by this statement."), code="nothing_to_pay")
    steps.not_after(paid_on, at, "paid_on")
    if not reference.strip():
        raise InvalidInput(
            _("A payment needs the bank's reference."),
            code="payment_reference_required",
            attr="reference",
        )
    if amount_fen <= 0:
        raise InvalidInput(_("A payment is more than zero."), code="payment_amount", attr="amount")
    if amount_fen > abs(statement.open_fen):
        raise RuleBroken(
            _("This is more than what is still to be paid."),
            code="overpaid",
            attr="amount",
            open_fen=abs(statement.open_fen),
        )
    direction = PaymentDirection.OUT if owed > 0 else PaymentDirection.IN
    payment = Payment.objects.create(
        pk=payment_id,
        statement=statement,
        direction=direction,
        amount_fen=amount_fen,
        reference=reference.strip(),
        paid_on=paid_on,
        recorded_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    timeline.record(
        PAID,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        number=statement.number,
        amount=yuan(amount_fen),
        direction=str(direction),
        reference=payment.reference,
    )
    paid = statement.paid_fen + (amount_fen if owed > 0 else -amount_fen)
    if paid == owed:
        signs.take_back(statement, at=at)
        steps.move(statement, StatementState.PAID, by=by, at=at, paid_fen=paid, paid_on=paid_on)
    else:
        statement.change(at=at, paid_fen=paid)
    return payment
