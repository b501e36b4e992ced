"""Addresses that no mail goes to, and what came back from them: for administrators."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among
from crm.admin.forms import VerbForm
from crm.admin.site import viewer
from crm.domain import suppression
from crm.models import Bounce, SuppressedAddress, User

BOUNCES_SHOWN = 50


class StandingFilter(Among):
    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("No mail goes there")), ("no", _("Mail goes there again"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(lifted_at__isnull=chosen == "yes")


@admin.register(SuppressedAddress)
class SuppressedAddressAdmin(RoomAdmin):
    list_display = ("address", "state_shown", "since", "because")
    list_filter = (StandingFilter,)
    search_fields = ("address",)
    ordering = ("-created_at", "-id")
    quick_filters = ((_("All"), ""), (_("No mail goes there"), "standing=yes"))
    shown_fields = ("address", "state_shown", "because", "since", "lifted", "lifted_by")
    change_form_outer_before_template = "crm/suppressed_address.html"
    pages = {"lift": "lift_page"}

    def may_look(self, user: User) -> bool:
        return policies.may_operate(user)

    def row_context(self, request: HttpRequest, row: SuppressedAddress) -> dict[str, Any]:
        returned = Bounce.objects.of(row.address).select_related("delivery")
        return {"returned": list(returned.order_by("-at")[:BOUNCES_SHOWN])}

    @admin.display(description=_("state"))
    def state_shown(self, row: SuppressedAddress) -> str:
        tone, words = (
            ("bad", _("No mail goes there"))
            if row.lifted_at is None
            else ("calm", _("Mail goes there again"))
        )
        return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, row: SuppressedAddress) -> str:
        return when(row.created_at)

    @admin.display(description=_("lifted at"))
    def lifted(self, row: SuppressedAddress) -> str:
        return when(row.lifted_at)

    def lift_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: suppression.lift(pk, by=viewer(request), at=self.now()),
            title=_("Let mail go to %(address)s again") % {"address": row.address},
            intro=_("What came back so far is not counted any more."),
            submit=_("Let mail go there again"),
            said=_("Mail goes to this address again."),
            back=self.url("change", pk),
        )
