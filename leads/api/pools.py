"""Endpoints about the pools themselves: their limits and rules, kept by leaders."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from leads.api import pool_shapes as shapes
from leads.domain import pool
from leads.models import Pool

POOLS = Listing(
    shapes.POOL,
    orderings=("+name",),
    filters={
        "unit": Filter(lambda rows, value, user: rows.filter(unit=value), parse=id_of),
        "active": Filter(
            lambda rows, value, user: rows.filter(is_active=value),
            parse=flag_of,
        ),
    },
)


class PoolsList(Door):
    shape = shapes.POOL
    takes_parameters = True

    @schema.lists("pools_list", "The pools that you have to do with", POOLS, tag="pool")
    def get(self, request: Request) -> HttpResponse:
        return POOLS.answer(request, Pool.objects.visible_to(self.user), self.user)

    @schema.writes(
        "pools_create",
        "Open a pool at a unit, with a rule for every tier",
        shapes.POOL,
        tag="pool",
        body=shapes.PoolIn,
        status=201,
        example={
            "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "name": "徐汇餐饮公海",
            "category_groups": ["dining"],
            "divisions": ["310104"],
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(shapes.PoolIn)
        opened = pool.open_pool(
            self.new_id(values), values.pop("unit"), values, by=self.user, at=self.now()
        )
        return self.show(Pool.objects.all(), opened.pk, status=201, row=opened)


class PoolOne(OneDoor):
    shape = shapes.POOL
    model = Pool

    @schema.reads("pools_read", "One pool with its rules", shapes.POOL, tag="pool")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "pools_change",
        "Change a pool's limits, what it takes, or whether it is active",
        shapes.POOL,
        tag="pool",
        body=shapes.PoolPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(shapes.PoolPatch)
        changed = pool.change_pool(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(Pool.objects.all(), pk, row=changed)


class PoolRules(OneDoor):
    shape = shapes.POOL
    model = Pool

    @schema.writes(
        "pools_set_rule",
        "Say when leads of a tier go back to the pool",
        shapes.POOL,
        tag="pool",
        body=shapes.PoolRuleIn,
        example={"tier": "a", "quiet_working_days": 10, "resting_days": 60, "warning_days": 3},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(shapes.PoolRuleIn)
        pool.set_rule(pk, values.pop("tier"), values, by=self.user, at=self.now())
        return self.show(Pool.objects.all(), pk)
