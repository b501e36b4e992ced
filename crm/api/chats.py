"""Endpoints about one's own chats."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import Choice, ClientId, Input, Line
from crm.api.pages import Listing
from crm.api.rendering import answer
from crm.api.shapes import Shape
from crm.api.views import Door, OneDoor, once
from crm.channels.chat_places import LONGEST_ADDRESS, LONGEST_SECRET
from crm.domain import chat_addresses
from crm.models import CHATS, Channel, ChatAddress, DeliveryState

CHAT_CHOICES = [(one.value, one.label) for one in CHATS]
CHAT_ADDRESS = Shape(
    "ChatAddress",
    ChatAddress,
    id="id",
    version="version",
    channel="channel",
    host="host",
    stopped_at="stopped_at",
    failure="failure",
    created_at="created_at",
    updated_at="updated_at",
)
CHAT_ADDRESSES = Listing(CHAT_ADDRESS, orderings=("created_at",), filters={})


class ChatAddressIn(Input):
    id = ClientId()
    channel = Choice(choices=CHAT_CHOICES)
    address = Line(
        max_length=LONGEST_ADDRESS, help_text="The robot's whole address; it is never shown again"
    )
    secret = Line(
        max_length=LONGEST_SECRET,
        required=False,
        allow_blank=True,
        default="",
        help_text="What DingTalk and Feishu sign with, if the robot was set so",
    )


class ChatAddressPatch(Input):
    address = Line(max_length=LONGEST_ADDRESS)
    secret = Line(max_length=LONGEST_SECRET, required=False, allow_blank=True, default="")


class ChatAddressRemoved(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class ChatTestOut(serializers.Serializer[Any]):
    """The message that tries the chat out: it is on its way."""

    delivery = serializers.UUIDField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)


class ChatAddressList(Door):
    shape = CHAT_ADDRESS
    takes_parameters = True

    @schema.lists("chat_addresses_list", "Your chats", CHAT_ADDRESSES, tag="notifications")
    def get(self, request: Request) -> HttpResponse:
        return CHAT_ADDRESSES.answer(request, ChatAddress.objects.visible_to(self.user), self.user)

    @schema.writes(
        "chat_addresses_create",
        "Let your messages go to a chat, too",
        CHAT_ADDRESS,
        tag="notifications",
        body=ChatAddressIn,
        status=201,
        example={
            "channel": "dingtalk",
            "address": "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
            "secret": "SEC0123456789abcdef",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(ChatAddressIn)
        row = chat_addresses.set_up(
            self.new_id(values),
            channel=Channel(values["channel"]),
            address=values["address"],
            secret=values["secret"],
            by=self.user,
            at=self.now(),
        )
        return self.show(ChatAddress.objects.visible_to(self.user), row.pk, status=201, row=row)


class ChatAddressOne(OneDoor):
    shape = CHAT_ADDRESS
    model = ChatAddress

    @schema.reads("chat_addresses_read", "One of your chats", CHAT_ADDRESS, tag="notifications")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "chat_addresses_change",
        "Give a chat another robot; it is written to again",
        CHAT_ADDRESS,
        tag="notifications",
        body=ChatAddressPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(ChatAddressPatch)
        row = chat_addresses.change(
            pk,
            address=values["address"],
            secret=values["secret"],
            version=version,
            by=self.user,
            at=self.now(),
        )
        return self.show(self.rows(), pk, row=row)

    @schema.writes(
        "chat_addresses_remove", "Forget a chat", ChatAddressRemoved, tag="notifications"
    )
    def delete(self, request: Request, pk: UUID) -> HttpResponse:
        chat_addresses.remove(pk, by=self.user, at=self.now())
        return answer({"id": pk})


class ChatAddressStop(OneDoor):
    shape = CHAT_ADDRESS
    model = ChatAddress

    @schema.writes(
        "chat_addresses_stop", "Write nothing to a chat", CHAT_ADDRESS, tag="notifications"
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = chat_addresses.stop(pk, by=self.user, at=self.now())
        return self.show(self.rows(), pk, row=row)


class ChatAddressStart(OneDoor):
    shape = CHAT_ADDRESS
    model = ChatAddress

    @schema.writes(
        "chat_addresses_start", "Write to a chat again", CHAT_ADDRESS, tag="notifications"
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        row = chat_addresses.start(pk, by=self.user, at=self.now())
        return self.show(self.rows(), pk, row=row)


class ChatAddressTest(Door):
    @schema.writes(
        "chat_addresses_test",
        "Send a test message to a chat",
        ChatTestOut,
        tag="notifications",
        status=202,
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        delivery = chat_addresses.send_test(pk, by=self.user, at=self.now())
        return answer({"delivery": delivery.pk, "state": delivery.state}, status=202)
