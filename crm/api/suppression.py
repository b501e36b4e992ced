"""Addresses that no mail goes to: listed and lifted by administrators."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of
from crm.api.pages import Filter, Listing
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, once
from crm.domain import suppression
from crm.models import SuppressedAddress

SUPPRESSED_ADDRESS = Shape(
    "SuppressedAddress",
    SuppressedAddress,
    id="id",
    version="version",
    address="address",
    because="because",
    lifted_at="lifted_at",
    lifted_by=Nested("lifted_by_id", {"id": "lifted_by_id", "name": "lifted_by__full_name"}),
    created_at="created_at",
    updated_at="updated_at",
)
SUPPRESSED_ADDRESSES = Listing(
    SUPPRESSED_ADDRESS,
    orderings=("created_at",),
    filters={
        "standing": Filter(
            lambda rows, value, user: rows.filter(lifted_at__isnull=value),
            parse=flag_of,
            description="`true` for those that no mail goes to now, `false` for lifted ones",
        )
    },
)


class SuppressedAddressList(Door):
    takes_parameters = True

    @schema.lists(
        "suppressed_addresses_list",
        "Addresses that no mail goes to, for administrators",
        SUPPRESSED_ADDRESSES,
        tag="notifications",
    )
    def get(self, request: Request) -> HttpResponse:
        rows = SuppressedAddress.objects.visible_to(self.user)
        return SUPPRESSED_ADDRESSES.answer(request, rows, self.user)


class SuppressedAddressLift(Door):
    shape = SUPPRESSED_ADDRESS

    @schema.writes(
        "suppressed_addresses_lift",
        "Let mail go to an address again",
        SUPPRESSED_ADDRESS,
        tag="notifications",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = suppression.lift(pk, by=self.user, at=self.now())
        return self.show(SuppressedAddress.objects.visible_to(self.user), pk, row=row)
