"""Endpoints about funds: opened, filled, changed, closed."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api import fund_inputs as inputs
from campaigns.api.fund_shapes import FUND
from campaigns.domain import funds
from campaigns.models import Fund
from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once

FUNDS = Listing(
    FUND,
    orderings=("starts_on",),
    filters={
        "unit": Filter(lambda rows, value, user: rows.filter(unit=value), parse=id_of),
        "open": Filter(
            lambda rows, value, user: rows.filter(closed_at__isnull=value), parse=flag_of
        ),
    },
)


class FundList(Door):
    shape = FUND
    takes_parameters = True

    @schema.lists("funds_list", "Funds of your units and of those above", FUNDS, tag="funds")
    def get(self, request: Request) -> HttpResponse:
        return FUNDS.answer(request, Fund.objects.visible_to(self.user), self.user)

    @schema.writes(
        "funds_create",
        "Open a fund",
        FUND,
        tag="funds",
        body=inputs.FundIn,
        status=201,
        example={
            "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "name": "2027 年营销基金",
            "starts_on": "2027-01-01",
            "ends_on": "2027-12-31",
            "cap": "1000000.00",
            "tolerance_basis_points": 500,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = _columns(self.taken(inputs.FundIn))
        fund_id, unit_id = self.new_id(values), values.pop("unit")
        opened = funds.open_fund(fund_id, unit_id=unit_id, **values, by=self.user, at=self.now())
        return self.show(Fund.objects.all(), opened.pk, status=201, row=opened)


class FundOne(OneDoor):
    shape = FUND
    model = Fund

    @schema.reads("funds_read", "One fund, with what it has left", FUND, tag="funds")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "funds_change",
        "Rename or extend a fund, change its cap",
        FUND,
        tag="funds",
        body=inputs.FundPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = _columns(self.taken(inputs.FundPatch))
        changed = funds.correct(pk, **changes, by=self.user, at=self.now(), version=version)
        return self.show(Fund.objects.all(), pk, row=changed)


class FundAllocate(OneDoor):
    shape = FUND
    model = Fund

    @schema.writes(
        "funds_allocate",
        "Put money into a fund",
        FUND,
        tag="funds",
        body=inputs.AllocationIn,
        example={"amount": "200000.00", "because": "一季度预算"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.AllocationIn)
        movement_id, amount = self.new_id(values), values.pop("amount")
        filled = funds.allocate(
            pk, amount, movement_id=movement_id, **values, by=self.user, at=self.now()
        )
        return self.show(Fund.objects.all(), pk, row=filled)


class FundChangeAllocation(OneDoor):
    shape = FUND
    model = Fund

    @schema.writes(
        "funds_change_allocation",
        "Set what a fund holds, naming what it holds now",
        FUND,
        tag="funds",
        body=inputs.AllocationChangeIn,
        example={"to": "150000.00", "expected": "200000.00", "because": "预算调减"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.AllocationChangeIn)
        changed = funds.change_allocation(
            pk,
            to_fen=values["to"],
            expected_fen=values["expected"],
            because=values["because"],
            by=self.user,
            at=self.now(),
        )
        return self.show(Fund.objects.all(), pk, row=changed)


class FundClose(OneDoor):
    shape = FUND
    model = Fund

    @schema.writes(
        "funds_close",
        "Close a fund",
        FUND,
        tag="funds",
        body=inputs.BecauseIn,
        example={"because": "年度结束"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        closed = funds.close(pk, **self.taken(inputs.BecauseIn), by=self.user, at=self.now())
        return self.show(Fund.objects.all(), pk, row=closed)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """As the domain names them: sums say that they are fen."""
    if "cap" in values:
        values["cap_fen"] = values.pop("cap")
    return values
