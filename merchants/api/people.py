"""Endpoints about a person's data: consents, restricting, erasing, and reading in plain."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.components import ProblemItem
from crm.api.pages import Listing
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.errors import NotFound
from merchants.api import inputs
from merchants.api.shapes import CONSENT, CONTACT
from merchants.domain import consents, retention, unmasking
from merchants.domain.consents import Agreed
from merchants.models import Consent, Contact

CONSENTS = Listing(CONSENT, orderings=("created_at",), filters={})


class UnmaskedOut(serializers.Serializer[Any]):
    """A person's data in plain. Keep them nowhere."""

    full_name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    left_today = serializers.IntegerField()
    notices = ProblemItem(many=True)


class ContactUnmask(Door):
    @schema.writes(
        "contacts_unmask",
        "Read a person's data in plain",
        UnmaskedOut,
        tag="contacts",
        body=inputs.UnmaskIn,
        example={"reason": "call"},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """For a reason, which goes into the access log. The answer is kept nowhere, so this is the
        one POST that takes no Idempotency-Key: asking again is looking again."""
        shown = unmasking.unmask(pk, by=self.user, at=self.now(), **self.taken(inputs.UnmaskIn))
        return answer(
            {
                "full_name": shown.full_name,
                "phone": shown.phone,
                "email": shown.email,
                "left_today": shown.left,
                "notices": [
                    {"code": one.code, "detail": one.detail, "attr": one.attr}
                    for one in shown.notices
                ],
            },
            headers={"Cache-Control": "no-store"},
        )


class ContactRestrict(Door):
    shape = CONTACT

    @schema.writes(
        "contacts_restrict",
        "Only store a person's data from now on",
        CONTACT,
        tag="contacts",
        body=inputs.RestrictIn,
        example={"because": "requested"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        contact = retention.restrict(
            pk, by=self.user, at=self.now(), **self.taken(inputs.RestrictIn)
        )
        return self.show(Contact.objects.all(), pk, row=contact)


class ContactErase(Door):
    shape = CONTACT

    @schema.writes("contacts_erase", "Erase a person's data", CONTACT, tag="contacts")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        contact = retention.erase(pk, by=self.user, at=self.now())
        return self.show(Contact.objects.all(), pk, row=contact)


class ConsentList(Door):
    shape = CONSENT
    takes_parameters = True

    @schema.lists(
        "contacts_consents", "What a person agreed to", CONSENTS, tag="contacts", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        contact = Contact.objects.visible_to(self.user).filter(pk=pk).first()
        if contact is None:
            raise NotFound(_("There is no such row."))
        return CONSENTS.answer(request, Consent.objects.filter(contact=contact), self.user)

    @schema.writes(
        "contacts_consent",
        "Write down a consent",
        CONSENT,
        tag="contacts",
        body=inputs.ConsentIn,
        status=201,
        example={"purpose": "cooperation", "text_version": "2026-01", "channel": "paper"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.ConsentIn)
        consent = consents.give_consent(
            self.new_id(values), pk, Agreed(**values), by=self.user, at=self.now()
        )
        return self.show(Consent.objects.all(), consent.pk, status=201, row=consent)


class ConsentWithdraw(Door):
    shape = CONSENT

    @schema.writes("consents_withdraw", "Take a consent back", CONSENT, tag="contacts")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        consent = consents.withdraw_consent(pk, by=self.user, at=self.now())
        return self.show(Consent.objects.all(), pk, row=consent)
