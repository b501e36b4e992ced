"""Agreements: their versions side by side, signed off, amended and ended."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among
from crm.admin.site import viewer
from merchants import policies
from merchants.admin import partnership_shown as shown
from merchants.admin.partnership_forms import TERMS, EndForm, SignForm, TermsForm, kept
from merchants.domain import agreements
from merchants.models import Agreement, AgreementState, AgreementVersion


class StateFilter(Among):
    """By what has become of the newest version."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return AgreementState.choices

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(versions__state=chosen).distinct()


@admin.register(Agreement)
class AgreementAdmin(RoomAdmin):
    list_display = ("number", "merchant", "state_shown", "starts_on", "last_day", "added")
    list_filter = (StateFilter,)
    search_fields = ("number",)
    search_help_text = _("Number")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Signed"), "state=live"),
        (_("Drafts"), "state=draft"),
    )
    shown_fields = ("number", "partnership", "added")
    change_form_outer_before_template = "merchants/agreement.html"
    pages = {
        "edit": "edit_page",
        "sign": "sign_page",
        "amend": "amend_page",
        "end": "end_page",
    }

    # --- the list --------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        newest = AgreementVersion.objects.filter(agreement=OuterRef("pk")).order_by("-number")
        rows = super().get_queryset(request).select_related("partnership__merchant")
        shown_beside: QuerySet[Any] = rows.defer(
            "partnership__merchant__search_grams", "partnership__merchant__search_text"
        ).annotate(
            newest_state=Subquery(newest.values("state")[:1]),
            newest_start=Subquery(newest.values("starts_on")[:1]),
            newest_last_day=Subquery(newest.values("last_day")[:1]),
        )
        return shown_beside

    @admin.display(description=_("merchant"))
    def merchant(self, row: Agreement) -> str:
        return str(row.partnership.merchant)

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> str:
        newest = AgreementVersion(state=row.newest_state, last_day=row.newest_last_day)
        return shown.state_badge(newest, today=timezone.localdate())

    @admin.display(description=_("starts on"))
    def starts_on(self, row: Any) -> str:
        return str(row.newest_start)

    @admin.display(description=_("applies until"))
    def last_day(self, row: Any) -> str:
        return str(row.newest_last_day)

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Agreement) -> str:
        return when(row.created_at)

    # --- the page --------------------------------------------------------------------------

    def row_context(self, request: HttpRequest, row: Agreement) -> dict[str, Any]:
        me, today = viewer(request), timezone.localdate()
        merchant = row.partnership.merchant
        versions = list(
            row.versions.select_related("document", "drafted_by", "signed_by").defer(
                "document__content"
            )
        )
        drafted = any(one.state == AgreementState.DRAFT for one in versions)
        live = any(one.state == AgreementState.LIVE for one in versions)
        works = policies.may_edit(me, merchant)
        return {
            "agreement": row,
            "versions": [(one, shown.state_badge(one, today=today)) for one in versions],
            "may_edit_draft": drafted and works,
            "may_sign": drafted and policies.may_sign_off(me, merchant),
            "may_amend": live and not drafted and works,
            "may_end": live and policies.may_manage(me, merchant),
        }

    def edit_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change the draft."""
        return self._terms_page(
            request,
            pk,
            agreements.change_draft,
            keep_document=True,
            title=_("Change the draft"),
            submit=_("Keep the draft"),
            said=_("The draft was changed."),
        )

    def amend_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Draft the next version."""
        return self._terms_page(
            request,
            pk,
            agreements.amend,
            keep_document=False,
            title=_("Amend the agreement"),
            submit=_("Keep the draft"),
            said=_("The amendment is drafted; it takes over once it is signed off."),
        )

    def _terms_page(
        self, request: HttpRequest, pk: UUID, verb: Any, *, keep_document: bool, **words: Any
    ) -> HttpResponse:
        row, me = self.row_or_404(request, pk), viewer(request)
        newest = row.versions.order_by("-number").first()

        def write(given: dict[str, Any]) -> Agreement:
            at = self.now()
            with transaction.atomic():
                changes = {name: given[name] for name in TERMS}
                document_id = kept(given["document"], by=me, at=at)
                if document_id is not None or not keep_document:
                    changes["document_id"] = document_id
                changed: Agreement = verb(pk, changes, by=me, at=at)
                return changed

        form = TermsForm.starting(newest, data=request.POST or None, files=request.FILES or None)
        return self.verb_page(
            request, form, write, intro=str(row), back=self.url("change", pk), **words
        )

    def sign_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Put the draft into force."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def sign(given: dict[str, Any]) -> Agreement:
            at = self.now()
            with transaction.atomic():
                document_id = kept(given["document"], by=me, at=at)
                return agreements.sign(pk, document_id=document_id, by=me, at=at)

        return self.verb_page(
            request,
            SignForm(request.POST if request.method == "POST" else None, request.FILES or None),
            sign,
            title=_("Sign the agreement off"),
            intro=_("%(number)s: both sides have signed. What is signed never changes.")
            % {"number": row.number},
            submit=_("Sign off"),
            said=_("The agreement is signed."),
            back=self.url("change", pk),
        )

    def end_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """End it before its time."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            EndForm(request.POST or None),
            lambda given: agreements.end(pk, by=me, at=self.now(), **given),
            title=_("End the agreement"),
            intro=str(row),
            submit=_("End it"),
            said=_("The end of the agreement is on record."),
            back=self.url("change", pk),
        )
