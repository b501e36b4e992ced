"""Endpoints about webhooks: which systems listen, what they were told, and telling it again."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import ClientId, Flag, Id, Input, Line, Moment, Words
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, OneDoor, once
from crm.domain import webhook_endpoints, webhook_replays, webhooks
from crm.errors import NotFound
from crm.models import Delivery, DeliveryState, WebhookEndpoint

WEBHOOK = Shape(
    "Webhook",
    WebhookEndpoint,
    id="id",
    version="version",
    url="url",
    description="description",
    unit=Nested("unit_id", {"id": "unit_id", "name": "unit__name"}),
    kinds="kinds",
    old_secret_until="old_secret_until",  # noqa: S106
    disabled_at="disabled_at",
    disabled_because="disabled_because",
    created_at="created_at",
    updated_at="updated_at",
)
DELIVERY = Shape(
    "WebhookDelivery",
    Delivery,
    id="id",
    version="version",
    kind="kind",
    body="text",
    state="state",
    revision="revision",
    attempts="attempts",
    next_try_at="next_try_at",
    sent_at="sent_at",
    failure="failure",
    created_at="created_at",
    updated_at="updated_at",
)
WEBHOOKS = Listing(WEBHOOK, orderings=("created_at",), filters={})
DELIVERIES = Listing(
    DELIVERY,
    orderings=("created_at",),
    filters={
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=DeliveryState,
            repeated=True,
        ),
        "kind": Filter(lambda rows, value, user: rows.filter(kind=value)),
    },
)

_EXAMPLE = {
    "url": "https://hooks.bank.example/crm",
    "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
    "description": "数据仓库",
    "kinds": ["lead.moved", "campaign.moved"],
}


class WebhookPatch(Input):
    url = Words(max_length=500, required=False)
    description = Line(max_length=200, required=False, allow_blank=True)
    kinds = serializers.ListField(
        child=Line(max_length=60),
        max_length=200,
        required=False,
        help_text="Kinds of events; none means all",
    )


class WebhookIn(WebhookPatch):
    id = ClientId()
    url = Words(max_length=500)
    unit = Id()


class WebhookDisableIn(Input):
    because = Words(max_length=500)


class WebhookEnableIn(Input):
    send_missed = Flag(help_text="Whether it is sent what happened meanwhile")


class WebhookDeliveryReplayIn(Input):
    because = Words(max_length=500)


class WebhookReplayIn(Input):
    since = Moment()
    until = Moment(help_text="Not part of the span")
    because = Words(max_length=500)


class WebhookSecretOut(serializers.Serializer[Any]):
    """The webhook, and the secret by which its messages are known: shown this once."""

    secret = serializers.CharField()
    webhook = WEBHOOK.serializer()


class WebhookEventKindOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class WebhookEventKindsOut(serializers.Serializer[Any]):
    kinds = WebhookEventKindOut(many=True)


class WebhookEventOut(serializers.Serializer[Any]):
    """What a listening system is sent. Fields may be added; those that are there keep their
    meaning. See the guide for the headers and the signature."""

    type = serializers.CharField(help_text="The kind of event, as in `GET /webhook-events/`")
    timestamp = serializers.DateTimeField(help_text="When it happened")
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="Ids and codes, never personal data"
    )


class WebhookEventKindList(Door):
    @schema.reads(
        "webhook_events_list", "What can be listened to", WebhookEventKindsOut, tag="webhooks"
    )
    def get(self, request: Request) -> HttpResponse:
        listed = sorted(webhooks.EVENTS.values(), key=lambda one: one.name)
        return answer({"kinds": [{"name": one.name, "label": str(one.label)} for one in listed]})


class WebhookList(Door):
    shape = WEBHOOK
    takes_parameters = True

    @schema.lists("webhooks_list", "Systems that listen at your units", WEBHOOKS, tag="webhooks")
    def get(self, request: Request) -> HttpResponse:
        return WEBHOOKS.answer(request, WebhookEndpoint.objects.visible_to(self.user), self.user)

    @schema.writes(
        "webhooks_create",
        "Let a system listen; its secret is shown this once",
        WebhookSecretOut,
        tag="webhooks",
        body=WebhookIn,
        status=201,
        example=_EXAMPLE,
    )
    def post(self, request: Request) -> HttpResponse:
        """Send an `id` of your own to repeat this safely: the answer is never kept, because it
        holds the secret."""
        values = self.taken(WebhookIn)
        endpoint_id, unit_id = self.new_id(values), values.pop("unit")
        endpoint, secret = webhook_endpoints.add(
            endpoint_id, unit_id=unit_id, **values, by=self.user, at=self.now()
        )
        return _with_secret(endpoint, secret, status=201)


class WebhookOne(OneDoor):
    shape = WEBHOOK
    model = WebhookEndpoint

    @schema.reads("webhooks_read", "One system that listens", WEBHOOK, tag="webhooks")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "webhooks_change",
        "Change its address, its description or what it listens to",
        WEBHOOK,
        tag="webhooks",
        body=WebhookPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = self.taken(WebhookPatch)
        changed = webhook_endpoints.correct(
            pk, **changes, by=self.user, at=self.now(), version=version
        )
        return self.show(WebhookEndpoint.objects.all(), pk, row=changed)


class WebhookRotate(OneDoor):
    shape = WEBHOOK
    model = WebhookEndpoint

    @schema.writes(
        "webhooks_rotate",
        "Give it a new secret, shown this once",
        WebhookSecretOut,
        tag="webhooks",
        if_match="required",
        row=WEBHOOK,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """For a day messages are signed with the old secret as well."""
        version = self.expected_version(required=True)
        endpoint, secret = webhook_endpoints.rotate(
            pk, by=self.user, at=self.now(), version=version
        )
        return _with_secret(endpoint, secret)


class WebhookDisable(OneDoor):
    shape = WEBHOOK
    model = WebhookEndpoint

    @schema.writes(
        "webhooks_disable",
        "Say nothing more to it for now",
        WEBHOOK,
        tag="webhooks",
        body=WebhookDisableIn,
        example={"because": "对方系统迁移"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(WebhookDisableIn)
        disabled = webhook_endpoints.disable(pk, **values, by=self.user, at=self.now())
        return self.show(WebhookEndpoint.objects.all(), pk, row=disabled)


class WebhookEnable(OneDoor):
    shape = WEBHOOK
    model = WebhookEndpoint

    @schema.writes(
        "webhooks_enable",
        "Let it hear again",
        WEBHOOK,
        tag="webhooks",
        body=WebhookEnableIn,
        example={"send_missed": True},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(WebhookEnableIn)
        enabled = webhook_endpoints.enable(pk, **values, by=self.user, at=self.now())
        return self.show(WebhookEndpoint.objects.all(), pk, row=enabled)


class WebhookPing(OneDoor):
    shape = DELIVERY
    model = WebhookEndpoint

    @schema.writes("webhooks_ping", "Send a test message", DELIVERY, tag="webhooks", status=201)
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        sent = webhook_endpoints.ping(pk, by=self.user, at=self.now())
        return self.show(Delivery.objects.all(), sent.pk, status=201, row=sent)


class WebhookReplay(OneDoor):
    shape = WEBHOOK
    model = WebhookEndpoint

    @schema.writes(
        "webhooks_replay",
        "Send again what happened within a span of time",
        WEBHOOK,
        tag="webhooks",
        body=WebhookReplayIn,
        example={
            "since": "2026-11-18T00:00:00+08:00",
            "until": "2026-11-19T00:00:00+08:00",
            "because": "对方丢失了一天的数据",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Up to 10,000 messages at once, the oldest first."""
        values = self.taken(WebhookReplayIn)
        replayed = webhook_replays.replay_between(pk, **values, by=self.user, at=self.now())
        return self.show(WebhookEndpoint.objects.all(), pk, row=replayed)


class WebhookDeliveryList(OneDoor):
    shape = DELIVERY
    model = WebhookEndpoint
    takes_parameters = True

    @schema.lists(
        "webhook_deliveries_list", "What it was told", DELIVERIES, tag="webhooks", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        endpoint = self.rows().filter(pk=pk).first()
        if endpoint is None:
            raise NotFound(_("There is no such row."))
        return DELIVERIES.answer(request, endpoint.deliveries.all(), self.user)


class WebhookDeliveryReplay(OneDoor):
    shape = DELIVERY
    model = WebhookEndpoint

    @schema.writes(
        "webhook_deliveries_replay",
        "Send one message again",
        DELIVERY,
        tag="webhooks",
        body=WebhookDeliveryReplayIn,
        example={"because": "对方没有处理"},
    )
    @once
    def post(self, request: Request, pk: UUID, delivery: UUID) -> HttpResponse:
        values = self.taken(WebhookDeliveryReplayIn)
        sent = webhook_replays.replay(pk, delivery, **values, by=self.user, at=self.now())
        return self.show(Delivery.objects.all(), delivery, row=sent)


def _with_secret(endpoint: WebhookEndpoint, secret: str, *, status: int = 200) -> HttpResponse:
    found = WEBHOOK.one(WebhookEndpoint.objects.all(), endpoint.pk)
    assert found is not None
    said = answer({"secret": secret, "webhook": orjson.Fragment(found[0])}, status=status)
    said["ETag"] = f'"{found[1]}"'
    said["Cache-Control"] = "no-store"
    return said
