"""Proposals: written in a form that reckons while it is filled, submitted, printed, compared."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.models import Mechanic
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among
from crm.admin.forms import show
from crm.admin.site import page, tell, viewer
from crm.errors import DomainError, NotFound
from leads import policies, proposal_sheet
from leads.admin import proposal_shown as shown
from leads.admin.filters import OfMerchant
from leads.admin.proposal_forms import NothingForm, ProposalBecauseForm, ProposalForm
from leads.domain import proposal_differences, proposal_writing, proposals
from leads.models import Lead, Proposal, ProposalState, ProposalVersion
from leads.proposal_words import price
from merchants.models import Merchant


class StateFilter(Among):
    """By what has become of the newest version."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ProposalState.choices

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(newest_state=chosen)


class OfLeadsMerchant(OfMerchant):
    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(lead__merchant=chosen)


@admin.register(Proposal)
class ProposalAdmin(RoomAdmin):
    list_display = ("merchant", "offer", "state_shown", "nets", "owner", "changed")
    list_filter = (StateFilter, OfLeadsMerchant)
    search_fields = ("lead__merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-updated_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Drafts"), "state=draft"),
        (ProposalState.SUBMITTED.label, "state=submitted"),
    )
    shown_fields = ("lead", "added")
    change_form_outer_before_template = "leads/proposal.html"
    pages = {
        "edit": "edit_page",
        "version": "version_page",
        "submit": "submit_page",
        "withdraw": "withdraw_page",
        "waive": "waive_page",
        "compare": "compare_page",
        "print": "print_page",
    }

    # --- the list --------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        newest = ProposalVersion.objects.filter(proposal=OuterRef("pk")).order_by("-number")
        rows = (
            super()
            .get_queryset(request)
            .select_related("lead__merchant", "lead__owner", "lead__unit")
        )
        beside: QuerySet[Any] = rows.defer(
            "lead__merchant__search_grams", "lead__merchant__search_text"
        ).annotate(
            newest_state=Subquery(newest.values("state")[:1]),
            newest_title=Subquery(newest.values("title")[:1]),
            newest_bank=Subquery(newest.values("bank_net_fen")[:1]),
            newest_merchant=Subquery(newest.values("merchant_net_fen")[:1]),
        )
        return beside

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        narrowed: QuerySet[Any] = queryset.filter(
            lead__merchant__in=Merchant.objects.matching(text)
        )
        return narrowed

    @admin.display(description=_("merchant"))
    def merchant(self, row: Proposal) -> str:
        return str(row.lead.merchant)

    @admin.display(description=_("offer"))
    def offer(self, row: Any) -> str:
        return row.newest_title or "—"

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> str:
        return shown.state_badge(ProposalVersion(state=row.newest_state))

    @admin.display(description=_("net: bank · merchant"))
    def nets(self, row: Any) -> str:
        if row.newest_bank is None:
            return "—"
        return f"{price(row.newest_bank)} · {price(row.newest_merchant)}"

    @admin.display(description=_("owner"))
    def owner(self, row: Proposal) -> str:
        return str(row.lead.owner or "—")

    @admin.display(description=_("changed"), ordering="updated_at")
    def changed(self, row: Proposal) -> str:
        return when(row.updated_at)

    @admin.display(description=_("added"))
    def added(self, row: Proposal) -> str:
        return when(row.created_at)

    # --- the page --------------------------------------------------------------------------

    def row_context(self, request: HttpRequest, row: Proposal) -> dict[str, Any]:
        me = viewer(request)
        versions = list(
            row.versions.select_related("author", "submitted_by", "waived_by").order_by("-number")
        )
        state = {one.state for one in versions}
        works = row.lead.is_open and policies.may_work(me, row.lead)
        drafted = ProposalState.DRAFT in state
        draft = next((one for one in versions if one.state == ProposalState.DRAFT), None)
        losing = draft is not None and draft.forecast is not None and not draft.is_complete
        first, *earlier = versions
        return {
            "proposal": row,
            "newest": shown.summary(first),
            "earlier": [(one, shown.state_badge(one)) for one in earlier],
            "may_edit": works and drafted,
            "may_submit": works and drafted,
            "may_version": works and not drafted,
            "may_withdraw": works and bool(state & {"draft", "submitted"}),
            "may_waive": row.lead.is_open and losing and policies.may_waive_forecast(me, row.lead),
        }

    def get_urls(self) -> list[URLPattern]:
        begin = path(
            "for/<uuid:lead_pk>/",
            self.admin_site.admin_view(self.draft_page),
            name=self.url_name("draft"),
        )
        return [begin, *super().get_urls()]

    # --- writing ---------------------------------------------------------------------------

    def draft_page(self, request: HttpRequest, lead_pk: UUID) -> HttpResponse:
        """Begin the proposal of a lead."""
        me = viewer(request)
        lead = Lead.objects.visible_to(me).select_related("merchant").filter(pk=lead_pk).first()
        if lead is None:
            raise Http404
        if existing := Proposal.objects.filter(lead=lead).first():
            return redirect(self.url("change", existing.pk))
        begun = proposal_writing.beginning(lead)

        def write(form: ProposalForm) -> Proposal:
            return proposals.draft(
                form.cleaned_data["row_id"],
                lead_pk,
                changes={
                    "entry_pain_id": begun.entry_pain_id,
                    "entry_cell": begun.entry_cell,
                    **form.changes(),
                },
                by=me,
                at=self.now(),
            )

        return self._form_page(
            request,
            begun,
            write,
            title=_("Draft a proposal"),
            intro=str(lead.merchant),
            said=_("The proposal is drafted."),
            back=reverse("admin:leads_lead_change", args=[lead_pk]),
        )

    def edit_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change the draft."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def write(form: ProposalForm) -> Proposal:
            return proposals.correct(
                pk,
                form.changes(),
                by=me,
                at=self.now(),
                version=form.cleaned_data["read_version"],
            )

        return self._form_page(
            request,
            proposals.shown(row, None),
            write,
            title=_("Change the draft"),
            intro=str(row),
            said=_("The draft was changed."),
            back=self.url("change", pk),
            read_version=row.version,
        )

    def version_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Write the next version."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def write(form: ProposalForm) -> Proposal:
            return proposals.new_version(
                pk,
                changes=form.changes(),
                by=me,
                at=self.now(),
                version=form.cleaned_data["read_version"],
            )

        return self._form_page(
            request,
            row.versions.order_by("-number")[0],
            write,
            title=_("Write a new version"),
            intro=str(row),
            said=_("The new version is drafted; the submitted one stays as it is."),
            back=self.url("change", pk),
            read_version=row.version,
        )

    def _form_page(
        self,
        request: HttpRequest,
        version: ProposalVersion,
        write: Callable[[ProposalForm], Proposal],
        *,
        title: Any,
        intro: Any,
        said: Any,
        back: str,
        read_version: int | None = None,
    ) -> HttpResponse:
        """The form; its “Reckon” button shows what the numbers would bring, and stores nothing."""
        asked = request.POST.get("mechanic") or request.GET.get("mechanic") or version.mechanic
        mechanic = asked if asked in Mechanic.values else Mechanic.THRESHOLD_OFF.value
        form = ProposalForm.starting(
            version, mechanic=mechanic, read_version=read_version, data=request.POST or None
        )
        preview = None
        if request.method == "POST" and form.is_valid():
            try:
                if "reckon" in request.POST:
                    preview = proposal_writing.preview(form.changes(), onto=version)
                else:
                    row = write(form)
                    messages.success(request, str(said))
                    tell(request, row.notices)
                    return redirect(self.url("change", row.pk))
            except DomainError as refusal:
                show(form, refusal, form.fields_of)
        return page(
            request,
            "leads/proposal_form.html",
            title=title,
            form=form,
            intro=intro,
            back=back,
            mechanics=[(one.value, one.label, one.value == mechanic) for one in Mechanic],
            mechanic=mechanic,
            preview=shown.summary(preview.version) if preview else None,
        )

    # --- what becomes of it ----------------------------------------------------------------

    def submit_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send the draft to approval."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            NothingForm(request.POST if request.method == "POST" else None),
            lambda given: proposals.submit(pk, by=me, at=self.now()),
            title=_("Submit the proposal"),
            intro=_("%(merchant)s: once submitted, this version never changes.")
            % {"merchant": row},
            submit=_("Submit"),
            said=_("The proposal is submitted."),
            back=self.url("change", pk),
        )

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the newest version back."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            ProposalBecauseForm(request.POST or None),
            lambda given: proposals.withdraw(pk, by=me, at=self.now(), **given),
            title=_("Withdraw the newest version"),
            intro=str(row),
            submit=_("Withdraw"),
            said=_("The version was withdrawn."),
            back=self.url("change", pk),
        )

    def waive_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Answer for an offer by which somebody loses."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            ProposalBecauseForm(request.POST or None),
            lambda given: proposals.waive_forecast(pk, by=me, at=self.now(), **given),
            title=_("Waive the forecast"),
            intro=_("%(merchant)s: somebody loses by this offer. Your reason stays on record.")
            % {"merchant": row},
            submit=_("Waive"),
            said=_("The forecast is waived."),
            back=self.url("change", pk),
        )

    def compare_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What changed from one version to the next."""
        row = self.row_or_404(request, pk)
        versions = list(row.versions.order_by("-number"))
        pairs = [
            {
                "from": before.number,
                "to": after.number,
                "badge": shown.state_badge(after),
                "rows": shown.differences(proposal_differences.between(before, after)),
            }
            for after, before in pairwise(versions)
        ]
        return page(
            request,
            "leads/proposal_compare.html",
            title=_("Versions compared"),
            intro=str(row),
            pairs=pairs,
            back=self.url("change", pk),
        )

    def print_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The page for the merchant, by itself."""
        row = self.row_or_404(request, pk)
        language = request.GET.get("language", get_language() or "")
        if language not in proposal_sheet.LANGUAGES:
            language = proposal_sheet.LANGUAGES[0]
        number = request.GET.get("number", "")
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None
        try:
            version = proposals.shown(row, wanted)
        except NotFound:
            raise Http404 from None
        return HttpResponse(proposal_sheet.written(row, version, language=language))
