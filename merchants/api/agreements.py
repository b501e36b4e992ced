"""Endpoints about agreements: drafted, signed, amended, ended."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.pages import Listing
from crm.api.views import Door, OneDoor, once
from merchants.api import partnership_inputs as inputs
from merchants.api.partnership_shapes import AGREEMENT
from merchants.api.partnerships import known_partnership
from merchants.domain import agreements
from merchants.models import Agreement

AGREEMENTS = Listing(AGREEMENT, orderings=("created_at",), filters={})


class AgreementList(Door):
    shape = AGREEMENT
    takes_parameters = True

    @schema.lists(
        "partnerships_agreements",
        "Agreements of a partnership, with their versions",
        AGREEMENTS,
        tag="agreements",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = known_partnership(self, pk)
        return AGREEMENTS.answer(request, Agreement.objects.filter(partnership=found), self.user)

    @schema.writes(
        "agreements_create",
        "Draft an agreement",
        AGREEMENT,
        tag="agreements",
        body=inputs.AgreementIn,
        status=201,
        example={
            "number": "SH-2027-0009",
            "starts_on": "2027-03-01",
            "ends_on": "2028-02-29",
            "bank_signatory": "周伯言",
            "merchant_signatory": "张三",
            "settlement_days": 30,
            "settlement_basis": "statement",
            "notice_days": 30,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.AgreementIn)
        agreement_id, number = self.new_id(values), values.pop("number")
        drafted = agreements.draft(
            agreement_id,
            pk,
            number=number,
            terms=inputs.terms_of(values),
            by=self.user,
            at=self.now(),
        )
        return self.show(Agreement.objects.all(), drafted.pk, status=201, row=drafted)


class AgreementOne(OneDoor):
    shape = AGREEMENT
    model = Agreement

    @schema.reads(
        "agreements_read", "One agreement, with its versions", AGREEMENT, tag="agreements"
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "agreements_change",
        "Change the draft of an agreement",
        AGREEMENT,
        tag="agreements",
        body=inputs.AgreementPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = inputs.changes_of(self.taken(inputs.AgreementPatch))
        changed = agreements.change_draft(pk, changes, by=self.user, at=self.now(), version=version)
        return self.show(Agreement.objects.all(), pk, row=changed)


class AgreementSign(OneDoor):
    shape = AGREEMENT
    model = Agreement

    @schema.writes(
        "agreements_sign",
        "Put the draft into force",
        AGREEMENT,
        tag="agreements",
        body=inputs.SignIn,
        if_match="optional",
        example={"document": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = inputs.changes_of(self.taken(inputs.SignIn))
        signed = agreements.sign(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Agreement.objects.all(), pk, row=signed)


class AgreementAmend(OneDoor):
    shape = AGREEMENT
    model = Agreement

    @schema.writes(
        "agreements_amend",
        "Draft the next version of a signed agreement",
        AGREEMENT,
        tag="agreements",
        body=inputs.AgreementPatch,
        if_match="optional",
        example={"starts_on": "2026-12-01", "settlement_days": 45},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        changes = inputs.changes_of(self.taken(inputs.AgreementPatch))
        drafted = agreements.amend(pk, changes, by=self.user, at=self.now(), version=version)
        return self.show(Agreement.objects.all(), pk, row=drafted)


class AgreementEnd(OneDoor):
    shape = AGREEMENT
    model = Agreement

    @schema.writes(
        "agreements_end",
        "End a signed agreement before its time",
        AGREEMENT,
        tag="agreements",
        body=inputs.EndIn,
        if_match="optional",
        example={"last_day": "2026-12-31", "because": "商户歇业"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.EndIn)
        ended = agreements.end(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Agreement.objects.all(), pk, row=ended)
