"""Endpoints about invoices and payments of statements."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api import settlement_inputs as inputs
from campaigns.api.settlement_shapes import INVOICE, PAYMENT
from campaigns.api.statements import TAG
from campaigns.domain import invoices, payments
from campaigns.models import Invoice, Payment
from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once

_OF_STATEMENT = Filter(lambda rows, value, user: rows.filter(statement=value), parse=id_of)
INVOICES = Listing(INVOICE, orderings=("created_at",), filters={"statement": _OF_STATEMENT})
PAYMENTS = Listing(PAYMENT, orderings=("created_at",), filters={"statement": _OF_STATEMENT})


class InvoiceList(Door):
    takes_parameters = True

    @schema.lists("invoices_list", "Invoices of statements", INVOICES, tag=TAG)
    def get(self, request: Request) -> HttpResponse:
        return INVOICES.answer(request, Invoice.objects.visible_to(self.user), self.user)


class StatementInvoice(OneDoor):
    shape = INVOICE
    model = Invoice

    @schema.writes(
        "statements_invoice",
        "Record the merchant's invoice for exactly what is payable",
        INVOICE,
        tag=TAG,
        body=inputs.InvoiceIn,
        status=201,
        if_match="optional",
        example={
            "number": "24312000000012345678",
            "issued_on": "2026-11-20",
            "received_on": "2026-11-23",
            "buyer_title": "某某银行股份有限公司",
            "buyer_credit_code": "91110000600037341L",
            "gross": "6000.00",
            "rate_basis_points": 600,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.InvoiceIn)
        invoice_id, gross = self.new_id(values), values.pop("gross")
        invoice = invoices.record(
            invoice_id,
            pk,
            gross_fen=gross,
            file_id=values.pop("file", None),
            by=self.user,
            at=self.now(),
            version=version,
            **values,
        )
        return self.show(Invoice.objects.all(), invoice.pk, status=201, row=invoice)


class InvoiceVoid(OneDoor):
    shape = INVOICE
    model = Invoice

    @schema.writes(
        "invoices_void",
        "Take an invoice out of force",
        INVOICE,
        tag=TAG,
        body=inputs.StatementBecauseIn,
        example={"because": "抬头错误"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.StatementBecauseIn)
        voided = invoices.void(pk, by=self.user, at=self.now(), **values)
        return self.show(Invoice.objects.all(), pk, row=voided)


class PaymentList(Door):
    takes_parameters = True

    @schema.lists("payments_list", "Payments of statements", PAYMENTS, tag=TAG)
    def get(self, request: Request) -> HttpResponse:
        return PAYMENTS.answer(request, Payment.objects.visible_to(self.user), self.user)


class StatementPayment(OneDoor):
    shape = PAYMENT
    model = Payment

    @schema.writes(
        "statements_pay",
        "Record a payment; the last part makes the statement paid",
        PAYMENT,
        tag=TAG,
        body=inputs.PaymentIn,
        status=201,
        if_match="optional",
        example={"amount": "6000.00", "reference": "2026112800123", "paid_on": "2026-11-28"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.PaymentIn)
        payment_id, amount = self.new_id(values), values.pop("amount")
        payment = payments.record(
            payment_id,
            pk,
            amount_fen=amount,
            by=self.user,
            at=self.now(),
            version=version,
            **values,
        )
        return self.show(Payment.objects.all(), payment.pk, status=201, row=payment)
