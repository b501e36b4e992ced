"""Merchants: found, registered, corrected, with their people, shops and history."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import when
from crm.admin.filters import OwnerFilter, UnitFilter, choices_of
from crm.admin.forms import ChoiceField, MakingForm, RoomForm, TextField
from crm.admin.site import viewer
from crm.models import OrgUnit, Role, User
from merchants import policies
from merchants.admin import stream
from merchants.admin.merchant_pages import MerchantPages
from merchants.admin.merging import DuplicatePages
from merchants.domain import contacts, registration
from merchants.models import (
    CategoryGroup,
    Contact,
    LawfulBasis,
    Merchant,
    MerchantSource,
    Outlet,
    searching,
)
from merchants.policies import WORKERS

BESIDE = 20
"""How many contacts and outlets a merchant's page shows before it points to their lists."""


def units_of(user: User) -> QuerySet[OrgUnit]:
    """The units that somebody may register merchants for, the highest first."""
    return OrgUnit.objects.filter(pk__in=user.scope.under(frozenset(WORKERS))).order_by(
        "ancestors__len", "name"
    )


class MerchantForm(RoomForm):
    fields_of = {"mcc": "category", "unit": "unit"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(unit := self.fields.get("unit"), ModelChoiceField):
            unit.queryset = units_of(self.viewer)
            unit.initial = unit.queryset.first()
            unit.empty_label = None


class ContactForm(MakingForm):
    full_name = TextField(label=_("Full name"), max_length=100)
    position = TextField(label=_("Position"), max_length=100, required=False)
    phone = TextField(label=_("Phone"), max_length=40, required=False)
    lawful_basis = ChoiceField(
        label=_("Lawful basis"),
        choices=LawfulBasis.choices,
        help_text=_("Why we may hold this person's data."),
    )


class OutletForm(MakingForm):
    name = TextField(label=_("Name"), max_length=200)
    division = TextField(
        label=_("District code"),
        max_length=6,
        required=False,
        help_text=_("Six digits, for example 310104; empty: the merchant's own."),
    )
    address = TextField(label=_("Address"), max_length=300, required=False)


@admin.register(Merchant)
class MerchantAdmin(MerchantPages, DuplicatePages):
    form = MerchantForm
    list_display = ("name", "category_group", "division", "unit", "owner", "added")
    list_filter = (
        choices_of("category_group", _("category group"), CategoryGroup),
        UnitFilter,
        OwnerFilter,
        choices_of("source", _("source"), MerchantSource),
    )
    list_select_related = ("division", "unit", "owner")
    search_fields = ("name",)
    search_help_text = _("Name, pinyin, initials, credit code, phone tail")
    ordering = ("-created_at", "-id")
    quick_filters = ((_("All"), ""), (_("Mine"), "owner=me"), (_("In the pool"), "owner=none"))
    add_fields = (
        "name",
        "legal_name",
        "credit_code",
        "category",
        "division",
        "source",
        "unit",
    )
    change_fields = ("name", "legal_name", "credit_code", "category", "division", "source")
    shown_fields = ("category_group", "unit", "owner")
    autocomplete_fields = ("category", "division")
    change_form_outer_before_template = "merchants/head.html"
    change_form_outer_after_template = "crm/timeline.html"
    pages = {
        "add-contact": "contact_page",
        "add-outlet": "outlet_page",
        "merge": "merge_page",
        **MerchantPages.merchant_pages,
    }

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Merchant) -> str:
        return when(row.created_at)

    def may_add(self, user: User) -> bool:
        return bool(user.scope.under(frozenset(WORKERS)))

    def may_change(self, user: User, row: Merchant) -> bool:
        return policies.may_edit(user, row)

    def found(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any] | None:
        return queryset

    def tiers(self, queryset: Any, text: str) -> list[QuerySet[Any]]:
        return [tier.order_by(searching.ORDER, "pk") for tier in queryset.best_first(text)]

    def row_context(self, request: HttpRequest, row: Merchant) -> dict[str, Any]:
        me = viewer(request)
        people = row.contacts.order_by("-created_at", "-id")[: BESIDE + 1]
        shops = row.outlets.select_related("division").order_by("-created_at", "-id")
        return {
            "contacts": list(people)[:BESIDE],
            "outlets": list(shops[: BESIDE + 1])[:BESIDE],
            "may_edit": policies.may_edit(me, row),
            "may_register_partnership": policies.may_manage(me, row),
            "stream": stream.of(row.pk, me, before=request.GET.get("before", "")),
            **self.duplicates_context(request, row),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Merchant:
        given, me = form.cleaned_data, viewer(request)
        details = {
            "name": given["name"],
            "legal_name": given["legal_name"],
            "credit_code": given["credit_code"] or "",
            "mcc": given["category"].pk if given["category"] else "",
            "division": given["division"].pk if given["division"] else "",
            "source": given["source"],
        }
        if not change:
            self.look_first(request, registration.Details(**details))
            return registration.register(
                row.pk,
                registration.Details(**details),
                unit_id=given["unit"].pk,
                owner=me if me.scope.holds(Role.REP) else None,
                by=me,
                at=self.now(),
            )
        names = {"category": "mcc"}
        changed = {names.get(name, name) for name in form.changed_data} & details.keys()
        return registration.correct(
            row.pk,
            {name: details[name] for name in changed},
            by=me,
            at=self.now(),
            version=given["read_version"],
        )

    def contact_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def add(given: dict[str, Any]) -> Contact:
            return contacts.add_contact(
                given.pop("row_id"), row.pk, by=viewer(request), at=self.now(), **given
            )

        return self.verb_page(
            request,
            ContactForm(request.POST or None),
            add,
            title=_("Add a contact"),
            intro=row.name,
            submit=_("Add the contact"),
            said=_("The contact was added."),
            back=self.url("change", pk),
        )

    def outlet_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def add(given: dict[str, Any]) -> Outlet:
            given["division"] = given["division"] or row.division_id or ""
            return contacts.open_outlet(
                given.pop("row_id"), row.pk, by=viewer(request), at=self.now(), **given
            )

        return self.verb_page(
            request,
            OutletForm(request.POST or None),
            add,
            title=_("Add an outlet"),
            intro=row.name,
            submit=_("Add the outlet"),
            said=_("The outlet was added."),
            back=self.url("change", pk),
        )
