"""The inbox as a whole: how much is unread, and reading all of it."""

from typing import Any

from django.db.models import Count, Max
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import Input, Moment
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.domain import inbox
from crm.models import Notification


class NotificationSummaryOut(serializers.Serializer[Any]):
    """How many lines of the inbox are unread, and when the newest of these came."""

    unread = serializers.IntegerField()
    newest_unread_at = serializers.DateTimeField(allow_null=True)


class ReadAllIn(Input):
    until = Moment(required=False, help_text="Leave what came later than this unread")


class ReadAllOut(serializers.Serializer[Any]):
    """How many lines were marked as read now."""

    read = serializers.IntegerField()


class NotificationSummary(Door):
    @schema.reads(
        "notifications_summary",
        "How much of your inbox is unread",
        NotificationSummaryOut,
        tag="notifications",
    )
    def get(self, request: Request) -> HttpResponse:
        unread = Notification.objects.visible_to(self.user).unread()
        found = unread.aggregate(unread=Count("pk"), newest_unread_at=Max("created_at"))
        return answer(found)


class NotificationReadAll(Door):
    @schema.writes(
        "notifications_read_all",
        "Mark your whole inbox as read",
        ReadAllOut,
        tag="notifications",
        body=ReadAllIn,
        example={"until": "2026-11-18T15:30:00+08:00"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(ReadAllIn)
        done = inbox.read_all(by=self.user, at=self.now(), until=values.get("until"))
        return answer({"read": done})
