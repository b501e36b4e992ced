"""Contacts and outlets: the lists of people and shops."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.forms import RoomForm, TextField
from crm.admin.site import viewer
from crm.models import User
from merchants import policies
from merchants.domain import contacts
from merchants.models import Contact, LawfulBasis, Merchant, Outlet


class ContactForm(RoomForm):
    """The stored phone is shown masked; a new one is typed whole."""

    fields_of = {"phone": "new_phone"}
    new_phone = TextField(
        label=_("New phone"),
        max_length=40,
        required=False,
        help_text=_("Leave it empty to keep the present one."),
    )


@admin.register(Contact)
class ContactAdmin(RoomAdmin):
    form = ContactForm
    list_display = ("full_name", "merchant", "position", "phone_shown", "lawful_basis", "added")
    list_filter = (choices_of("lawful_basis", _("lawful basis"), LawfulBasis),)
    list_select_related = ("merchant",)
    search_fields = ("full_name",)
    search_help_text = _("Name, merchant, phone tail")
    ordering = ("-created_at", "-id")
    change_fields = ("full_name", "position", "new_phone", "lawful_basis", "do_not_contact")
    shown_fields = ("merchant", "phone_shown", "retain_until")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return tuple(name for name in fields if name != "new_phone")

    @admin.display(description=_("phone"))
    def phone_shown(self, row: Contact) -> str:
        return row.masked_phone or "—"

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Contact) -> str:
        return when(row.created_at)

    def may_change(self, user: User, row: Contact) -> bool:
        return policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        named = Contact.objects.filter(full_name=text).values("pk")
        at_merchant = Contact.objects.filter(merchant__in=Merchant.objects.matching(text))
        # One IN over a union, because OR between two tables would read them both whole.
        found: QuerySet[Any] = queryset.filter(pk__in=named.union(at_merchant.values("pk")))
        return found

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Contact:
        given = dict(form.cleaned_data)
        version, phone = given.pop("read_version"), given.pop("new_phone")
        if phone:
            given["phone"] = phone
        return contacts.change_contact(
            row.pk, given, by=viewer(request), at=self.now(), version=version
        )


@admin.register(Outlet)
class OutletAdmin(RoomAdmin):
    list_display = ("name", "merchant", "division", "address", "added")
    list_select_related = ("merchant", "division")
    search_fields = ("name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-created_at", "-id")
    change_fields = ("name", "division", "address")
    shown_fields = ("merchant",)
    autocomplete_fields = ("division",)

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Outlet) -> str:
        return when(row.created_at)

    def may_change(self, user: User, row: Outlet) -> bool:
        return policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Outlet:
        given = dict(form.cleaned_data)
        version = given.pop("read_version")
        given["division"] = given["division"].pk if given["division"] else ""
        return contacts.change_outlet(
            row.pk, given, by=viewer(request), at=self.now(), version=version
        )
