"""Endpoints about the day: one's own, and in numbers that of one's team."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.rendering import answer
from crm.api.views import Door
from leads.domain import team_day, today
from leads.models import FollowUpPriority, Stage


class MerchantNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class TodayItem(serializers.Serializer[Any]):
    """One thing that waits. `kind` says what `id` is the id of: a follow-up, a lead, a visit …"""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    why = serializers.CharField()
    rank = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    timed = serializers.BooleanField()
    priority = serializers.ChoiceField(FollowUpPriority.choices)
    merchant = MerchantNamed()
    lead = serializers.UUIDField(allow_null=True)
    stage = serializers.ChoiceField(Stage.choices, allow_null=True)


class TodayOut(serializers.Serializer[Any]):
    overdue = TodayItem(many=True)
    today = TodayItem(many=True)
    coming = TodayItem(many=True)


class TodayList(Door):
    @schema.reads(
        "today", "Overdue, due today, and the next three working days", TodayOut, tag="today"
    )
    def get(self, request: Request) -> HttpResponse:
        """What waits for you, the most pressing first, each with why it is there. Where `timed` is
        false only the day is known, and `due_at` is its beginning."""
        found = today.of(self.user, at=self.now())
        return answer(
            {
                "overdue": [_item(row) for row in found.overdue],
                "today": [_item(row) for row in found.today],
                "coming": [_item(row) for row in found.coming],
            }
        )


def _item(row: today.Row) -> dict[str, Any]:
    item = row.item
    return {
        "id": item.id,
        "kind": row.kind.name,
        "title": item.title,
        "why": str(item.why),
        "rank": row.rank,
        "due_at": item.due_at,
        "timed": item.timed,
        "priority": FollowUpPriority.HIGH if item.urgent else FollowUpPriority.NORMAL,
        "merchant": {"id": item.merchant.pk, "name": item.merchant.name},
        "lead": item.lead.pk if item.lead else None,
        "stage": item.lead.stage if item.lead else None,
    }


class ColleagueNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    full_name = serializers.CharField()


class ColleagueDay(serializers.Serializer[Any]):
    owner = ColleagueNamed()
    overdue = serializers.IntegerField(help_text="Follow-ups whose time has passed")
    oldest_due_at = serializers.DateTimeField(allow_null=True)
    stale = serializers.IntegerField(help_text="Leads past the limit of their stage")


class TeamDayOut(serializers.Serializer[Any]):
    colleagues = ColleagueDay(many=True)


class TeamDay(Door):
    @schema.reads("today_team", "What is overdue in your team", TeamDayOut, tag="today")
    def get(self, request: Request) -> HttpResponse:
        """By colleague, those with most overdue first; empty if you oversee nobody."""
        return answer(
            {
                "colleagues": [
                    {
                        "owner": {"id": one.user.pk, "full_name": one.user.full_name},
                        "overdue": one.overdue,
                        "oldest_due_at": one.oldest_due_at,
                        "stale": one.stale,
                    }
                    for one in team_day.of(self.user, at=self.now())
                ]
            }
        )
