"""Approvals: the inbox of those who decide, and the requests with their steps."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin import approval_shown as shown
from campaigns.admin import approval_terms
from campaigns.admin.approval_forms import ApproveForm, ReturnForm, SubmitForm, WithdrawForm
from campaigns.domain import approval_authority, approvals, delegations
from campaigns.models import ApprovalRequest, ApprovalState, Campaign, CampaignVersion, Delegation
from crm.admin import badges
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.site import has_a_role, page, viewer
from crm.models import User
from crm.presentation import money

MOST_SHOWN = 100
OWN_SHOWN = 20


def waiting(request: HttpRequest) -> str:
    """The sidebar's count of what waits for one's word."""
    user = viewer(request)

    def count() -> int:
        # Whose approvals one holds is a statement of its own, asked only when it is counted.
        mine = ApprovalRequest.objects.decidable_by(user, timezone.localdate())
        return mine[: badges.MOST + 1].count()

    return badges.remembered("approvals", user, count)


def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for one's word, the longest first; what became of one's own requests; and to
    whom one's approvals are handed."""
    me, now = viewer(request), timezone.now()
    if not has_a_role(me):
        raise PermissionDenied
    today = timezone.localdate(now)
    beside = ApprovalRequest.objects.visible_to(me).select_related("campaign__unit", "requested_by")
    mine = beside.decidable_by(me, today).order_by("step_since", "pk")
    asked = beside.filter(makers__contains=[me.pk]).order_by("-requested_at", "-pk")
    held = Delegation.objects.filter(ended_at=None, last_day__gte=today)
    return page(
        request,
        "campaigns/approvals.html",
        title=_("Approvals"),
        waiting=shown.rows(mine[:MOST_SHOWN], at=now),
        asked=shown.rows(asked[:OWN_SHOWN], at=now),
        given=held.filter(principal=me).select_related("delegate").order_by("first_day", "pk"),
        taken=held.filter(delegate=me).select_related("principal").order_by("first_day", "pk"),
        may_delegate=me.scope.holds(*delegations.roles_that_approve()),
    )


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(RoomAdmin):
    list_display = (
        "campaign",
        "state_shown",
        "amount",
        "waits_shown",
        "requested_by",
        "requested",
    )
    list_filter = (choices_of("state", _("state"), ApprovalState),)
    search_fields = ("campaign__name",)
    ordering = ("-requested_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (pgettext_lazy("approval", "Waiting"), f"state={ApprovalState.WAITING}"),
    )
    shown_fields = ("campaign", "requested_by", "requested")
    change_form_outer_before_template = "campaigns/approval.html"
    pages = {"approve": "approve_page", "return": "return_page", "withdraw": "withdraw_page"}

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: ApprovalRequest) -> str:
        return shown.state_badge(row)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, row: ApprovalRequest) -> str:
        return money(row.amount_fen)

    @admin.display(description=_("waits for"))
    def waits_shown(self, row: ApprovalRequest) -> str:
        return row.get_waits_for_display() if row.waits_for else "—"

    @admin.display(description=_("requested at"), ordering="requested_at")
    def requested(self, row: ApprovalRequest) -> str:
        return when(row.requested_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("campaign__unit", "requested_by")

    def row_context(self, request: HttpRequest, row: ApprovalRequest) -> dict[str, Any]:
        return {
            "request_shown": one(row, viewer(request), self.now()),
            "asked": approval_terms.of(row),
        }

    def get_urls(self) -> list[URLPattern]:
        begin = path(
            "for/<uuid:campaign_pk>/",
            self.admin_site.admin_view(self.submit_page),
            name=self.url_name("submit"),
        )
        amend = path(
            "for-version/<uuid:version_pk>/",
            self.admin_site.admin_view(self.submit_version_page),
            name=self.url_name("submit-version"),
        )
        return [begin, amend, *super().get_urls()]

    def submit_page(self, request: HttpRequest, campaign_pk: UUID) -> HttpResponse:
        """Ask for a campaign to be approved."""
        me = viewer(request)
        campaign = Campaign.objects.visible_to(me).filter(pk=campaign_pk).first()
        if campaign is None:
            raise Http404
        return self.verb_page(
            request,
            SubmitForm(request.POST or None),
            lambda given: approvals.submit(campaign_pk, by=me, at=self.now(), **given),
            title=_("Submit for approval"),
            intro=_(
                "%(campaign)s: %(amount)s in all. The bank's part is reserved at once; "
                "the terms stay as they are until it is decided."
            )
            % {"campaign": campaign, "amount": money(campaign.budget_fen)},
            submit=_("Submit"),
            said=_("The campaign was submitted; the approvers are told."),
            back=_campaign_page(campaign_pk),
        )

    def submit_version_page(self, request: HttpRequest, version_pk: UUID) -> HttpResponse:
        """Ask for new terms of an approved campaign to take effect."""
        me = viewer(request)
        versions = CampaignVersion.objects.visible_to(me).select_related("campaign")
        version = versions.filter(pk=version_pk).first()
        if version is None:
            raise Http404
        return self.verb_page(
            request,
            SubmitForm(request.POST or None, initial={"said": version.said}),
            lambda given: approvals.submit_version(version_pk, by=me, at=self.now(), **given),
            title=_("Submit the new terms for approval"),
            intro=_("%(campaign)s: the terms in force hold until version %(number)s is approved.")
            % {"campaign": version.campaign, "number": version.number},
            submit=_("Submit"),
            said=_("The new terms were submitted; the approvers are told."),
            back=_campaign_page(version.campaign_id),
        )

    def approve_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Agree to the step that waits."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            ApproveForm(request.POST or None, initial={"step": row.present_step}),
            lambda given: approvals.approve(pk, by=me, at=self.now(), **given),
            title=_("Approve"),
            intro=_("%(campaign)s: %(amount)s in all.")
            % {"campaign": row.campaign, "amount": money(row.amount_fen)},
            submit=_("Approve"),
            said=_("You have approved this step."),
            back=self.url("change", pk),
        )

    def return_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it back, with what is to be corrected."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            ReturnForm(request.POST or None, initial={"step": row.present_step}),
            lambda given: approvals.return_for_correction(pk, by=me, at=self.now(), **given),
            title=_("Return for correction"),
            intro=_("%(campaign)s goes back to its planner; what was reserved is free again.")
            % {"campaign": row.campaign},
            submit=pgettext_lazy("approval", "Return"),
            said=_("It was returned; the planner is told."),
            back=self.url("change", pk),
        )

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a request back before it is settled."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            WithdrawForm(request.POST if request.method == "POST" else None),
            lambda given: approvals.withdraw(pk, by=me, at=self.now(), **given),
            title=_("Withdraw the request"),
            intro=str(row),
            submit=_("Withdraw"),
            said=_("The request was withdrawn; the campaign can be corrected."),
            back=_campaign_page(row.campaign_id),
        )


def one(row: ApprovalRequest, user: User, at: Any) -> dict[str, Any]:
    """A request with its steps, and what this person may do with it."""
    made = user.pk in row.makers
    may_withdraw = row.is_waiting and (made or policies.may_plan(user, row.campaign.unit_id))
    return {
        "request": row,
        "badge": shown.state_badge(row),
        "amount": money(row.amount_fen),
        "steps": shown.steps(row),
        "made": made and row.is_waiting,
        "may_decide": approval_authority.may_decide_now(row, by=user, at=at),
        "may_withdraw": may_withdraw,
    }


def _campaign_page(pk: UUID) -> str:
    return reverse("admin:campaigns_campaign_change", args=[pk])
