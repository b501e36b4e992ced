"""Through which channels one hears of what: read, chosen, taken back."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import Choice, Flag, Input, Words
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.domain import notification_matrix, preferences
from crm.models import PUSHED, Channel

PUSHED_CHOICES = [(one.value, one.label) for one in PUSHED]
SAID_BY = ("personal", "role", "kind")


class NotificationChannelOut(serializers.Serializer[Any]):
    """One kind through one channel: whether it comes, and who said so."""

    channel = serializers.ChoiceField(Channel.choices)
    is_wanted = serializers.BooleanField()
    is_fixed = serializers.BooleanField()
    said_by = serializers.ChoiceField(SAID_BY)


class NotificationKindOut(serializers.Serializer[Any]):
    """One kind of message, with the channels that lead to this person."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.CharField()
    channels = NotificationChannelOut(many=True)


class NotificationPreferencesOut(serializers.Serializer[Any]):
    kinds = NotificationKindOut(many=True)


class NotificationChoiceIn(Input):
    kind = Words(max_length=50)
    channel = Choice(PUSHED_CHOICES)
    is_wanted = Flag(
        allow_null=True, help_text="null takes the choice back: what the role has holds again"
    )


class NotificationChoicesIn(Input):
    choices = NotificationChoiceIn(many=True)


class NotificationPreferences(Door):
    def shown(self) -> HttpResponse:
        """What holds for the asking person now."""
        matrix = notification_matrix.of_person(self.user)
        return answer(
            {
                "kinds": [
                    {
                        "kind": kind.name,
                        "label": str(kind.label),
                        "group": heading,
                        "channels": [
                            {
                                "channel": cell.channel,
                                "is_wanted": cell.wanted,
                                "is_fixed": cell.is_fixed,
                                "said_by": cell.said_by,
                            }
                            for cell in cells
                            if cell is not None
                        ],
                    }
                    for heading, rows in matrix.groups
                    for kind, cells in rows
                ]
            }
        )

    @schema.reads(
        "notification_preferences",
        "What you hear of through which channel",
        NotificationPreferencesOut,
        tag="notifications",
    )
    def get(self, request: Request) -> HttpResponse:
        return self.shown()

    @schema.writes(
        "notification_preferences_choose",
        "Choose channels; what is not named stays as it is",
        NotificationPreferencesOut,
        tag="notifications",
        body=NotificationChoicesIn,
        example={
            "choices": [
                {"kind": "follow_up_due", "channel": "mail", "is_wanted": False},
                {"kind": "follow_up_due", "channel": "wecom", "is_wanted": None},
            ]
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(NotificationChoicesIn)
        preferences.choose_many(
            self.user.pk,
            [
                preferences.Choice(one["kind"], one["channel"], one["is_wanted"])
                for one in values["choices"]
            ],
            by=self.user,
            at=self.now(),
        )
        return self.shown()
