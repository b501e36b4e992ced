"""Team leads collected: what the room of the indicators asks of the leads.

Collected is every lead that came in during the days, whoever has it now; valid are those of them
that are on file as public sources have them (`validity`). What became of them is counted by those
same leads, however much later it happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import TruncDate
from django.utils import timezone

from campaigns.domain import team_leads
from campaigns.domain.kpis import Leads
from campaigns.domain.team_leads import Span
from crm.models import Membership, OrgUnit, Role
from leads.models import Lead, Stage, StageChange
from leads.models.stages import FUNNEL

COLLECTORS = (Role.REP, Role.TEAM_LEAD)
"""Who counts as a head of a team."""


@dataclass(frozen=True)
class _Counted:
    """Leads of one unit and one day."""

    unit_id: UUID
    day: date
    count: int


@team_leads.supplier
def collected(spans: Sequence[Span]) -> list[Leads]:
    """What was collected in each span, in six statements however many spans there are."""
    below = dict(
        OrgUnit.objects.under({span.unit_id for span in spans}).values_list("pk", "ancestors")
    )
    first, last = min(span.first_day for span in spans), max(span.last_day for span in spans)
    came_in = Lead.objects.filter(
        unit__any_of=list(below),
        created_at__gte=_midnight(first),
        created_at__lt=_midnight(last + timedelta(days=1)),
    ).order_by()
    valid = came_in.valid()
    counted = [
        _counted(rows)
        for rows in (
            came_in,
            valid,
            valid.filter(_reached(*FUNNEL[1:])),
            valid.filter(_reached(Stage.WON)),
        )
    ]
    heads = list(
        Membership.objects.filter(
            unit__any_of=list(below), role__in=COLLECTORS, user__is_active=True
        ).values_list("unit_id", "user_id")
    )

    def lies_in(span: Span) -> Callable[[UUID], bool]:
        return lambda unit_id: span.unit_id in below.get(unit_id, ())

    found = []
    for span in spans:
        mine = lies_in(span)
        all_of_them, sound, qualified, signed = (
            sum(
                one.count
                for one in rows
                if span.first_day <= one.day <= span.last_day and mine(one.unit_id)
            )
            for rows in counted
        )
        people = len({user_id for unit_id, user_id in heads if mine(unit_id)})
        found.append(Leads(all_of_them, sound, qualified, signed, people))
    return found


def _reached(*stages: str) -> Exists:
    """That a lead once stood in one of these stages."""
    return Exists(StageChange.objects.filter(lead=OuterRef("pk"), to_stage__in=stages).order_by())


def _counted(rows: Any) -> list[_Counted]:
    by_day = rows.annotate(day=TruncDate("created_at")).values("unit_id", "day")
    return [
        _Counted(row["unit_id"], row["day"], row["count"])
        for row in by_day.annotate(count=Count("pk"))
    ]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
