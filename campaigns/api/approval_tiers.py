"""Endpoints about the tiers of approval: who must agree to which amounts."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api import approval_shapes as shapes
from campaigns.domain import approval_tiers
from campaigns.models import ApprovalTier
from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once

TIERS = Listing(
    shapes.TIER,
    orderings=("+created_at",),
    filters={
        "unit": Filter(lambda rows, value, user: rows.filter(unit=value), parse=id_of),
        "active": Filter(lambda rows, value, user: rows.filter(is_active=value), parse=flag_of),
    },
)
_COLUMNS = {"from": "from_fen", "below": "up_to_fen"}


class ApprovalTierList(Door):
    shape = shapes.TIER
    takes_parameters = True

    @schema.lists("approval_tiers_list", "Who must agree to which amounts", TIERS, tag="approvals")
    def get(self, request: Request) -> HttpResponse:
        return TIERS.answer(request, ApprovalTier.objects.visible_to(self.user), self.user)

    @schema.writes(
        "approval_tiers_create",
        "Set a tier for a unit and all below it that have none of their own",
        shapes.TIER,
        tag="approvals",
        body=shapes.TierIn,
        status=201,
        example={
            "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "from": "0.00",
            "below": "500000.00",
            "steps": ["branch_manager"],
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(shapes.TierIn)
        tier = approval_tiers.add(
            self.new_id(values),
            values["unit"],
            from_fen=values["from"],
            up_to_fen=values.get("below"),
            steps=values["steps"],
            by=self.user,
            at=self.now(),
        )
        return self.show(ApprovalTier.objects.all(), tier.pk, status=201, row=tier)


class ApprovalTierOne(OneDoor):
    shape = shapes.TIER
    model = ApprovalTier

    @schema.reads("approval_tiers_read", "One tier", shapes.TIER, tag="approvals")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "approval_tiers_change",
        "Change amounts or roles of a tier, or take it out of use",
        shapes.TIER,
        tag="approvals",
        body=shapes.TierPatch,
        if_match="required",
        example={"steps": ["branch_manager", "finance"]},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values: dict[str, Any] = {
            _COLUMNS.get(name, name): value for name, value in self.taken(shapes.TierPatch).items()
        }
        changed = approval_tiers.change(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(ApprovalTier.objects.all(), pk, row=changed)
