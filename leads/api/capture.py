"""Endpoints about new leads: captured in one go with their merchant, and whether they are valid."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, YuanField
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.domain import organisation
from crm.errors import NotFound
from crm.models import Role
from leads.api.shapes import LEAD
from leads.domain import capture, validity
from leads.models import Lead, LeadSource
from leads.models.validity import ValidityPart
from merchants.api.inputs import ConsentGiven
from merchants.domain.consents import Agreed
from merchants.domain.registration import Details
from merchants.models import ContactRole, LawfulBasis, LicenceStatus
from merchants.policies import WORKERS

_PERSON = ("full_name", "phone", "lawful_basis", "role", "position", "consent")


class CaptureIn(Input):
    id = ClientId()
    name = Line(help_text="The merchant's")
    mcc = Line(max_length=4, required=False, allow_blank=True)
    division = Line(max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code")
    credit_code = Line(max_length=32, required=False, allow_blank=True)
    licence_status = Choice(LicenceStatus.choices, required=False)
    licence_checked_on = Day(required=False, allow_null=True)
    licence_source = Line(max_length=100, required=False, allow_blank=True)
    source = Choice(LeadSource.choices, required=False)  # type: ignore[assignment]
    accessed_on = Day(required=False, allow_null=True, help_text="When the source was read")
    unit = Id(required=False, help_text="One's own unit if absent")
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")
    full_name = Line(max_length=100, required=False, allow_blank=True, help_text="Whom one met")
    phone = Line(max_length=40, required=False, allow_blank=True)
    lawful_basis = Choice(LawfulBasis.choices, required=False)
    role = Choice(ContactRole.choices, required=False)
    position = Line(max_length=100, required=False, allow_blank=True)
    consent = ConsentGiven(required=False)


class LeadCapture(Door):
    shape = LEAD

    @schema.writes(
        "leads_capture",
        "Register a merchant, whom one met there, and open the lead",
        LEAD,
        tag="leads",
        body=CaptureIn,
        status=201,
        example={
            "name": "南京大牌档(徐家汇店)",
            "mcc": "5812",
            "division": "310104",
            "full_name": "王五",
            "phone": "13800138000",
            "lawful_basis": "public",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """In one go or not at all. Who is known already is refused; a merchant of a similar name
        is said in the notices."""
        values = self.taken(CaptureIn)
        person = {name: values.pop(name) for name in _PERSON if name in values}
        if "consent" in person:
            person["consent"] = Agreed(**person["consent"])
        lead_id, unit_id = self.new_id(values), values.pop("unit", None)
        lead = capture.capture(
            lead_id,
            unit_id=unit_id or organisation.home(self.user, *WORKERS),
            owner=self.user if self.user.scope.holds(Role.REP) else None,
            source=values.pop("source", LeadSource.FIELD),
            expected_value_fen=values.pop("expected_value_fen", None),
            person=capture.Person(**person),
            details=Details(**values),
            by=self.user,
            at=self.now(),
        )
        return self.show(Lead.objects.all(), lead.pk, status=201, row=lead)


class InvalidPart(serializers.Serializer[Any]):
    part = serializers.ChoiceField(ValidityPart.choices)
    detail = serializers.CharField()


class ValidityOut(serializers.Serializer[Any]):
    """Whether a lead counts as valid, and what it lacks."""

    valid = serializers.BooleanField()
    missing = InvalidPart(many=True)


class LeadValidity(Door):
    @schema.reads("leads_validity", "Is this lead valid", ValidityOut, tag="leads", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Its merchant's code, licence, category and source are on file, and it has no twin."""
        leads = Lead.objects.visible_to(self.user).select_related("merchant")
        lead = leads.filter(pk=pk).first()
        if lead is None:
            raise NotFound(_("There is no such row."))
        missing = validity.missing(lead)
        return answer(
            {
                "valid": not missing,
                "missing": [
                    {"part": part, "detail": str(validity.MISSING[part])} for part in missing
                ],
            }
        )
