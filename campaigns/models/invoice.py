"""Invoices and payments of a statement."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.settlement_words import PaymentDirection
from campaigns.models.statement import Statement
from crm.models import Row, RowQuerySet, User
from crm.models.files import shown_through

WHOLE = 10_000


class InvoiceQuerySet(RowQuerySet["Invoice"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))

    def standing(self) -> Self:
        return self.filter(voided_at__isnull=True)


class Invoice(Row):
    """The invoice that the merchant, who receives the money, issues to the bank.

    Its gross is exactly what is payable; net and tax follow from the rate. One stands at a time;
    a wrong one is voided, with the reason, and another takes its place.
    """

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.PROTECT,
        related_name="invoices",
        db_index=False,
    )
    number = models.CharField(_("invoice number"), max_length=40)
    issued_on = models.DateField(_("issued on"))
    received_on = models.DateField(_("received on"))
    buyer_title = models.CharField(_("buyer"), max_length=200)
    buyer_credit_code = models.CharField(_("buyer's taxpayer number"), max_length=18)
    rate_basis_points = models.PositiveSmallIntegerField(_("tax rate in basis points"))
    net_fen = models.BigIntegerField(_("net"))
    tax_fen = models.BigIntegerField(_("tax"))
    gross_fen = models.BigIntegerField(_("gross"))
    document = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("document"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    recorded_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("recorded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    voided_at = models.DateTimeField(_("voided at"), null=True)
    voided_because = models.TextField(_("voided because"), blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="invoice_newest"),
            models.Index(fields=["statement", "-created_at"], name="invoice_of_statement"),
        ]
        constraints = [
            models.UniqueConstraint(
                "number",
                name="invoice_number_once",
                condition=Q(voided_at__isnull=True),
                violation_error_code="invoice_number_taken",
                violation_error_message=_("An invoice with this number is recorded already."),
            ),
            models.UniqueConstraint(
                "statement",
                name="invoice_once_per_statement",
                condition=Q(voided_at__isnull=True),
                violation_error_code="invoice_exists",
                violation_error_message=_("This statement has its invoice already."),
            ),
            models.CheckConstraint(
                condition=Q(gross_fen=F("net_fen") + F("tax_fen"), net_fen__gt=0, tax_fen__gte=0),
                name="invoice_sums_up",
                violation_error_code="invoice_sum",
                violation_error_message=_("Net and tax of an invoice must sum to its gross."),
            ),
            models.CheckConstraint(
                condition=Q(rate_basis_points__lt=WHOLE),
                name="invoice_rate_is_sound",
                violation_error_code="invoice_rate",
                violation_error_message=_("A tax rate is at least 0 % and below 100 %."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


@shown_through
def _documents_of_invoices(user: User) -> models.QuerySet[Invoice, object]:
    """Whoever may know of a statement reads its invoice."""
    rows = Invoice.objects.visible_to(user).filter(document__isnull=False)
    return rows.values_list("document", flat=True)


class PaymentQuerySet(RowQuerySet["Payment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))


class Payment(Row):
    """Money that went to the merchant for a statement, or came back from it."""

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.PROTECT,
        related_name="payments",
        db_index=False,
    )
    direction = models.CharField(_("direction"), max_length=3, choices=PaymentDirection)
    amount_fen = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("payment reference"), max_length=60)
    paid_on = models.DateField(_("paid on"))
    recorded_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("recorded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="payment_newest"),
            models.Index(fields=["statement", "-created_at"], name="payment_of_statement"),
        ]
        constraints = [
            models.UniqueConstraint(
                "reference",
                name="payment_reference_once",
                violation_error_code="payment_reference_taken",
                violation_error_message=_("A payment with this reference is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="payment_has_an_amount",
                violation_error_code="payment_amount",
                violation_error_message=_("A payment is more than zero."),
            ),
            models.CheckConstraint(
                condition=~Q(reference=""),
                name="payment_has_a_reference",
                violation_error_code="payment_reference_required",
                violation_error_message=_("A payment needs the bank's reference."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
