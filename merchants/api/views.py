"""Endpoints about merchants, their outlets and contacts."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing, Relevance
from crm.api.views import Door, OneDoor, once
from crm.domain import organisation
from crm.errors import NotFound
from crm.models import Role
from merchants.api import inputs
from merchants.api.merging import missing
from merchants.api.shapes import CONTACT, MERCHANT, OUTLET
from merchants.api.timeline import TIMELINE, TimelineEntryOut
from merchants.domain import contacts, registration
from merchants.models import CategoryGroup, Contact, Merchant, Outlet, TimelineEntry, searching
from merchants.policies import WORKERS


def owner_of(text: str) -> UUID | str:
    """`me`, `none`, or somebody's id."""
    return text if text in ("me", "none") else id_of(text)


def owner_filter(rows: Any, value: UUID | str, user: Any) -> Any:
    """Rows of one owner, or of nobody."""
    if value == "none":
        return rows.filter(owner=None)
    return rows.filter(owner=user if value == "me" else value)


OWNER = Filter(
    owner_filter,
    parse=owner_of,
    pattern=r"^(me|none|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$",
    description="`me`, `none` or an id",
)
UNIT = Filter(
    lambda rows, value, user: rows.filter(unit__in=organisation.below(value)),
    parse=id_of,
    description="A unit, with everything below it",
)
SEARCH = Filter(
    lambda rows, value, user: rows.matching(value),
    description="Part of a name, pinyin, initials, credit code, the tail of a phone, or a word of "
    "the category's label; the best finds first unless another order is asked for",
    plan_anew=True,
)

MERCHANTS = Listing(
    MERCHANT,
    orderings=("created_at", "name_pinyin"),
    filters={
        "q": SEARCH,
        "owner": OWNER,
        "unit": UNIT,
        "category_group": Filter(
            lambda rows, values, user: rows.filter(category_group__in=values),
            parse=CategoryGroup,
            repeated=True,
        ),
        "mcc": Filter(lambda rows, values, user: rows.filter(category__in=values), repeated=True),
        "division": Filter(
            lambda rows, value, user: rows.filter(division__code__startswith=value),
            description="A GB/T 2260 code or its beginning",
        ),
    },
    relevance=Relevance("q", lambda rows, text: rows.best_first(text), searching.ORDER),
)
OUTLETS = Listing(OUTLET, orderings=("created_at",), filters={})
CONTACTS = Listing(CONTACT, orderings=("created_at",), filters={})


class MerchantList(Door):
    shape = MERCHANT
    takes_parameters = True

    @schema.lists("merchants_list", "Merchants that you may know of", MERCHANTS, tag="merchants")
    def get(self, request: Request) -> HttpResponse:
        return MERCHANTS.answer(request, Merchant.objects.visible_to(self.user), self.user)

    @schema.writes(
        "merchants_create",
        "Register a merchant",
        MERCHANT,
        tag="merchants",
        body=inputs.MerchantIn,
        status=201,
        example={"name": "海底捞火锅(徐家汇店)", "mcc": "5812", "division": "310104"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.MerchantIn)
        at = self.now()
        unit_id = values.pop("unit", None) or organisation.home(self.user, *WORKERS)
        merchant = registration.register(
            self.new_id(values),
            registration.Details(**values),
            unit_id=unit_id,
            owner=self.user if self.user.scope.holds(Role.REP) else None,
            by=self.user,
            at=at,
        )
        return self.show(Merchant.objects.all(), merchant.pk, status=201, row=merchant)


class MerchantOne(OneDoor):
    shape = MERCHANT
    model = Merchant

    @schema.reads("merchants_read", "One merchant", MERCHANT, tag="merchants")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        try:
            return self.show(self.rows(), pk)
        except NotFound:
            raise missing(pk, self.user) from None

    @schema.writes(
        "merchants_change",
        "Correct a merchant",
        MERCHANT,
        tag="merchants",
        body=inputs.MerchantPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        merchant = registration.correct(
            pk, self.taken(inputs.MerchantPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(Merchant.objects.all(), pk, row=merchant)


class MerchantTimeline(Door):
    takes_parameters = True

    @schema.lists(
        "merchants_timeline",
        "What happened with a merchant",
        TIMELINE,
        tag="merchants",
        row=TimelineEntryOut,
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return TIMELINE.answer(request, TimelineEntry.objects.filter(merchant=merchant), self.user)


def known_merchant(view: Door, pk: UUID) -> Merchant:
    """The merchant in the address, or the same 404 as for one that does not exist."""
    found = Merchant.objects.visible_to(view.user).filter(pk=pk).first()
    if found is None:
        raise missing(pk, view.user)
    return found


class OutletList(Door):
    shape = OUTLET
    takes_parameters = True

    @schema.lists("merchants_outlets", "Outlets of a merchant", OUTLETS, tag="outlets", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return OUTLETS.answer(request, Outlet.objects.filter(merchant=merchant), self.user)

    @schema.writes(
        "outlets_create",
        "Add an outlet",
        OUTLET,
        tag="outlets",
        body=inputs.OutletIn,
        status=201,
        example={"name": "人民广场店", "division": "310101", "address": "南京西路 1 号"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.OutletIn)
        outlet = contacts.open_outlet(
            self.new_id(values), pk, by=self.user, at=self.now(), **values
        )
        return self.show(Outlet.objects.all(), outlet.pk, status=201, row=outlet)


class OutletOne(OneDoor):
    shape = OUTLET
    model = Outlet

    @schema.reads("outlets_read", "One outlet", OUTLET, tag="outlets")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "outlets_change",
        "Correct an outlet",
        OUTLET,
        tag="outlets",
        body=inputs.OutletPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        outlet = contacts.change_outlet(
            pk, self.taken(inputs.OutletPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(Outlet.objects.all(), pk, row=outlet)


class ContactList(Door):
    shape = CONTACT
    takes_parameters = True

    @schema.lists(
        "merchants_contacts", "Contacts at a merchant", CONTACTS, tag="contacts", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return CONTACTS.answer(request, Contact.objects.filter(merchant=merchant), self.user)

    @schema.writes(
        "contacts_create",
        "Add a contact",
        CONTACT,
        tag="contacts",
        body=inputs.ContactIn,
        status=201,
        example={
            "full_name": "张三",
            "position": "店长",
            "phone": "138 0013 8000",
            "lawful_basis": "consent",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.ContactIn)
        contact = contacts.add_contact(
            self.new_id(values), pk, by=self.user, at=self.now(), **values
        )
        return self.show(Contact.objects.all(), contact.pk, status=201, row=contact)


class ContactOne(OneDoor):
    shape = CONTACT
    model = Contact

    @schema.reads("contacts_read", "One contact", CONTACT, tag="contacts")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "contacts_change",
        "Correct a contact",
        CONTACT,
        tag="contacts",
        body=inputs.ContactPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        contact = contacts.change_contact(
            pk, self.taken(inputs.ContactPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(Contact.objects.all(), pk, row=contact)
