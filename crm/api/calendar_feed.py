"""One's own calendar address: made, renewed, revoked."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm import calendar_door
from crm.api import schema
from crm.api.inputs import Flag, Input
from crm.api.rendering import answer
from crm.api.views import Door
from crm.domain import calendar_feeds
from crm.models import CalendarFeed


class CalendarFeedIn(Input):
    tells_details = Flag(help_text="Also what was typed in freely, and places")


class CalendarFeedOut(serializers.Serializer[Any]):
    """Whether one's calendar can be subscribed to."""

    is_on = serializers.BooleanField()
    tells_details = serializers.BooleanField()
    changed_at = serializers.DateTimeField(
        allow_null=True, help_text="When the address, or what it tells, last changed"
    )
    read_at = serializers.DateTimeField(
        allow_null=True, help_text="When a calendar program last came, to the hour"
    )
    address = serializers.CharField(
        allow_null=True, help_text="Shown in the answer that made it, and never again"
    )


class CalendarFeedOne(Door):
    @schema.reads(
        "calendar_feed_read", "Your calendar address", CalendarFeedOut, tag="notifications"
    )
    def get(self, request: Request) -> HttpResponse:
        return answer(_shown(calendar_feeds.of(self.user)))

    @schema.writes(
        "calendar_feed_renew",
        "A new calendar address, in place of the one before",
        CalendarFeedOut,
        tag="notifications",
        body=CalendarFeedIn,
        status=201,
        example={"tells_details": False},
    )
    def post(self, request: Request) -> HttpResponse:
        """Whoever knows the address reads your calendar. It is shown this once."""
        values = self.taken(CalendarFeedIn)
        feed, token = calendar_feeds.renew(by=self.user, at=self.now(), **values)
        address = calendar_door.address(token)
        return answer({**_shown(feed), "address": address}, status=201)

    @schema.writes(
        "calendar_feed_change",
        "Whether your calendar tells details",
        CalendarFeedOut,
        tag="notifications",
        body=CalendarFeedIn,
        example={"tells_details": True},
    )
    def put(self, request: Request) -> HttpResponse:
        values = self.taken(CalendarFeedIn)
        feed = calendar_feeds.tell_details(values["tells_details"], by=self.user, at=self.now())
        return answer(_shown(feed))

    @schema.writes(
        "calendar_feed_revoke",
        "Make your calendar address useless",
        CalendarFeedOut,
        tag="notifications",
    )
    def delete(self, request: Request) -> HttpResponse:
        calendar_feeds.revoke(by=self.user, at=self.now())
        return answer(_shown(None))


def _shown(feed: CalendarFeed | None) -> dict[str, Any]:
    return {
        "is_on": feed is not None,
        "tells_details": feed.tells_details if feed else False,
        "changed_at": feed.updated_at if feed else None,
        "read_at": feed.read_at if feed else None,
        "address": None,
    }
