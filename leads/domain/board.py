"""The pipeline as a board: a column for each stage, the leads in it as cards."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.utils import timezone

from crm.domain import calendar as calendars
from crm.models import User
from leads import policies
from leads.domain import staleness
from leads.models import Lead, Stage
from leads.models.lead import LeadQuerySet
from leads.models.stages import FUNNEL, ROADS

COLUMNS = (*FUNNEL[:-1], Stage.PARKED)
"""The stages in which leads are worked, in their order. What has ended stands in the list."""
MOST_CARDS = 20
"""So many cards of each column; the list has the others."""


@dataclass(frozen=True)
class Card:
    """One lead on the board."""

    lead: Lead
    days: int
    """Working days in its stage."""
    stale: bool
    late: bool
    """Its next follow-up is overdue."""
    ways: tuple[Stage, ...]
    """The stages to which the viewer may try to move it; what a step lacks, its own page says."""


@dataclass(frozen=True)
class Column:
    """One stage with what stands in it: how many, worth how much, and the longest waiting."""

    stage: Stage
    count: int
    value_fen: int
    cards: tuple[Card, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def of(leads: LeadQuerySet, *, viewer: User, at: datetime) -> list[Column]:
    """The board of some leads, those first that have been longest in their stage.

    Three statements, however many leads there are.
    """
    leads = leads.order_by()
    counted: dict[str, dict[str, Any]] = {
        row["stage"]: dict(row)
        for row in leads.in_stage(COLUMNS)
        .values("stage")
        .annotate(count=Count("pk"), value=Sum("expected_value_fen"))
    }
    first = [
        leads.in_stage([stage]).order_by("stage_entered_at", "pk").values("pk")[:MOST_CARDS]
        for stage in COLUMNS
    ]
    ids = [row["pk"] for row in first[0].union(*first[1:], all=True)]
    shown = (
        Lead.objects.filter(pk__in=ids)
        .select_related("merchant", "owner")
        .defer("merchant__search_grams", "merchant__search_text")
        .order_by("stage_entered_at", "pk")
    )
    cards: dict[str, list[Card]] = {stage: [] for stage in COLUMNS}
    zone = ZoneInfo(timezone.get_current_timezone_name())
    today = at.astimezone(zone).date()
    since = staleness.resting_since(today, zone=zone, calendar=calendars.load())
    for lead in shown:
        if lead.stage in cards:
            cards[lead.stage].append(_card(lead, since, viewer, today, zone, at))
    return [
        Column(
            stage,
            counted.get(stage, {}).get("count", 0),
            counted.get(stage, {}).get("value") or 0,
            tuple(cards[stage]),
        )
        for stage in COLUMNS
    ]


def _card(
    lead: Lead,
    since: dict[Stage, datetime],
    viewer: User,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> Card:
    limit = since.get(Stage(lead.stage))
    return Card(
        lead,
        days=calendars.load().elapsed(lead.stage_entered_at.astimezone(zone).date(), today),
        stale=limit is not None and lead.stage_entered_at < limit and lead.last_activity_at < limit,
        late=lead.next_follow_up_at is not None and lead.next_follow_up_at < at,
        ways=tuple(
            to
            for to, road in ROADS[Stage(lead.stage)].items()
            if policies.may_walk(viewer, lead, road.who)
        ),
    )
