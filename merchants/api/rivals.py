"""Endpoints about rivals and their offers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from merchants.api import insight_inputs as inputs
from merchants.api.insight_shapes import RIVAL, RIVAL_OFFER
from merchants.api.views import known_merchant
from merchants.domain import rivals
from merchants.models import Rival, RivalOffer


def running_filter(rows: Any, value: bool, user: Any) -> Any:
    """Offers that run today, or those that do not."""
    running = rows.running(rivals.bank_day(timezone.now()))
    return running if value else rows.exclude(pk__in=running.order_by().values("pk"))


RIVALS = Listing(RIVAL, orderings=("+name", "created_at"), filters={})
RIVAL_OFFERS = Listing(
    RIVAL_OFFER,
    orderings=("starts_on",),
    filters={
        "rival": Filter(lambda rows, value, user: rows.filter(rival=value), parse=id_of),
        "exclusive": Filter(lambda rows, value, user: rows.filter(exclusive=value), parse=flag_of),
        "running": Filter(running_filter, parse=flag_of, description="Running today"),
    },
)


class RivalList(Door):
    shape = RIVAL
    takes_parameters = True

    @schema.lists("rivals_list", "Other banks and platforms", RIVALS, tag="rivals")
    def get(self, request: Request) -> HttpResponse:
        return RIVALS.answer(request, Rival.objects.visible_to(self.user), self.user)

    @schema.writes(
        "rivals_create",
        "Add a rival",
        RIVAL,
        tag="rivals",
        body=inputs.RivalIn,
        status=201,
        example={"name": "邻行甲信用卡中心", "short_name": "邻行甲", "kind": "bank"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.RivalIn)
        rival = rivals.name_rival(self.new_id(values), by=self.user, at=self.now(), **values)
        return self.show(Rival.objects.all(), rival.pk, status=201, row=rival)


class RivalOne(OneDoor):
    shape = RIVAL
    model = Rival

    @schema.reads("rivals_read", "One rival", RIVAL, tag="rivals")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "rivals_change",
        "Correct a rival",
        RIVAL,
        tag="rivals",
        body=inputs.RivalPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        rival = rivals.correct_rival(
            pk, self.taken(inputs.RivalPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(Rival.objects.all(), pk, row=rival)


class RivalOfferList(Door):
    shape = RIVAL_OFFER
    takes_parameters = True

    @schema.lists(
        "merchants_rival_offers",
        "Rivals' offers at a merchant",
        RIVAL_OFFERS,
        tag="rivals",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = known_merchant(self, pk)
        return RIVAL_OFFERS.answer(request, RivalOffer.objects.filter(merchant=merchant), self.user)

    @schema.writes(
        "rival_offers_create",
        "Write down a rival's offer",
        RIVAL_OFFER,
        tag="rivals",
        body=inputs.RivalOfferIn,
        status=201,
        example={
            "rival": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "mechanic": "周五满100减30",
            "starts_on": "2026-11-01",
            "ends_on": "2026-12-31",
            "exclusive": True,
            "source": "门店台卡",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.RivalOfferIn)
        offer = rivals.see_offer(self.new_id(values), pk, by=self.user, at=self.now(), **values)
        return self.show(RivalOffer.objects.all(), offer.pk, status=201, row=offer)


class RivalOfferOne(OneDoor):
    shape = RIVAL_OFFER
    model = RivalOffer

    @schema.reads("rival_offers_read", "One offer of a rival", RIVAL_OFFER, tag="rivals")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "rival_offers_change",
        "Correct a rival's offer",
        RIVAL_OFFER,
        tag="rivals",
        body=inputs.RivalOfferPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        offer = rivals.correct_offer(
            pk, self.taken(inputs.RivalOfferPatch), by=self.user, at=self.now(), version=version
        )
        return self.show(RivalOffer.objects.all(), pk, row=offer)
