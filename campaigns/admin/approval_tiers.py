"""Who must agree to which amounts, and whose approvals are whose for some days."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin.approval_forms import STEP_FIELDS, DelegationForm, TierForm
from campaigns.domain import approval_tiers, delegations
from campaigns.models import ApprovalTier, Delegation
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import UnitFilter
from crm.admin.forms import VerbForm
from crm.admin.site import viewer
from crm.models import Role, User
from crm.presentation import money


@admin.register(ApprovalTier)
class ApprovalTierAdmin(RoomAdmin):
    form = TierForm
    list_display = ("amounts", "unit", "steps_shown", "used")
    list_filter = (UnitFilter,)
    list_select_related = ("unit",)
    ordering = ("from_fen", "id")
    add_fields = ("unit", "from_yuan", "below_yuan", *STEP_FIELDS)
    change_fields = ("from_yuan", "below_yuan", *STEP_FIELDS, "is_active")
    shown_fields = ("unit",)
    change_form_outer_before_template = "campaigns/approval_tier.html"

    def may_add(self, user: User) -> bool:
        return user.scope.holds(Role.ADMINISTRATOR)

    def may_change(self, user: User, row: ApprovalTier) -> bool:
        return policies.may_set_tiers(user, row.unit_id)

    @admin.display(description=_("amounts"), ordering="from_fen")
    def amounts(self, row: ApprovalTier) -> str:
        if row.up_to_fen is None:
            return str(_("from %(from)s") % {"from": money(row.from_fen)})
        return str(
            _("from %(from)s to below %(below)s")
            % {"from": money(row.from_fen), "below": money(row.up_to_fen)}
        )

    @admin.display(description=_("approved by, in order"))
    def steps_shown(self, row: ApprovalTier) -> str:
        return " → ".join(str(role.label) for role in row.roles)

    @admin.display(description=_("in use"), boolean=True)
    def used(self, row: ApprovalTier) -> bool:
        return row.is_active

    def row_context(self, request: HttpRequest, row: ApprovalTier) -> dict[str, Any]:
        held = approval_tiers.roles_held_around(row.unit)
        return {
            "tier": row,
            "steps": [(str(role.label), role in held) for role in row.roles],
            "amounts": self.amounts(row),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> ApprovalTier:
        given, me = form.cleaned_data, viewer(request)
        values = {
            "from_fen": given["from_yuan"],
            "up_to_fen": given["below_yuan"],
            "steps": form.steps(),
        }
        if change:
            return approval_tiers.change(
                row.pk,
                {**values, "is_active": given["is_active"]},
                by=me,
                at=self.now(),
                version=given["read_version"],
            )
        return approval_tiers.add(row.pk, given["unit"].pk, **values, by=me, at=self.now())


@admin.register(Delegation)
class DelegationAdmin(RoomAdmin):
    list_display = ("principal", "delegate", "first_day", "last_day", "stands")
    search_fields = ("principal__full_name", "delegate__full_name")
    ordering = ("-first_day", "-id")
    shown_fields = ("principal", "delegate", "first_day", "last_day", "because", "stands")
    change_form_outer_before_template = "campaigns/delegation.html"
    pages = {"end": "end_page"}

    @admin.display(description=_("stands"))
    def stands(self, row: Delegation) -> str:
        if row.ended_at is None:
            return format_html('<span class="crm-badge crm-good">{}</span>', _("In force"))
        return format_html(
            '<span class="crm-badge crm-calm">{}</span> {}', _("Taken back"), when(row.ended_at)
        )

    def row_context(self, request: HttpRequest, row: Delegation) -> dict[str, Any]:
        mine = viewer(request).pk in (row.principal_id, row.delegate_id)
        return {"delegation": row, "may_end": mine and row.ended_at is None}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).select_related("principal", "delegate")
        return rows

    def get_urls(self) -> list[URLPattern]:
        begin = path("new/", self.admin_site.admin_view(self.new_page), name=self.url_name("new"))
        return [begin, *super().get_urls()]

    def new_page(self, request: HttpRequest) -> HttpResponse:
        """Hand one's approvals to a colleague for some days."""
        me = viewer(request)

        def give(given: dict[str, Any]) -> Delegation:
            return delegations.delegate(
                given["row_id"],
                given["to"].pk,
                first_day=given["first_day"],
                last_day=given["last_day"],
                because=given["because"],
                by=me,
                at=self.now(),
            )

        return self.verb_page(
            request,
            DelegationForm(request.POST or None, user=me),
            give,
            title=_("Delegate my approvals"),
            intro=_(
                "What you planned or submitted yourself your colleague cannot approve for you, "
                "and nothing that your colleague made."
            ),
            submit=_("Delegate"),
            said=_("Your approvals are delegated for these days."),
            back=reverse("approvals"),
        )

    def end_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a delegation back."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            lambda given: delegations.end(pk, by=me, at=self.now()),
            title=_("Take the delegation back"),
            intro=str(row),
            submit=_("Take back"),
            said=_("The delegation has ended."),
            back=reverse("approvals"),
        )
