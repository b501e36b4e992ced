"""Statements: drafted, sent, compared, confirmed, approved, invoiced, paid, closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin import settlement_forms as forms
from campaigns.admin import statement_shown as shown
from campaigns.domain import invoices, payments, statement_files, statement_lines, statements
from campaigns.models import Invoice, Statement, StatementFileKind, StatementLine, StatementState
from crm.admin.base import RoomAdmin
from crm.admin.filters import Among, choices_of
from crm.admin.site import page, viewer
from crm.api.files import download
from crm.domain import files
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import User
from crm.presentation import yuan
from merchants.models import Merchant

LINES_SHOWN = 100


class DueFilter(Among):
    """Those that are owed, and those that should have been paid."""

    title = _("to be paid")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("owed", _("To be paid")), ("overdue", _("Overdue"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        if chosen == "overdue":
            return queryset.overdue(timezone.localdate())
        return queryset.owed()


@admin.register(Statement)
class StatementAdmin(RoomAdmin):
    form = forms.StatementForm
    list_display = ("number_shown", "merchant", "period", "state_shown", "payable", "due")
    list_filter = (choices_of("state", _("state"), StatementState), DueFilter)
    list_select_related = ("merchant",)
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-last_day", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("To be paid"), "due=owed"),
        (_("Overdue"), "due=overdue"),
        (StatementState.DISPUTED.label, f"state={StatementState.DISPUTED}"),
    )
    add_fields = ("merchant", "first_day", "last_day")
    autocomplete_fields = ("merchant",)
    change_form_outer_before_template = "campaigns/statement.html"
    pages = {
        "redraft": "redraft_page",
        "discard": "discard_page",
        "send": "send_page",
        "dispute": "dispute_page",
        "confirm": "confirm_page",
        "approve": "approve_page",
        "close": "close_page",
        "adjust": "adjust_page",
        "invoice": "invoice_page",
        "pay": "pay_page",
        "list": "list_page",
        "write": "write_page",
        "lines": "lines_page",
        "differences": "differences_page",
    }

    # --- the list --------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("merchant")
        beside: QuerySet[Any] = rows.defer("merchant__search_grams", "merchant__search_text")
        return beside

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        narrowed: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return narrowed

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*policies.STATEMENT_SETTLERS)

    @admin.display(description=_("number"))
    def number_shown(self, row: Statement) -> str:
        return row.number

    @admin.display(description=_("period"), ordering="last_day")
    def period(self, row: Statement) -> str:
        return f"{row.first_day:%Y-%m-%d} – {row.last_day:%Y-%m-%d}"

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Statement) -> str:
        return shown.state_badge(row)

    @admin.display(description=_("payable"), ordering="payable_fen")
    def payable(self, row: Statement) -> str:
        return yuan(row.payable_fen)

    @admin.display(description=_("due on"))
    def due(self, row: Statement) -> str:
        if row.due_on is None:
            return "—"
        if shown.is_late(row, timezone.localdate()):
            return format_html('<span class="crm-badge crm-bad">{}</span>', row.due_on)
        return str(row.due_on)

    # --- the page --------------------------------------------------------------------------

    def row_context(self, request: HttpRequest, row: Statement) -> dict[str, Any]:
        return shown.context(row, viewer(request), timezone.localdate())

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Statement:
        given = form.cleaned_data
        return statements.draft(
            uuid7(),
            given["merchant"].pk,
            first_day=given["first_day"],
            last_day=given["last_day"],
            by=viewer(request),
            at=self.now(),
        )

    def get_urls(self) -> list[URLPattern]:
        own = (
            ("adjustment/<uuid:line_pk>/approve/", self.approve_adjustment_page, "approve-line"),
            ("adjustment/<uuid:line_pk>/drop/", self.drop_adjustment_page, "drop-line"),
            ("invoice/<uuid:invoice_pk>/void/", self.void_page, "void"),
            ("file/<uuid:job_pk>/", self.file_page, "file"),
        )
        below = [
            path(address, self.admin_site.admin_view(method), name=self.url_name(name))
            for address, method, name in own
        ]
        return [*below, *super().get_urls()]

    # --- the way of a statement ------------------------------------------------------------

    def redraft_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Draft anew, for another period."""
        row = self.row_or_404(request, pk)
        form = forms.PeriodForm(
            request.POST or None, initial={"first_day": row.first_day, "last_day": row.last_day}
        )
        return self._asked(
            request,
            row,
            form,
            statements.redraft,
            title=_("Draft anew"),
            submit=_("Draft anew"),
            said=_("The statement was drafted anew."),
        )

    def send_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it to the merchant."""
        return self._plain(
            request,
            pk,
            statements.send,
            title=_("Send the statement"),
            submit=_("Send"),
            said=_("The statement was sent; its lines stay as they are."),
        )

    def dispute_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The merchant does not agree."""
        row = self.row_or_404(request, pk)
        return self._asked(
            request,
            row,
            forms.StatementBecauseForm(request.POST or None),
            statements.dispute,
            title=_("The merchant disputes it"),
            submit=_("Disputed"),
            said=_("The dispute is recorded; the statement can be adjusted and sent again."),
        )

    def confirm_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The merchant agrees."""
        row = self.row_or_404(request, pk)
        return self._asked(
            request,
            row,
            forms.ConfirmForm(request.POST or None, initial={"confirmed_on": timezone.localdate()}),
            statements.confirm,
            title=_("The merchant confirms"),
            submit=_("Confirm"),
            said=_("The statement is confirmed; the time to pay runs."),
        )

    def approve_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let it be invoiced and paid."""
        return self._plain(
            request,
            pk,
            statements.approve,
            title=_("Approve the statement"),
            submit=_("Approve"),
            said=_("The statement is approved."),
        )

    def close_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """File it."""
        return self._plain(
            request,
            pk,
            statements.close,
            title=_("Close the statement"),
            submit=_("Close"),
            said=_("The statement is closed."),
        )

    def discard_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Give up a draft."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            forms.NothingToSayForm(request.POST if request.method == "POST" else None),
            lambda given: statements.discard(pk, by=me, at=self.now()),
            title=_("Discard the draft"),
            intro=_intro(row),
            submit=_("Discard"),
            said=_("The draft was discarded."),
            back=self.url("changelist") if request.method == "POST" else self.url("change", pk),
        )

    def _plain(
        self, request: HttpRequest, pk: UUID, verb: Callable[..., Any], **words: Any
    ) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = forms.NothingToSayForm(request.POST if request.method == "POST" else None)
        return self._asked(request, row, form, verb, **words)

    def _asked(
        self,
        request: HttpRequest,
        row: Statement,
        form: Any,
        verb: Callable[..., Any],
        **words: Any,
    ) -> HttpResponse:
        me = viewer(request)
        return self.verb_page(
            request,
            form,
            lambda given: verb(row.pk, by=me, at=self.now(), **given),
            intro=_intro(row),
            back=self.url("change", row.pk),
            **words,
        )

    # --- adjustments, invoice, payment -----------------------------------------------------

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
            intro=_intro(row),
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
            intro=_intro(row),
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
            intro=_intro(row),
            submit=_("Record"),
            said=_("The payment is recorded."),
            back=self.url("change", pk),
        )

    # --- files -----------------------------------------------------------------------------

    def list_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Bring the merchant's own list."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = forms.MerchantListForm(request.POST or None, request.FILES or None)

        def run(given: dict[str, Any]) -> Any:
            brought = given["file"]
            kept = files.keep(brought.name, brought.read(), kinds=files.LISTS, by=me, at=self.now())
            return statement_files.bring(uuid7(), pk, kept.pk, by=me, at=self.now())

        return self.verb_page(
            request,
            form,
            run,
            title=_("Compare with the merchant's list"),
            intro=_intro(row),
            submit=_("Compare"),
            said=_("The list is being compared; reload the page in a moment."),
            back=self.url("change", pk),
        )

    def write_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the statement as a file."""
        row = self.row_or_404(request, pk)
        kind = request.POST.get("kind", "")
        if request.method != "POST" or kind not in (StatementFileKind.PDF, StatementFileKind.XLSX):
            raise Http404
        try:
            statement_files.write(
                uuid7(),
                row.pk,
                kind=StatementFileKind(kind),
                by=viewer(request),
                at=self.now(),
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(_("The file is being written; reload in a moment.")))
        return redirect(f"{self.url('change', row.pk)}#files")

    def file_page(self, request: HttpRequest, job_pk: UUID) -> HttpResponse:
        """A file of a statement, as a download."""
        file = shown.file_of(viewer(request), job_pk)
        if file is None or not self.has_view_permission(request):
            raise Http404
        try:
            return download(files.fetch(file, by=viewer(request), at=self.now()))
        except DomainError as refusal:
            raise Http404 from refusal

    # --- lines -----------------------------------------------------------------------------

    def lines_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Every line, a hundred to a page."""
        row = self.row_or_404(request, pk)
        after = _number(request.GET.get("after", ""))
        rows = row.lines.filter(number__gt=after).select_related("outlet", "campaign")
        found = list(rows.order_by("number")[: LINES_SHOWN + 1])
        return page(
            request,
            "campaigns/statement_lines.html",
            title=_("Lines of the statement"),
            intro=_intro(row),
            lines=[shown.line(one) for one in found[:LINES_SHOWN]],
            further=found[LINES_SHOWN - 1].number if len(found) > LINES_SHOWN else None,
            first=not after,
            back=self.url("change", pk),
        )

    def differences_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the two lists see differently, the bank's side and the merchant's."""
        row = self.row_or_404(request, pk)
        after = _number(request.GET.get("after", ""))
        kind = request.GET.get("class", "") or shown.first_difference(row)
        found = shown.differences(row, kind, after, LINES_SHOWN + 1)
        return page(
            request,
            "campaigns/statement_differences.html",
            title=_("Differences"),
            intro=_intro(row),
            classes=shown.classes(row, kind),
            rows=found[:LINES_SHOWN],
            kind=kind,
            further=found[LINES_SHOWN - 1]["number"] if len(found) > LINES_SHOWN else None,
            back=self.url("change", pk),
        )


def _intro(row: Statement) -> str:
    return f"{row.merchant} · {row.first_day} – {row.last_day} · {yuan(row.payable_fen)}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
