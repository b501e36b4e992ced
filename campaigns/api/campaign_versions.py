"""Endpoints about the versions of a campaign's terms, and about its go-live checklist."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from campaigns.api import campaign_inputs as inputs
from campaigns.api.campaign_shapes import (
    CAMPAIGN,
    GO_LIVE_ITEM,
    VERSION,
    CampaignDifferencesOut,
    differences_out,
)
from campaigns.api.campaigns import known_campaign
from campaigns.domain import amending, campaign_terms, go_live
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import Campaign, CampaignVersion, GoLiveItem, GoLiveKind, VersionState
from crm.api import schema
from crm.api.inputs import flag_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from crm.models import Row

VERSIONS = Listing(
    VERSION,
    orderings=("created_at",),
    filters={
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=VersionState,
            repeated=True,
        )
    },
)
GO_LIVE = Listing(
    GO_LIVE_ITEM,
    orderings=("created_at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=GoLiveKind,
            repeated=True,
        ),
        "done": Filter(
            lambda rows, value, user: rows.done() if value else rows.open(), parse=flag_of
        ),
    },
)


class CampaignVersions(OneDoor):
    shape = VERSION
    model = Campaign
    takes_parameters = True

    @schema.lists(
        "campaigns_versions",
        "Versions of a campaign's terms",
        VERSIONS,
        tag="campaigns",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return VERSIONS.answer(request, known_campaign(self, pk).versions.all(), self.user)

    @schema.writes(
        "campaigns_amend",
        "Write the next version of an approved campaign's terms",
        VERSION,
        tag="campaigns",
        body=inputs.CampaignVersionIn,
        status=201,
        if_match="optional",
        example={"ends_on": "2027-03-31", "said": "卖得好,延一个月"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """It counts once it is approved; until then the terms in force stay."""
        version = self.expected_version(required=False)
        values = self.taken(inputs.CampaignVersionIn)
        said = values.pop("said")
        written = amending.propose(
            pk,
            inputs.changes_of(values),
            said=said,
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(CampaignVersion.objects.all(), written.pk, status=201, row=written)

    def current_state(self, row: Row) -> Any:
        """For a 412: the campaign as it now is."""
        found = CAMPAIGN.one(Campaign.objects.visible_to(self.user), row.pk)
        return orjson.Fragment(found[0]) if found else None


class CampaignDiff(Door):
    takes_parameters = True

    @schema.reads(
        "campaigns_diff",
        "What two versions of the terms say differently",
        CampaignDifferencesOut,
        tag="campaigns",
        of_one=True,
        parameters=[
            OpenApiParameter("from", int, description="Version number; the one before if absent"),
            OpenApiParameter("to", int, description="Version number; the newest if absent"),
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        asked = _numbers(request)
        versions = {one.number: one for one in known_campaign(self, pk).versions.all()}
        to = asked.get("to", max(versions, default=0))
        before = asked.get("from", max((n for n in versions if n < to), default=to))
        if to not in versions or before not in versions:
            raise NotFound(_("There is no such row."))
        return answer(
            differences_out(
                campaign_terms.differences(
                    CampaignTerms.from_json(versions[before].terms),
                    CampaignTerms.from_json(versions[to].terms),
                )
            )
        )


def _numbers(request: Request) -> dict[str, int]:
    taken: dict[str, int] = {}
    for name, value in request.query_params.items():
        if name not in ("from", "to"):
            raise bad_parameter(
                name,
                "unknown_parameter",
                _("“%(name)s” is not a parameter here.") % {"name": name},
            )
        if not (value.isascii() and value.isdigit() and len(value) < 6):
            raise bad_parameter(
                name,
                "parameter_invalid",
                _("“%(name)s” does not have a valid value.") % {"name": name},
            )
        taken[name] = int(value)
    return taken


class CampaignVersionGiveUp(OneDoor):
    shape = VERSION
    model = CampaignVersion

    @schema.writes(
        "campaign_versions_give_up",
        "Take a proposed version back",
        VERSION,
        tag="campaigns",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        given_up = amending.give_up(pk, by=self.user, at=self.now())
        return self.show(CampaignVersion.objects.all(), pk, row=given_up)


class CampaignGoLive(OneDoor):
    shape = CAMPAIGN
    model = Campaign
    takes_parameters = True

    @schema.lists(
        "campaigns_go_live", "The go-live checklist", GO_LIVE, tag="campaigns", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return GO_LIVE.answer(request, known_campaign(self, pk).go_live.all(), self.user)

    @schema.writes(
        "campaigns_go_live_done",
        "Tick off one kind of thing, for some shops or all of yours",
        CAMPAIGN,
        tag="campaigns",
        body=inputs.GoLiveIn,
        example={"kind": "staff_trained", "note": "店长和收银员 4 人"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.GoLiveIn)
        done = go_live.mark_done(
            pk,
            kind=GoLiveKind(values["kind"]),
            outlet_ids=values.get("outlets"),
            file_id=values.get("file"),
            note=values.get("note", ""),
            by=self.user,
            at=self.now(),
        )
        return self.show(Campaign.objects.all(), pk, row=done)


class GoLiveItemReopen(OneDoor):
    shape = CAMPAIGN
    model = GoLiveItem

    @schema.writes("go_live_items_reopen", "Take a tick back", CAMPAIGN, tag="campaigns")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        campaign = go_live.reopen(pk, by=self.user, at=self.now())
        return self.show(Campaign.objects.all(), campaign.pk, row=campaign)
