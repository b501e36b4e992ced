"""Outlets: the list of shops, where they are, when they are open, and their numbers."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.forms import DayField, RoomForm
from crm.admin.site import viewer
from crm.models import User
from merchants import policies
from merchants.admin.forms import HoursField, NumberForm
from merchants.domain import identifiers, opening_hours, outlets
from merchants.models import Merchant, MerchantIdentifier, Outlet


class OutletForm(RoomForm):
    opening_hours = HoursField()


@admin.register(Outlet)
class OutletAdmin(RoomAdmin):
    form = OutletForm
    list_display = ("name", "merchant", "division", "address", "added")
    list_select_related = ("merchant", "division")
    search_fields = ("name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-created_at", "-id")
    change_fields = ("name", "division", "address", "latitude", "longitude", "opening_hours")
    shown_fields = ("merchant", "open_when")
    autocomplete_fields = ("division",)
    change_form_outer_before_template = "merchants/outlet.html"
    pages = {"number": "number_page"}

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Outlet) -> str:
        return when(row.created_at)

    @admin.display(description=pgettext_lazy("hours", "open"))
    def open_when(self, row: Outlet) -> str:
        return opening_hours.words(row.opening_hours) or "—"

    def may_change(self, user: User, row: Outlet) -> bool:
        return policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    def row_context(self, request: HttpRequest, row: Outlet) -> dict[str, Any]:
        return {
            "numbers": list(row.identifiers.order_by("-created_at", "-id")[:50]),
            "may_edit": policies.may_edit(viewer(request), row.merchant),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Outlet:
        given = form.cleaned_data
        changes = {name: given[name] for name in form.changed_data if name in self.change_fields}
        if chosen := changes.get("division"):
            changes["division"] = chosen.pk
        return outlets.change_outlet(
            row.pk, changes, by=viewer(request), at=self.now(), version=given["read_version"]
        )

    def number_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A merchant number of this outlet."""
        row = self.row_or_404(request, pk)

        def add(given: dict[str, Any]) -> MerchantIdentifier:
            return identifiers.register_identifier(
                given.pop("row_id"), pk, by=viewer(request), at=self.now(), **given
            )

        return self.verb_page(
            request,
            NumberForm(request.POST or None),
            add,
            title=_("Add a merchant number"),
            intro=row.name,
            submit=_("Add the number"),
            said=_("The number was added."),
            back=self.url("change", pk),
        )


class IdentifierForm(RoomForm):
    valid_from = DayField(label=_("Valid from"))
    valid_to = DayField(label=_("Valid to"), required=False)


@admin.register(MerchantIdentifier)
class IdentifierAdmin(RoomAdmin):
    form = IdentifierForm
    list_display = ("mid", "terminal", "acquirer", "outlet", "valid_from", "valid_to")
    list_select_related = ("outlet",)
    search_fields = ("mid",)
    search_help_text = _("Merchant number")
    ordering = ("-created_at", "-id")
    change_fields = ("acquirer", "mid", "terminal", "valid_from", "valid_to")
    shown_fields = ("outlet",)

    def may_change(self, user: User, row: MerchantIdentifier) -> bool:
        return policies.may_edit(user, row.outlet.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(mid=text.upper()) if text else queryset
        return found

    def write(
        self, request: HttpRequest, row: Any, form: Any, *, change: bool
    ) -> MerchantIdentifier:
        given = form.cleaned_data
        changes = {name: given[name] for name in form.changed_data if name in self.change_fields}
        return identifiers.change_identifier(
            row.pk, changes, by=viewer(request), at=self.now(), version=given["read_version"]
        )
