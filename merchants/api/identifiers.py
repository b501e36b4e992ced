"""Endpoints about the numbers under which acquirers know an outlet's tills."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api import schema
from crm.api.pages import Listing
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from merchants.api import inputs
from merchants.api.shapes import IDENTIFIER
from merchants.domain import identifiers
from merchants.models import MerchantIdentifier, Outlet

IDENTIFIERS = Listing(IDENTIFIER, orderings=("created_at",), filters={})


class IdentifierList(Door):
    shape = IDENTIFIER
    takes_parameters = True

    @schema.lists(
        "outlets_identifiers", "Numbers of an outlet", IDENTIFIERS, tag="outlets", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        outlet = Outlet.objects.visible_to(self.user).filter(pk=pk).first()
        if outlet is None:
            raise NotFound(_("There is no such row."))
        rows = MerchantIdentifier.objects.filter(outlet=outlet)
        return IDENTIFIERS.answer(request, rows, self.user)

    @schema.writes(
        "identifiers_create",
        "Add a merchant number",
        IDENTIFIER,
        tag="outlets",
        body=inputs.IdentifierIn,
        status=201,
        example={
            "acquirer": "银联商务",
            "mid": "898290058120001",
            "terminal": "29001234",
            "valid_from": "2026-11-01",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.IdentifierIn)
        identifier = identifiers.register_identifier(
            self.new_id(values), pk, by=self.user, at=self.now(), **values
        )
        return self.show(
            MerchantIdentifier.objects.all(), identifier.pk, status=201, row=identifier
        )


class IdentifierOne(OneDoor):
    shape = IDENTIFIER
    model = MerchantIdentifier

    @schema.writes(
        "identifiers_change",
        "Correct a merchant number",
        IDENTIFIER,
        tag="outlets",
        body=inputs.IdentifierPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        identifier = identifiers.change_identifier(
            pk, self.taken(inputs.IdentifierPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(MerchantIdentifier.objects.all(), pk, row=identifier)
