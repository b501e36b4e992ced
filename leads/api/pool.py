"""Endpoints about the pool: what lies in it, claiming, returning, who had a lead, handing over."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from crm.locking import known
from crm.models import Job, User
from leads.api import pool_shapes as shapes
from leads.api.shapes import LEAD
from leads.domain import claiming, handover
from leads.models import Lead, LeadOwnership, Stage
from merchants.api.views import SEARCH, UNIT
from merchants.models import CategoryGroup, MerchantTier

POOLED = Listing(
    shapes.POOLED_LEAD,
    orderings=("pooled_at", "last_activity_at"),
    filters={
        "category_group": Filter(
            lambda rows, values, user: rows.filter(merchant__category_group__in=values),
            parse=CategoryGroup,
            repeated=True,
        ),
        "division": Filter(
            lambda rows, value, user: rows.filter(merchant__division__code__startswith=value),
            description="A GB/T 2260 code or its beginning",
        ),
        "stage": Filter(
            lambda rows, values, user: rows.in_stage(values), parse=Stage, repeated=True
        ),
        "tier": Filter(
            lambda rows, values, user: rows.filter(merchant__tier__in=values),
            parse=MerchantTier,
            repeated=True,
        ),
        "pool": Filter(lambda rows, value, user: rows.filter(pool=value), parse=id_of),
        "unit": UNIT,
        "pooled_since": Filter(
            lambda rows, value, user: rows.filter(pooled_at__gte=value),
            parse=moment_of,
            description="In the pool since this moment or later",
        ),
        "q": SEARCH,
    },
)
OWNERSHIPS = Listing(shapes.OWNERSHIP, orderings=("since",), filters={})


class PoolList(Door):
    shape = shapes.POOLED_LEAD
    takes_parameters = True

    @schema.lists("pool_list", "Leads that can be claimed; people are masked", POOLED, tag="pool")
    def get(self, request: Request) -> HttpResponse:
        return POOLED.answer(request, Lead.objects.claimable_by(self.user), self.user)


class PoolAllowance(Door):
    @schema.reads(
        "pool_allowance",
        "How many leads you may still claim today, pool by pool",
        shapes.AllowancesOut,
        tag="pool",
    )
    def get(self, request: Request) -> HttpResponse:
        mine = claiming.mine(self.user, at=self.now())
        return answer(
            {
                "pools": [
                    {
                        "pool": {
                            "id": one.pool.pk if not one.pool._state.adding else None,
                            "name": one.pool.name,
                        },
                        "claims_a_day": one.pool.claims_a_day,
                        "claims_left": one.claims_left,
                        "holding_cap": one.pool.holding_cap,
                        "held": one.held,
                        "cooldown_days": one.pool.cooldown_days,
                    }
                    for one in mine
                ]
            }
        )


class PoolClaim(OneDoor):
    shape = LEAD
    model = Lead

    @schema.writes("pool_claim", "Claim a lead from the pool", LEAD, tag="pool")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        lead = claiming.claim(pk, by=self.user, at=self.now())
        return self.show(Lead.objects.all(), pk, row=lead)


class LeadReturn(OneDoor):
    shape = LEAD
    model = Lead

    @schema.writes(
        "leads_return",
        "Return a lead to the pool; what was promised is cancelled",
        LEAD,
        tag="leads",
        body=shapes.ReturnIn,
        if_match="optional",
        example={"reason": "no_capacity", "because": "下月调岗"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(shapes.ReturnIn)
        lead = claiming.give_back(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Lead.objects.all(), pk, row=lead)


class LeadOwnerships(Door):
    takes_parameters = True

    @schema.lists(
        "leads_ownership",
        "Who had the lead, from when to when",
        OWNERSHIPS,
        tag="leads",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        if not Lead.objects.visible_to(self.user).filter(pk=pk).exists():
            raise NotFound(_("There is no such row."))
        return OWNERSHIPS.answer(request, LeadOwnership.objects.filter(lead=pk), self.user)


class ColleagueHandOver(Door):
    @schema.reads(
        "colleagues_hand_over_preview",
        "What a colleague has in hand, and would hand over",
        shapes.OpenWorkOut,
        tag="organisation",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        work = handover.preview(pk, by=self.user)
        return answer({"open": asdict(work), "job": _job(handover.last_job(pk))})

    @schema.writes(
        "colleagues_hand_over",
        "Move all that a colleague has in hand to another one, or into the pool",
        shapes.HandOverOut,
        tag="organisation",
        body=shapes.ColleagueHandOverIn,
        example={"to": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        given = self.taken(shapes.ColleagueHandOverIn).get("to")
        handover.preview(pk, by=self.user)
        to = known(User.objects.visible_to(self.user), given, attr="to") if given else None
        done = handover.hand_over(pk, to=to, by=self.user, at=self.now())
        return answer({"moved": asdict(done.moved), "job": _job(done.job)})


def _job(job: Job | None) -> dict[str, Any] | None:
    if job is None:
        return None
    return {
        "id": job.pk,
        "state": job.state,
        "rows_total": job.rows_total,
        "rows_done": job.rows_done,
    }
