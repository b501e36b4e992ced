"""Claims: drafted from a campaign's page, proved, submitted, decided by finance, paid."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin.claim_forms import (
    ApproveForm,
    ClaimChangeForm,
    ClaimForm,
    EvidenceForm,
    ExtendForm,
    PayForm,
)
from campaigns.admin.outcome_forms import BecauseForm, EmptyForm
from campaigns.domain import claim_decisions, claim_evidence, claims
from campaigns.models import Campaign, Claim, ClaimState
from crm import presentation
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.site import viewer
from crm.presentation import NO_DATA, money
from merchants.admin.partnership_forms import kept

TONES = {
    ClaimState.DRAFT: "calm",
    ClaimState.SUBMITTED: "go",
    ClaimState.RETURNED: "warn",
    ClaimState.APPROVED: "good",
    ClaimState.PARTLY_APPROVED: "good",
    ClaimState.REJECTED: "bad",
    ClaimState.WITHDRAWN: "calm",
    ClaimState.PAID: "good",
    ClaimState.CLAWED_BACK: "bad",
}


def state_badge(claim: Claim) -> str:
    """Where a claim stands, as a coloured word."""
    tone = TONES[ClaimState(claim.state)]
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, claim.get_state_display())


def exact(fen: int | None) -> str:
    """A sum to the fen."""
    return NO_DATA if fen is None else presentation.exact(fen)


class LateFilter(Among):
    title = _("deadline")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("missed", _("Deadline missed"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.missed(timezone.localdate())


@admin.register(Claim)
class ClaimAdmin(RoomAdmin):
    list_display = ("merchant", "campaign", "state_shown", "claimed", "granted", "last_day")
    list_filter = (choices_of("state", _("state"), ClaimState), LateFilter)
    list_select_related = ("merchant", "campaign")
    search_fields = ("merchant__name", "campaign__name")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (pgettext_lazy("claim", "To decide"), f"state={ClaimState.SUBMITTED}"),
        (_("Deadline missed"), "late=missed"),
    )
    shown_fields = ("changed",)
    change_form_outer_before_template = "campaigns/claim.html"
    pages = {
        "edit": "edit_page",
        "prove": "prove_page",
        "submit": "submit_page",
        "withdraw": "withdraw_page",
        "return": "return_page",
        "approve": "approve_page",
        "reject": "reject_page",
        "extend": "extend_page",
        "pay": "pay_page",
        "claw-back": "claw_back_page",
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super().get_queryset(request).defer("merchant__search_grams", "merchant__search_text")
        )

    @admin.display(description=_("state"))
    def state_shown(self, row: Claim) -> str:
        return state_badge(row)

    @admin.display(description=_("amount claimed"))
    def claimed(self, row: Claim) -> str:
        return money(row.amount_claimed_fen)

    @admin.display(description=_("amount approved"))
    def granted(self, row: Claim) -> str:
        return "—" if row.amount_approved_fen is None else money(row.amount_approved_fen)

    @admin.display(description=_("changed"))
    def changed(self, row: Claim) -> str:
        return when(row.updated_at)

    def row_context(self, request: HttpRequest, row: Claim) -> dict[str, Any]:
        me = viewer(request)
        state = ClaimState(row.state)
        claims_ = policies.may_claim(me, row.campaign, row.merchant)
        decides = policies.may_decide_claims(me, row.campaign)
        own = me.pk in (row.claimant_id, row.submitted_by_id)
        waits = state == ClaimState.SUBMITTED
        return {
            "claim": row,
            "badge": state_badge(row),
            "claimed": exact(row.amount_claimed_fen),
            "granted": exact(row.amount_approved_fen),
            "evidence": list(row.evidence.select_related("document").defer("document__content")),
            "steps": list(row.steps.select_related("by")),
            "late": row.is_writable and row.last_day < timezone.localdate(self.now()),
            "may_write": claims_ and row.is_writable,
            "may_withdraw": claims_ and (row.is_writable or waits),
            "may_decide": decides and waits and not own,
            "may_extend": decides and row.is_writable and not own,
            "may_pay": decides and state in (ClaimState.APPROVED, ClaimState.PARTLY_APPROVED),
            "may_claw_back": decides and state == ClaimState.PAID,
            "own": own and decides and waits,
        }

    def get_urls(self) -> list[URLPattern]:
        begin = path(
            "for/<uuid:campaign_pk>/",
            self.admin_site.admin_view(self.draft_page),
            name=self.url_name("draft"),
        )
        return [begin, *super().get_urls()]

    def draft_page(self, request: HttpRequest, campaign_pk: UUID) -> HttpResponse:
        """Draft the claim of a merchant of a campaign."""
        me = viewer(request)
        campaign = Campaign.objects.visible_to(me).filter(pk=campaign_pk).first()
        if campaign is None:
            raise Http404

        def write(given: dict[str, Any]) -> Claim:
            return claims.draft(
                given["row_id"],
                campaign_pk,
                given["merchant"].pk,
                amount_fen=given["amount"],
                what_for=given["what_for"],
                by=me,
                at=self.now(),
            )

        return self.verb_page(
            request,
            ClaimForm(request.POST or None, campaign=campaign, viewer=me),
            write,
            title=_("Draft a claim"),
            intro=str(campaign),
            submit=_("Draft"),
            said=_("The claim is drafted; attach what proves it."),
            back=reverse("admin:campaigns_campaign_change", args=[campaign_pk]),
        )

    def edit_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change a draft, or what was returned."""
        row, me = self.row_or_404(request, pk), viewer(request)
        initial = {
            "amount": f"{row.amount_claimed_fen / 100:.2f}",
            "what_for": row.said,
            "read_version": row.version,
        }
        return self.verb_page(
            request,
            ClaimChangeForm(request.POST or None, initial=initial),
            lambda given: claims.correct(
                pk,
                amount_fen=given["amount"],
                what_for=given["what_for"],
                by=me,
                at=self.now(),
                version=given["read_version"],
            ),
            title=_("Change the claim"),
            intro=str(row),
            submit=_("Save"),
            said=_("The claim was changed."),
            back=self.url("change", pk),
        )

    def prove_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Attach a file that proves it."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def write(given: dict[str, Any]) -> Claim:
            with transaction.atomic():
                uploaded = kept(given["upload"], by=me, at=self.now())
                return claim_evidence.attach(
                    given["row_id"],
                    pk,
                    kind=given["kind"],
                    document_id=uploaded or given["document"].pk,
                    said=given["said"],
                    by=me,
                    at=self.now(),
                )

        return self.verb_page(
            request,
            EvidenceForm(request.POST or None, request.FILES or None, viewer=me),
            write,
            title=_("Attach proof"),
            intro=str(row),
            submit=_("Attach"),
            said=_("The proof is attached."),
            back=self.url("change", pk),
        )

    # --- steps -----------------------------------------------------------------------------

    def _step(
        self,
        request: HttpRequest,
        pk: UUID,
        form: Callable[..., Any],
        verb: Callable[..., Claim],
        *,
        title: Any,
        submit: Any,
        said: Any,
        initial: Callable[[Claim], dict[str, Any]] = lambda row: {},
        **renamed: str,
    ) -> HttpResponse:
        """A small form, and the verb that is told what it holds."""
        row, me = self.row_or_404(request, pk), viewer(request)
        data = request.POST if request.method == "POST" else None
        return self.verb_page(
            request,
            form(data, initial=initial(row)),
            lambda given: verb(
                pk,
                by=me,
                at=self.now(),
                **{renamed.get(name, name): value for name, value in given.items()},
            ),
            title=title,
            intro=f"{row} · {exact(row.amount_claimed_fen)}",
            submit=submit,
            said=said,
            back=self.url("change", pk),
        )

    def submit_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it to finance."""
        return self._step(
            request, pk, EmptyForm, claims.submit,
            title=_("Submit the claim"), submit=_("Submit"), said=_("The claim is submitted."),
        )  # fmt: skip

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take it back."""
        return self._step(
            request, pk, BecauseForm, claims.withdraw,
            title=_("Withdraw the claim"), submit=_("Withdraw"),
            said=_("The claim was withdrawn."),
        )  # fmt: skip

    def return_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it back for correction."""
        return self._step(
            request, pk, BecauseForm, claim_decisions.return_for_correction,
            title=_("Return the claim"), submit=pgettext_lazy("send back", "Return"),
            said=_("The claim was returned."),
        )  # fmt: skip

    def approve_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Approve it, in whole or in part."""
        return self._step(
            request, pk, ApproveForm, claim_decisions.approve,
            title=_("Approve the claim"), submit=_("Approve"), said=_("The claim is approved."),
            initial=lambda row: {"amount": f"{row.amount_claimed_fen / 100:.2f}"},
            amount="amount_fen",
        )  # fmt: skip

    def reject_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Reject it."""
        return self._step(
            request, pk, BecauseForm, claim_decisions.reject,
            title=_("Reject the claim"), submit=_("Reject"), said=_("The claim was rejected."),
        )  # fmt: skip

    def extend_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let it come later."""
        return self._step(
            request, pk, ExtendForm, claim_decisions.extend,
            title=_("Extend the deadline"), submit=_("Extend"),
            said=_("The deadline is extended; that stays on record."),
        )  # fmt: skip

    def pay_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Note that it is paid."""
        return self._step(
            request, pk, PayForm, claim_decisions.pay,
            title=_("Note the payment"), submit=_("Save"), said=_("The payment is noted."),
        )  # fmt: skip

    def claw_back_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take back what was paid."""
        return self._step(
            request, pk, BecauseForm, claim_decisions.claw_back,
            title=_("Take back what was paid"), submit=_("Take back"),
            said=_("What was paid is taken back."),
        )  # fmt: skip
