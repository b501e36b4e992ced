"""Invoices: issued by the merchant, who receives the money, for exactly what is payable."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain import invoice_sums, settlement_terms
from campaigns.domain import settlement_reminders as signs
from campaigns.domain import statement_steps as steps
from campaigns.models import Invoice, Statement, StatementState
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.locking import known
from crm.models import StoredFile
from merchants.domain import credit_code, timeline

RECORDED = timeline.kind(
    "statement.invoiced",
    _("Invoice recorded"),
    _("The invoice %(invoice)s for the statement %(number)s was recorded."),
)
VOIDED = timeline.kind(
    "statement.invoice_voided",
    _("Invoice voided"),
    _("The invoice %(invoice)s for the statement %(number)s was voided: %(because)s"),
)


@command
def record(
    invoice_id: UUID,
    statement_id: UUID,
    *,
    number: str,
    issued_on: date,
    received_on: date,
    buyer_title: str,
    buyer_credit_code: str,
    gross_fen: int,
    rate_basis_points: int,
    by: Actor,
    at: datetime,
    file_id: UUID | None = None,
    version: int | None = None,
) -> Invoice:
    """Record the merchant's invoice. Its gross must be what is payable, to the fen; net and tax
    follow from the rate.

    Raises NotFound, NotAllowed, Stale, InvalidInput; RuleBroken with code `invoice_differs`,
    `invoice_exists`, `invoice_number_taken`, `nothing_to_invoice`, `statement_state`.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    if statement.state == StatementState.INVOICED:
        raise RuleBroken(_("This statement has its invoice already."), code="invoice_exists")
    steps.require_state(statement, StatementState.APPROVED)
    if statement.payable_fen <= 0:
        raise RuleBroken(
            _("Nothing is payable to the merchant: there is nothing to invoice."),
            code="nothing_to_invoice",
        )
    if gross_fen != statement.payable_fen:
        raise RuleBroken(
            _("The invoice must be for exactly what is payable, tax included."),
            code="invoice_differs",
            attr="gross",
            payable_fen=statement.payable_fen,
        )
    _sound(number, issued_on, received_on, buyer_title, rate_basis_points, at)
    if file_id is not None:
        known(StoredFile.objects.seen_by(by), file_id, attr="file")
    net, tax = invoice_sums.net_and_tax(gross_fen, rate_basis_points)
    invoice = Invoice.objects.create(
        pk=invoice_id,
        statement=statement,
        number=number.strip(),
        issued_on=issued_on,
        received_on=received_on,
        buyer_title=buyer_title.strip(),
        buyer_credit_code=_taxpayer(buyer_credit_code),
        rate_basis_points=rate_basis_points,
        net_fen=net,
        tax_fen=tax,
        gross_fen=gross_fen,
        document_id=file_id,
        recorded_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    assert statement.clock_from is not None
    assert statement.agreed_days is not None
    due = settlement_terms.due_on(
        statement.clock_from,
        statement.agreed_days,
        basis=statement.settlement_basis,
        invoice_received_on=received_on,
    )
    steps.move(statement, StatementState.INVOICED, by=by, at=at, invoiced_fen=gross_fen, due_on=due)
    signs.plan(statement, at=at)
    _record(RECORDED, statement, invoice, by=by, at=at)
    return invoice


@command
def void(invoice_id: UUID, *, because: str, by: Actor, at: datetime) -> Invoice:
    """Take an invoice out of force, so that a right one can take its place.

    Raises NotFound, NotAllowed, InvalidInput without a reason; RuleBroken with code
    `invoice_voided`, `statement_state` once something was paid.
    """
    seen = Invoice.objects.seen_by(by).filter(pk=invoice_id)
    statement_id = seen.values_list("statement", flat=True).first()
    if statement_id is None:
        raise NotFound(_("There is no such row."))
    statement = steps.taken(statement_id, by=by)
    invoice = Invoice.objects.for_change().get(pk=invoice_id)
    if invoice.voided_at is not None:
        raise RuleBroken(_("This invoice was voided already."), code="invoice_voided")
    steps.require_state(statement, StatementState.INVOICED)
    if statement.paid_fen:
        raise RuleBroken(_("Something was paid on this invoice already."), code="invoice_paid")
    reason = steps.said(because)
    invoice.change(at=at, voided_at=at, voided_because=reason)
    steps.move(statement, StatementState.APPROVED, by=by, at=at, because=reason, invoiced_fen=None)
    _record(VOIDED, statement, invoice, by=by, at=at, because=reason)
    return invoice


def _sound(
    number: str, issued_on: date, received_on: date, buyer: str, rate: int, at: datetime
) -> None:
    if not number.strip():
        raise InvalidInput(
            _("An invoice needs a number."), code="invoice_number_required", attr="number"
        )
    if not buyer.strip():
        raise InvalidInput(
            _("Name the buyer on the invoice."), code="buyer_required", attr="buyer_title"
        )
    if not 0 <= rate < invoice_sums.WHOLE:
        raise InvalidInput(
            _("A tax rate is at least 0 % and below 100 %."), code="invoice_rate", attr="rate"
        )
    if received_on < issued_on:
        raise InvalidInput(
            _("An invoice cannot be received before it was issued."),
            code="invoice_dates",
            attr="received_on",
        )
    steps.not_after(received_on, at, "received_on")


def _taxpayer(code: str) -> str:
    try:
        return credit_code.validated(code)
    except credit_code.BadCreditCode as bad:
        raise InvalidInput(
            _("This is no unified social credit code."), code=bad.code, attr="buyer_credit_code"
        ) from bad


def _record(
    kind: timeline.Kind,
    statement: Statement,
    invoice: Invoice,
    *,
    by: Actor,
    at: datetime,
    **facts: str,
) -> None:
    timeline.record(
        kind,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        number=statement.number,
        invoice=invoice.number,
        **facts,
    )
