"""The day of a team: how much of each colleague's work is overdue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from crm.domain import calendar as calendars
from crm.models import Membership, User
from leads.domain import staleness, today
from leads.models import FollowUp, Lead
from merchants.policies import WORKERS

MOST_COLLEAGUES = 200


@dataclass(frozen=True)
class Colleague:
    """One colleague's overdue work, in numbers."""

    user: User
    overdue: int
    """Follow-ups whose time has passed."""
    oldest_due_at: datetime | None
    stale: int
    """Leads past the limit of their stage, with nothing done."""


def of(user: User, *, at: datetime) -> list[Colleague]:
    """The colleagues who sell below a unit that one oversees, those with most overdue first.

    Three statements, however many they are; nobody for those who oversee nobody.
    """
    scope = user.scope
    members = Membership.objects.filter(role__in=WORKERS)
    if not scope.oversees_everything:
        members = members.filter(unit__any_of=scope.overseen)
    people = User.objects.active().filter(pk__in=members.values("user"))
    team = {one.pk: one for one in people.order_by("full_name", "pk")[:MOST_COLLEAGUES]}
    late: dict[UUID | None, dict[str, Any]] = {
        row["owner"]: dict(row)
        for row in FollowUp.objects.due(at)
        .filter(owner__in=list(team))
        .order_by()
        .values("owner")
        .annotate(count=Count("pk"), oldest=Min("due_at"))
    }
    asked = today.asking(user, at=at)
    since = staleness.resting_since(asked.day, zone=asked.zone, calendar=calendars.load())
    resting: dict[UUID | None, int] = dict(
        Lead.objects.open()
        .stale(since)
        .filter(owner__in=list(team))
        .order_by()
        .values_list("owner")
        .annotate(count=Count("pk"))
    )
    found = [
        Colleague(
            one,
            late.get(pk, {}).get("count", 0),
            late.get(pk, {}).get("oldest"),
            resting.get(pk, 0),
        )
        for pk, one in team.items()
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.stale))


def may_look(user: User) -> bool:
    """Whether there is a team to look at: for those who oversee a unit, not for a rep's own day."""
    return user.scope.oversees_everything or bool(user.scope.overseen)
