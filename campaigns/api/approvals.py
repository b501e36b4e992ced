"""Endpoints about approvals: submit, decide, delegate, and the tiers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns.api import approval_shapes as shapes
from campaigns.domain import approval_standing, approvals, delegations
from campaigns.models import ApprovalRequest, ApprovalState, Campaign, CampaignVersion, Delegation
from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound


def _mine(rows: Any, wanted: bool, user: Any) -> Any:
    mine = ApprovalRequest.objects.decidable_by(user, timezone.localdate()).values("pk")
    return rows.filter(pk__in=mine) if wanted else rows.exclude(pk__in=mine)


REQUESTS = Listing(
    shapes.REQUEST,
    orderings=("requested_at",),
    filters={
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "unit": Filter(lambda rows, value, user: rows.filter(campaign__unit=value), parse=id_of),
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=ApprovalState,
            repeated=True,
        ),
        "waits_for_me": Filter(
            _mine, parse=flag_of, description="Those that you may decide now, or all others"
        ),
    },
)
DELEGATIONS = Listing(
    shapes.DELEGATION,
    orderings=("first_day",),
    filters={
        "standing": Filter(
            lambda rows, value, user: (
                rows.standing(timezone.localdate())
                if value
                else rows.exclude(pk__in=rows.standing(timezone.localdate()).values("pk"))
            ),
            parse=flag_of,
        ),
    },
)


class CampaignSubmission(Door):
    @schema.reads(
        "campaigns_submission",
        "What a campaign lacks before it can be submitted, and who would have to agree",
        shapes.SubmissionOut,
        tag="approvals",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        campaign = Campaign.objects.visible_to(self.user).filter(pk=pk).first()
        if campaign is None:
            raise NotFound(_("There is no such row."))
        standing = approval_standing.of(campaign, at=self.now())
        return answer(
            {
                "ready": standing.ready,
                "missing": [
                    {"code": one.code, "detail": str(one.detail), "attr": one.attr}
                    for one in standing.missing
                ],
                "steps": [str(one) for one in standing.roles],
            }
        )


class CampaignSubmit(OneDoor):
    shape = shapes.REQUEST
    model = Campaign

    @schema.writes(
        "campaigns_submit",
        "Ask for a campaign to be approved; the bank's part is reserved",
        shapes.REQUEST,
        tag="approvals",
        body=shapes.SubmitIn,
        status=201,
        example={"said": "旺季前上线"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(shapes.SubmitIn)
        asked = approvals.submit(pk, by=self.user, at=self.now(), **values)
        return self.show(ApprovalRequest.objects.all(), asked.pk, status=201, row=asked)


class CampaignVersionSubmit(OneDoor):
    shape = shapes.REQUEST
    model = CampaignVersion

    @schema.writes(
        "campaign_versions_submit",
        "Ask for new terms of an approved campaign to take effect",
        shapes.REQUEST,
        tag="approvals",
        body=shapes.SubmitIn,
        status=201,
        example={"said": "商户加码"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(shapes.SubmitIn)
        asked = approvals.submit_version(pk, by=self.user, at=self.now(), **values)
        return self.show(ApprovalRequest.objects.all(), asked.pk, status=201, row=asked)


class ApprovalList(Door):
    takes_parameters = True

    @schema.lists("approvals_list", "Requests for approval", REQUESTS, tag="approvals")
    def get(self, request: Request) -> HttpResponse:
        return REQUESTS.answer(request, ApprovalRequest.objects.visible_to(self.user), self.user)


class ApprovalOne(OneDoor):
    shape = shapes.REQUEST
    model = ApprovalRequest

    @schema.reads("approvals_read", "One request with its steps", shapes.REQUEST, tag="approvals")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class ApprovalApprove(OneDoor):
    shape = shapes.REQUEST
    model = ApprovalRequest

    @schema.writes(
        "approvals_approve",
        "Agree to the step that waits",
        shapes.REQUEST,
        tag="approvals",
        body=shapes.ApproveIn,
        if_match="optional",
        example={"step": 1, "comment": "同意"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(shapes.ApproveIn)
        decided = approvals.approve(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(ApprovalRequest.objects.all(), pk, row=decided)


class ApprovalReturn(OneDoor):
    shape = shapes.REQUEST
    model = ApprovalRequest

    @schema.writes(
        "approvals_return",
        "Send it back, with what is to be corrected",
        shapes.REQUEST,
        tag="approvals",
        body=shapes.ApprovalReturnIn,
        if_match="optional",
        example={"step": 1, "comment": "请补充商户出资比例的依据"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(shapes.ApprovalReturnIn)
        decided = approvals.return_for_correction(
            pk, by=self.user, at=self.now(), version=version, **values
        )
        return self.show(ApprovalRequest.objects.all(), pk, row=decided)


class ApprovalWithdraw(OneDoor):
    shape = shapes.REQUEST
    model = ApprovalRequest

    @schema.writes(
        "approvals_withdraw",
        "Take a request back before it is settled",
        shapes.REQUEST,
        tag="approvals",
        body=shapes.WithdrawIn,
        if_match="optional",
        example={"because": "商户要改日期"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(shapes.WithdrawIn)
        decided = approvals.withdraw(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(ApprovalRequest.objects.all(), pk, row=decided)


class DelegationList(Door):
    shape = shapes.DELEGATION
    takes_parameters = True

    @schema.lists(
        "delegations_list", "Whose approvals are whose for some days", DELEGATIONS, tag="approvals"
    )
    def get(self, request: Request) -> HttpResponse:
        return DELEGATIONS.answer(request, Delegation.objects.visible_to(self.user), self.user)

    @schema.writes(
        "delegations_create",
        "Let a colleague decide your approvals for some days",
        shapes.DELEGATION,
        tag="approvals",
        body=shapes.DelegationIn,
        status=201,
        example={
            "to": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "first_day": "2026-12-01",
            "last_day": "2026-12-07",
            "because": "休假",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(shapes.DelegationIn)
        given = delegations.delegate(
            self.new_id(values), values.pop("to"), by=self.user, at=self.now(), **values
        )
        return self.show(Delegation.objects.all(), given.pk, status=201, row=given)


class DelegationEnd(OneDoor):
    shape = shapes.DELEGATION
    model = Delegation

    @schema.writes(
        "delegations_end",
        "Take a delegation back",
        shapes.DELEGATION,
        tag="approvals",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        ended = delegations.end(pk, by=self.user, at=self.now(), version=version)
        return self.show(Delegation.objects.all(), pk, row=ended)
