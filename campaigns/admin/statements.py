"""Statements: drafted, sent, compared, confirmed, approved, invoiced, paid, closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin import settlement_forms as forms
from campaigns.admin import statement_shown as shown
from campaigns.admin.statement_money import StatementMoneyPages
from campaigns.admin.statement_papers import StatementPaperPages
from campaigns.domain import statements
from campaigns.models import Statement, StatementState
from crm.admin.filters import Among, choices_of
from crm.admin.site import viewer
from crm.ids import uuid7
from crm.models import User
from crm.presentation import exact
from merchants.models import Merchant


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
class StatementAdmin(StatementMoneyPages, StatementPaperPages):
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
        return exact(row.payable_fen)

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
            intro=shown.intro(row),
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
            intro=shown.intro(row),
            back=self.url("change", row.pk),
            **words,
        )
