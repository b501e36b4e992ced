"""Endpoints about campaigns: planned, corrected, cloned, and taken from stage to stage."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns.api import campaign_inputs as inputs
from campaigns.api.campaign_shapes import CAMPAIGN, STEP, CampaignWaysOut, ways_out
from campaigns.domain import planning, running
from campaigns.models import Campaign, CampaignStage, Objective
from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound

CAMPAIGNS = Listing(
    CAMPAIGN,
    orderings=("starts_on", "ends_on", "created_at"),
    filters={
        "stage": Filter(
            lambda rows, values, user: rows.in_stage(*values), parse=CampaignStage, repeated=True
        ),
        "objective": Filter(
            lambda rows, values, user: rows.filter(objective__in=values),
            parse=Objective,
            repeated=True,
        ),
        "unit": Filter(lambda rows, value, user: rows.filter(unit=value), parse=id_of),
        "merchant": Filter(
            lambda rows, value, user: rows.filter(
                pk__in=Campaign.merchants.through.objects.filter(merchant_id=value).values(
                    "campaign_id"
                )
            ),
            parse=id_of,
        ),
        "fund": Filter(lambda rows, value, user: rows.filter(fund=value), parse=id_of),
    },
)
STEPS = Listing(STEP, orderings=("at",), filters={})


class CampaignList(Door):
    shape = CAMPAIGN
    takes_parameters = True

    @schema.lists("campaigns_list", "Campaigns that you may know of", CAMPAIGNS, tag="campaigns")
    def get(self, request: Request) -> HttpResponse:
        return CAMPAIGNS.answer(request, Campaign.objects.visible_to(self.user), self.user)

    @schema.writes(
        "campaigns_create",
        "Plan a campaign, as a draft",
        CAMPAIGN,
        tag="campaigns",
        body=inputs.CampaignIn,
        status=201,
        example=inputs.EXAMPLE,
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.CampaignIn)
        campaign_id = self.new_id(values)
        planned = planning.plan(
            campaign_id, **inputs.changes_of(values), by=self.user, at=self.now()
        )
        return self.show(Campaign.objects.all(), planned.pk, status=201, row=planned)


class CampaignOne(OneDoor):
    shape = CAMPAIGN
    model = Campaign

    @schema.reads("campaigns_read", "One campaign", CAMPAIGN, tag="campaigns")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "campaigns_change",
        "Change a draft, or what was returned",
        CAMPAIGN,
        tag="campaigns",
        body=inputs.CampaignPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = inputs.changes_of(self.taken(inputs.CampaignPatch))
        changed = planning.correct(pk, changes, by=self.user, at=self.now(), version=version)
        return self.show(Campaign.objects.all(), pk, row=changed)


class CampaignClone(OneDoor):
    shape = CAMPAIGN
    model = Campaign

    @schema.writes(
        "campaigns_clone",
        "Plan a campaign again, on other days",
        CAMPAIGN,
        tag="campaigns",
        body=inputs.CampaignCloneIn,
        status=201,
        example={"name": "一元洗头 第二期", "starts_on": "2027-03-01", "ends_on": "2027-05-31"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        known_campaign(self, pk)
        values = self.taken(inputs.CampaignCloneIn)
        cloned = planning.clone(self.new_id(values), pk, **values, by=self.user, at=self.now())
        return self.show(Campaign.objects.all(), cloned.pk, status=201, row=cloned)


class CampaignAdvance(OneDoor):
    shape = CAMPAIGN
    model = Campaign

    @schema.writes(
        "campaigns_advance",
        "Take a campaign to its next stage",
        CAMPAIGN,
        tag="campaigns",
        body=inputs.CampaignAdvanceIn,
        if_match="optional",
        example={"to": "paused", "because": "门店装修"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Submitting, returning and approving go through approval."""
        version = self.expected_version(required=False)
        values = self.taken(inputs.CampaignAdvanceIn)
        moved = running.advance(
            pk,
            to=CampaignStage(values["to"]),
            because=values.get("because", ""),
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(Campaign.objects.all(), pk, row=moved)


class CampaignWays(Door):
    @schema.reads(
        "campaigns_ways",
        "Where a campaign can go from here, and what is missing",
        CampaignWaysOut,
        tag="campaigns",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        campaign = known_campaign(self, pk)
        return answer(ways_out(running.ways(campaign, by=self.user, at=self.now())))


class CampaignSteps(Door):
    takes_parameters = True

    @schema.lists("campaigns_steps", "The steps of a campaign", STEPS, tag="campaigns", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return STEPS.answer(request, known_campaign(self, pk).steps.all(), self.user)


def known_campaign(view: Door, pk: UUID) -> Any:
    """The campaign, if the asking person may know of it."""
    found = Campaign.objects.visible_to(view.user).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found
