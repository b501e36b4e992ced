"""Endpoints about the playbook."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from leads.api import objection_inputs as inputs
from leads.api.objection_shapes import PLAY, PLAY_WITH_VERSIONS
from leads.domain import plays
from leads.models import ObjectionReason, Play, SubReason
from merchants.models import CategoryGroup

PLAYS = Listing(
    PLAY,
    orderings=("+code", "created_at"),
    filters={
        "reason": Filter(
            lambda rows, values, user: rows.filter(reason__in=values),
            parse=ObjectionReason,
            repeated=True,
        ),
        "sub_reason": Filter(
            lambda rows, values, user: rows.filter(sub_reason__in=values),
            parse=SubReason,
            repeated=True,
        ),
        "category_group": Filter(
            lambda rows, value, user: rows.for_group(value),
            parse=CategoryGroup,
            description="Those for this group, and those for all",
        ),
        "active": Filter(
            lambda rows, value, user: rows.filter(retired_at__isnull=value), parse=flag_of
        ),
    },
)


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    """Takes what a version says out of the values."""
    return {name: values.pop(name) for name in plays.TEXTS if name in values}


class PlayList(Door):
    shape = PLAY
    takes_parameters = True

    @schema.lists("plays_list", "The playbook", PLAYS, tag="plays")
    def get(self, request: Request) -> HttpResponse:
        return PLAYS.answer(request, Play.objects.visible_to(self.user), self.user)

    @schema.writes(
        "plays_create",
        "Put a play into the playbook",
        PLAY,
        tag="plays",
        body=inputs.PlayIn,
        status=201,
        example={
            "code": "U1-ST",
            "reason": "unaware",
            "sub_reason": "U1",
            "title_en": "Street walk",
            "title_zh": "同街走访",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.PlayIn)
        play = plays.write(
            self.new_id(values), texts=_texts(values), by=self.user, at=self.now(), **values
        )
        return self.show(Play.objects.all(), play.pk, status=201, row=play)


class PlayOne(OneDoor):
    shape = PLAY_WITH_VERSIONS
    model = Play

    @schema.reads("plays_read", "One play with its versions", PLAY_WITH_VERSIONS, tag="plays")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "plays_update",
        "Write the next version of a play",
        PLAY_WITH_VERSIONS,
        tag="plays",
        body=inputs.PlayPatch,
        if_match="required",
        example={"offer_zh": "免费四周基线报告", "offer_en": "Free four-week baseline report"},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.PlayPatch, partial=True)
        play = plays.revise(
            pk, texts=_texts(values), by=self.user, at=self.now(), version=version, **values
        )
        return self.show(self.rows(), pk, row=play)


class PlayRetire(OneDoor):
    shape = PLAY
    model = Play

    @schema.writes("plays_retire", "Offer a play no longer", PLAY, tag="plays", if_match="optional")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        play = plays.retire(pk, by=self.user, at=self.now(), version=version)
        return self.show(Play.objects.all(), pk, row=play)


class PlayReinstate(OneDoor):
    shape = PLAY
    model = Play

    @schema.writes(
        "plays_reinstate", "Offer a retired play again", PLAY, tag="plays", if_match="optional"
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        play = plays.reinstate(pk, by=self.user, at=self.now(), version=version)
        return self.show(Play.objects.all(), pk, row=play)
