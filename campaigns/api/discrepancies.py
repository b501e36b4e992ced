"""Endpoints of the queue: what waits, given to somebody, tried again, resolved, dismissed."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from campaigns.api.redemption_shapes import DISCREPANCY
from campaigns.domain import discrepancies, intake
from campaigns.models import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from crm.api import schema
from crm.api.inputs import Choice, Id, Input, Words, flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once

DISCREPANCIES = Listing(
    DISCREPANCY,
    orderings=("+due_on",),
    filters={
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=DiscrepancyState,
            repeated=True,
        ),
        "code": Filter(
            lambda rows, values, user: rows.filter(code__in=values),
            parse=DiscrepancyCode,
            repeated=True,
        ),
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "intake": Filter(lambda rows, value, user: rows.filter(intake=value), parse=id_of),
        "statement": Filter(lambda rows, value, user: rows.filter(statement_id=value), parse=id_of),
        "owner": Filter(lambda rows, value, user: rows.filter(owner=value), parse=id_of),
        "overdue": Filter(
            lambda rows, value, user: rows.overdue(timezone.localdate()) if value else rows,
            parse=flag_of,
        ),
    },
)


class DiscrepancyAssignIn(Input):
    owner = Id()


class DiscrepancyResolveIn(Input):
    resolution = Choice(DiscrepancyResolution.choices)
    note = Words(max_length=500, required=False, allow_blank=True)


class DiscrepancyDismissIn(Input):
    note = Words(max_length=500)


class DiscrepancyList(Door):
    shape = DISCREPANCY
    takes_parameters = True

    @schema.lists(
        "discrepancies_list",
        "What somebody has to look at",
        DISCREPANCIES,
        tag="discrepancies",
    )
    def get(self, request: Request) -> HttpResponse:
        return DISCREPANCIES.answer(request, Discrepancy.objects.visible_to(self.user), self.user)


class DiscrepancyOne(OneDoor):
    shape = DISCREPANCY
    model = Discrepancy

    @schema.reads("discrepancies_read", "One discrepancy", DISCREPANCY, tag="discrepancies")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class DiscrepancyAssign(OneDoor):
    shape = DISCREPANCY
    model = Discrepancy

    @schema.writes(
        "discrepancies_assign",
        "Give it to a colleague",
        DISCREPANCY,
        tag="discrepancies",
        body=DiscrepancyAssignIn,
        if_match="optional",
        example={"owner": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(DiscrepancyAssignIn)
        row = discrepancies.assign(
            pk, owner_id=values["owner"], by=self.user, at=self.now(), version=version
        )
        return self.show(Discrepancy.objects.all(), pk, row=row)


class DiscrepancyRetry(OneDoor):
    shape = DISCREPANCY
    model = Discrepancy

    @schema.writes(
        "discrepancies_retry",
        "Take its row in once more",
        DISCREPANCY,
        tag="discrepancies",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """It lands and is resolved, or says anew what is wrong."""
        version = self.expected_version(required=False)
        row = intake.retry(pk, by=self.user, at=self.now(), version=version)
        return self.show(Discrepancy.objects.all(), pk, row=row)


class DiscrepancyResolve(OneDoor):
    shape = DISCREPANCY
    model = Discrepancy

    @schema.writes(
        "discrepancies_resolve",
        "Say how it was settled",
        DISCREPANCY,
        tag="discrepancies",
        body=DiscrepancyResolveIn,
        if_match="optional",
        example={"resolution": "corrected"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(DiscrepancyResolveIn)
        row = discrepancies.resolve(pk, **values, by=self.user, at=self.now(), version=version)
        return self.show(Discrepancy.objects.all(), pk, row=row)


class DiscrepancyDismiss(OneDoor):
    shape = DISCREPANCY
    model = Discrepancy

    @schema.writes(
        "discrepancies_dismiss",
        "Nothing is to be paid for it, and why",
        DISCREPANCY,
        tag="discrepancies",
        body=DiscrepancyDismissIn,
        if_match="optional",
        example={"note": "商户录错金额"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(DiscrepancyDismissIn)
        row = discrepancies.dismiss(pk, **values, by=self.user, at=self.now(), version=version)
        return self.show(Discrepancy.objects.all(), pk, row=row)
