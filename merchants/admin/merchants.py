"""Merchants: found, registered, corrected, with their people, shops and history."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import when
from crm.admin.filters import OwnerFilter, UnitFilter, choices_of
from crm.admin.forms import DayField, RoomForm, YuanField
from crm.admin.site import viewer
from crm.models import OrgUnit, Role, User
from crm.presentation import money
from merchants import policies
from merchants.admin import stream
from merchants.admin.forms import AcceptCodeForm, NewContactForm, NewOutletForm
from merchants.admin.merchant_pages import MerchantPages
from merchants.admin.merging import DuplicatePages
from merchants.domain import contacts, outlets, registration
from merchants.domain.consents import Agreed
from merchants.models import (
    CategoryGroup,
    Contact,
    ContactRole,
    DecisionPower,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantSource,
    MerchantTier,
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


FIELDSETS = (
    (
        _("Identity"),
        (
            "name",
            "brand",
            "legal_name",
            "legal_form",
            "credit_code",
            "credit_code_override",
            "parent",
        ),
    ),
    (_("Licence"), ("licence_status", "licence_checked_on", "licence_source")),
    (_("Business"), ("category", "division", "tier", "monthly_turnover")),
    (_("Source"), ("source", "accessed_on", "unit")),
)


class MerchantForm(RoomForm):
    fields_of = {"mcc": "category", "unit": "unit"}
    licence_checked_on = DayField(label=_("Licence checked on"), required=False)
    accessed_on = DayField(
        label=_("Source read on"),
        required=False,
        help_text=_("For a public registry: the day on which it was read."),
    )
    monthly_turnover = YuanField(
        label=_("Monthly turnover"), required=False, help_text=_("In yuan.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("legal_form", "licence_status"):
            if name in self.fields:
                self.fields[name].required = False
        fen = self.instance.monthly_turnover_fen
        if "monthly_turnover" in self.fields:
            self.fields["monthly_turnover"].initial = None if fen is None else f"{fen / 100:.2f}"
        if isinstance(head := self.fields.get("parent"), ModelChoiceField):
            # A chain's head that lies elsewhere stays what it is when the form is sent.
            seen = Merchant.objects.visible_to(self.viewer).values("pk")
            head.queryset = Merchant.objects.filter(Q(pk__in=seen) | Q(pk=self.instance.parent_id))
        if isinstance(unit := self.fields.get("unit"), ModelChoiceField):
            unit.queryset = units_of(self.viewer)
            unit.initial = unit.queryset.first()
            unit.empty_label = None


@admin.register(Merchant)
class MerchantAdmin(MerchantPages, DuplicatePages):
    form = MerchantForm
    list_display = ("name", "category_group", "division", "unit", "owner", "added")
    list_filter = (
        choices_of("category_group", _("category group"), CategoryGroup),
        UnitFilter,
        OwnerFilter,
        choices_of("source", _("source"), MerchantSource),
        choices_of("licence_status", _("licence status"), LicenceStatus),
        choices_of("tier", _("tier"), MerchantTier),
    )
    list_select_related = ("division", "unit", "owner")
    search_fields = ("name",)
    search_help_text = _("Name, pinyin, initials, credit code, phone tail")
    ordering = ("-created_at", "-id")
    quick_filters = ((_("All"), ""), (_("Mine"), "owner=me"), (_("In the pool"), "owner=none"))
    shown_fields = ("category_group", "owner")
    autocomplete_fields = ("category", "division", "parent")
    change_form_outer_before_template = "merchants/head.html"
    change_form_outer_after_template = "crm/timeline.html"
    pages = {
        "add-contact": "contact_page",
        "add-outlet": "outlet_page",
        "accept-code": "code_page",
        "merge": "merge_page",
        **MerchantPages.merchant_pages,
    }

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Merchant) -> str:
        return when(row.created_at)

    @admin.display(description=_("monthly turnover"))
    def monthly_turnover(self, row: Merchant) -> str:
        fen = row.monthly_turnover_fen
        return "—" if fen is None else money(fen)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A unit is chosen once; who may not accept a code is not asked why."""
        scope = viewer(request).scope
        hidden = set() if scope.holds(Role.BRANCH_MANAGER) or obj else {"credit_code_override"}
        return [
            (words, {"fields": [name for name in names if name not in hidden]})
            for words, names in FIELDSETS
        ] + ([(None, {"fields": self.shown_fields})] if obj else [])

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(
            name
            for _words, options in self.get_fieldsets(request, obj)
            for name in options["fields"]
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        overrides = policies.may_override_credit_code(viewer(request), obj.unit_id)
        code = () if overrides else ("credit_code_override",)
        return (*self.shown_fields, "unit", *code)

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
            "may_override": policies.may_override_credit_code(me, row.unit_id),
            "may_register_partnership": policies.may_manage(me, row),
            "stream": stream.of(row.pk, me, before=request.GET.get("before", "")),
            **self.duplicates_context(request, row),
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Merchant:
        given, me = form.cleaned_data, viewer(request)
        details = {
            name: given[name]
            for name in ("name", "brand", "legal_name", "licence_source", "source", "tier")
        } | {
            "legal_form": given["legal_form"] or LegalForm.LEGAL_ENTITY,
            "credit_code": given["credit_code"] or "",
            "credit_code_override": given.get("credit_code_override", ""),
            "licence_status": given["licence_status"] or LicenceStatus.UNKNOWN,
            "licence_checked_on": given["licence_checked_on"],
            "mcc": given["category"].pk if given["category"] else "",
            "division": given["division"].pk if given["division"] else "",
            "accessed_on": given["accessed_on"],
            "parent": given["parent"].pk if given["parent"] else None,
            "monthly_turnover_fen": given["monthly_turnover"],
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
        names = {"category": "mcc", "monthly_turnover": "monthly_turnover_fen"}
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
            agreed = {name: given.pop(name) for name in ("text_version", "channel")}
            by_consent = given["lawful_basis"] == LawfulBasis.CONSENT
            given["role"] = given["role"] or ContactRole.OTHER
            given["decision_power"] = given["decision_power"] or DecisionPower.UNKNOWN
            return contacts.add_contact(
                given.pop("row_id"),
                row.pk,
                consent=Agreed(**{k: v for k, v in agreed.items() if v}) if by_consent else None,
                by=viewer(request),
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            NewContactForm(request.POST or None),
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
            chosen = given["division"]
            given["division"] = chosen.pk if chosen else row.division_id or ""
            return outlets.open_outlet(
                given.pop("row_id"), row.pk, by=viewer(request), at=self.now(), **given
            )

        return self.verb_page(
            request,
            NewOutletForm(request.POST or None),
            add,
            title=_("Add an outlet"),
            intro=row.name,
            submit=_("Add the outlet"),
            said=_("The outlet was added."),
            back=self.url("change", pk),
        )

    def code_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A credit code that does not pass the check, accepted with a reason."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            AcceptCodeForm(request.POST or None),
            lambda given: registration.correct(row.pk, given, by=me, at=self.now()),
            title=_("Accept a credit code"),
            intro=row.name,
            submit=_("Accept the code"),
            said=_("The code was accepted."),
            back=self.url("change", pk),
        )
