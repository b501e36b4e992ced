"""The pages of a statement's money: adjustments, the invoice, payments."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.admin import settlement_forms as forms
from campaigns.admin import statement_shown as shown
from campaigns.domain import invoices, payments, statement_lines
from campaigns.models import Invoice, StatementLine
from crm.admin.base import RoomAdmin
from crm.admin.site import viewer
from crm.domain import files
from crm.errors import DomainError


class StatementMoneyPages(RoomAdmin):
    """Mixed into the statement's pages."""

    def adjust_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Enter an adjustment."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = forms.AdjustmentForm(request.POST or None)
        return self.verb_page(
            request,
            form,
            lambda given: statement_lines.adjust(
                given["row_id"],
                pk,
                amount_fen=form.fen(),
                reason=given["reason"],
                by=me,
                at=self.now(),
            ),
            title=_("Enter an adjustment"),
            intro=shown.intro(row),
            submit=_("Enter"),
            said=_("The adjustment is entered; it counts once somebody else approved it."),
            back=self.url("change", pk),
        )

    def approve_adjustment_page(self, request: HttpRequest, line_pk: UUID) -> HttpResponse:
        return self._line_button(
            request,
            line_pk,
            statement_lines.approve_adjustment,
            _("The adjustment is approved."),
        )

    def drop_adjustment_page(self, request: HttpRequest, line_pk: UUID) -> HttpResponse:
        return self._line_button(
            request, line_pk, statement_lines.drop_adjustment, _("The adjustment was dropped.")
        )

    def _line_button(
        self, request: HttpRequest, line_pk: UUID, verb: Callable[..., Any], said: Any
    ) -> HttpResponse:
        me = viewer(request)
        seen = StatementLine.objects.visible_to(me).filter(pk=line_pk)
        line = seen.first() if self.has_view_permission(request) else None
        if line is None or request.method != "POST":
            raise Http404
        try:
            verb(line_pk, by=me, at=self.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(said))
        return redirect(self.url("change", line.statement_id))

    def invoice_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Record the merchant's invoice."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = forms.InvoiceForm(
            request.POST or None, request.FILES or None, initial=forms.initial_of(row)
        )

        def run(given: dict[str, Any]) -> Invoice:
            document = given.pop("document")
            kept = None
            if document is not None:
                kept = files.keep(
                    document.name,
                    document.read(),
                    kinds=files.DOCUMENTS,
                    by=me,
                    at=self.now(),
                )
            return invoices.record(
                given["row_id"],
                pk,
                number=given["number"],
                issued_on=given["issued_on"],
                received_on=given["received_on"],
                buyer_title=given["buyer_title"],
                buyer_credit_code=given["buyer_credit_code"],
                gross_fen=given["gross"],
                rate_basis_points=int(given["rate"]),
                file_id=kept.pk if kept else None,
                by=me,
                at=self.now(),
            )

        return self.verb_page(
            request,
            form,
            run,
            title=_("Record the invoice"),
            intro=shown.intro(row),
            submit=_("Record"),
            said=_("The invoice is recorded."),
            back=self.url("change", pk),
        )

    def void_page(self, request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
        """Take an invoice out of force."""
        me = viewer(request)
        invoice = Invoice.objects.visible_to(me).filter(pk=invoice_pk).first()
        if invoice is None or not self.has_view_permission(request):
            raise Http404
        return self.verb_page(
            request,
            forms.StatementBecauseForm(request.POST or None),
            lambda given: invoices.void(invoice_pk, by=me, at=self.now(), **given),
            title=_("Void the invoice"),
            intro=invoice.number,
            submit=_("Void"),
            said=_("The invoice was voided; record the right one."),
            back=self.url("change", invoice.statement_id),
        )

    def pay_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Record a payment."""
        row, me = self.row_or_404(request, pk), viewer(request)
        still_open = f"{abs(row.open_fen) / 100:.2f}"
        form = forms.PaymentForm(
            request.POST or None,
            initial={"amount": still_open, "paid_on": timezone.localdate()},
        )
        return self.verb_page(
            request,
            form,
            lambda given: payments.record(
                given["row_id"],
                pk,
                amount_fen=given["amount"],
                reference=given["reference"],
                paid_on=given["paid_on"],
                by=me,
                at=self.now(),
            ),
            title=_("Record a payment"),
            intro=shown.intro(row),
            submit=_("Record"),
            said=_("The payment is recorded."),
            back=self.url("change", pk),
        )
