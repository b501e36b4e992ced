"""The week on the road: which stops on which day, in which order, at what hour, and who else might
be seen on the way."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.domain import calendar as calendars
from crm.domain.working_days import WorkingDays
from crm.models import User
from crm.weeks import Week
from leads.domain import routes
from leads.domain.places import Point, metres
from leads.domain.routes import Stop
from leads.domain.visit_upkeep import bank_day
from leads.models import FollowUp, Lead, Visit, VisitState
from merchants.domain.contact_windows import ContactWindow, best_window
from merchants.models import Outlet

MOST_STOPS = 100
"""Visits of one week that a plan holds; more than a dozen a day nobody makes."""
MOST_SUGGESTED = 10
QUIET_DAYS = 14
"""An open lead in which nothing has happened for so long is worth a visit when one is near."""


class SuggestedBecause(models.TextChoices):
    """Why somebody might be seen this week."""

    FOLLOW_UP = "follow_up", _("A follow-up is due")
    QUIET = "quiet", _("Nothing has happened for a while")


@dataclass(frozen=True)
class PlannedStop:
    """A visit in the plan: how far it is from the one before, and the quiet hours of the shop."""

    visit: Visit
    metres: int | None
    window: ContactWindow | None


@dataclass(frozen=True)
class PlannedDay:
    """One day of the week, with its stops in order."""

    day: date
    is_working: bool
    stops: list[PlannedStop] = field(default_factory=list)

    @property
    def metres(self) -> int:
        """As far as it is known, the way along the stops."""
        return sum(stop.metres or 0 for stop in self.stops)


@dataclass(frozen=True)
class Suggestion:
    """Somebody to see, why, and how far from the nearest stop of the week (metres)."""

    lead: Lead
    because: SuggestedBecause
    metres: int | None


@dataclass(frozen=True)
class WeekPlan:
    week: Week
    owner: User
    days: list[PlannedDay]
    suggestions: list[Suggestion]


def of(owner: User, week: Week, *, by: User, at: datetime) -> WeekPlan:
    """A colleague's week as the viewer may know of it.

    All days from Monday to Friday, and Saturday or Sunday where there is something to do or work.
    """
    calendar = calendars.load()
    planned = list(
        Visit.objects.visible_to(by)
        .owned_by(owner)
        .between(week.monday, week.sunday)
        .exclude(state=VisitState.CANCELLED)
        .select_related("merchant", "outlet")
        .defer("merchant__search_grams", "merchant__search_text")
        .in_order()[:MOST_STOPS]
    )
    merchants = {visit.merchant_id for visit in planned}
    found = _leads_to_suggest(owner, week, by=by, at=at) if week.sunday >= bank_day(at) else []
    found = [one for one in found if one[0].merchant_id not in merchants]
    points = points_of({*merchants, *(lead.merchant_id for lead, _why in found)})
    days: dict[date, list[Visit]] = defaultdict(list)
    for visit in planned:
        days[visit.planned_for].append(visit)
    return WeekPlan(
        week,
        owner,
        [
            _day(day, days[day], points, calendar)
            for day in (week.monday + timedelta(days=place) for place in range(7))
            if day.weekday() < 5 or days[day] or calendar.is_working(day)
        ],
        _nearest_suggestions(found, planned, points),
    )


def _day(
    day: date, planned: Sequence[Visit], points: "Points", calendar: WorkingDays
) -> PlannedDay:
    way = routes.legs([Stop(visit, points.of(visit)) for visit in planned])
    return PlannedDay(
        day,
        calendar.is_working(day),
        [PlannedStop(leg.what, leg.metres, _window(leg.what, day, calendar)) for leg in way],
    )


def _window(visit: Visit, day: date, calendar: WorkingDays) -> ContactWindow | None:
    """The quiet hours of the shop on the day itself; none where that is a day off."""
    window = best_window(visit.merchant.category_id, day, calendar)
    return window if window and window.day == day else None


@dataclass(frozen=True)
class Points:
    """Where outlets are: each by itself, and the first with a point for each merchant."""

    outlets: dict[UUID, Point]
    merchants: dict[UUID, Point]

    def of(self, visit: Visit) -> Point | None:
        """Where a visit goes to: the outlet it names, or else the merchant's first with a point."""
        if visit.outlet_id in self.outlets:
            return self.outlets[visit.outlet_id]
        return None if visit.outlet_id else self.merchants.get(visit.merchant_id)


def points_of(merchant_ids: set[UUID]) -> Points:
    """Where the outlets of some merchants are, in one statement."""
    outlets: dict[UUID, Point] = {}
    merchants: dict[UUID, Point] = {}
    rows = Outlet.objects.filter(merchant__in=merchant_ids, latitude__isnull=False)
    for row in rows.order_by("created_at", "id").only("merchant", "latitude", "longitude"):
        if row.latitude is None or row.longitude is None:
            continue
        outlets[row.pk] = Point(row.latitude, row.longitude)
        merchants.setdefault(row.merchant_id, outlets[row.pk])
    return Points(outlets, merchants)


def _leads_to_suggest(
    owner: User, week: Week, *, by: User, at: datetime
) -> list[tuple[Lead, SuggestedBecause]]:
    """The owner's open leads with a follow-up due by the end of the week, the most urgent first,
    and then those that have been quiet, the quietest first."""
    zone = ZoneInfo(settings.TIME_ZONE)
    leads = (
        Lead.objects.visible_to(by)
        .open()
        .owned_by(owner)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    due = FollowUp.objects.open().filter(owner=owner, due_at__lt=week.next.starts(zone))
    promised = list(
        leads.filter(pk__in=due.values("lead")).order_by("next_follow_up_at", "pk")[:MOST_STOPS]
    )
    quiet = leads.quiet_since(at - timedelta(days=QUIET_DAYS)).exclude(
        pk__in=[lead.pk for lead in promised]
    )
    return [(lead, SuggestedBecause.FOLLOW_UP) for lead in promised] + [
        (lead, SuggestedBecause.QUIET) for lead in quiet.order_by("last_activity_at", "pk")[:50]
    ]


def _nearest_suggestions(
    found: Sequence[tuple[Lead, SuggestedBecause]], planned: Sequence[Visit], points: Points
) -> list[Suggestion]:
    """Promises before anything else; of the quiet ones those that are near what is planned."""
    stops = [point for visit in planned if (point := points.of(visit)) is not None]
    ranked = []
    for place, (lead, because) in enumerate(found):
        here = points.merchants.get(lead.merchant_id)
        near = min((metres(here, stop) for stop in stops), default=None) if here else None
        by_distance = because is SuggestedBecause.QUIET and near is not None
        rank = (because is SuggestedBecause.QUIET, not by_distance, near if by_distance else 0)
        ranked.append((rank, place, Suggestion(lead, because, near)))
    return [suggestion for _rank, _place, suggestion in sorted(ranked, key=lambda one: one[:2])][
        :MOST_SUGGESTED
    ]
