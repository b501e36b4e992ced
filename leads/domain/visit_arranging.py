"""The stops of a week are set in one go: planned, moved, put in order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound
from crm.models import User
from crm.policies import require
from crm.weeks import Week
from leads.domain import routes, visit_plans, visits
from leads.domain.routes import Stop
from leads.models import Visit


@dataclass(frozen=True)
class Wanted:
    """A stop as somebody wants it: a visit that exists, or one to be planned at a merchant."""

    visit_id: UUID
    day: date
    at_time: time | None = None
    merchant_id: UUID | None = None
    lead_id: UUID | None = None
    outlet_id: UUID | None = None
    purpose: str = ""


@command
def arrange(
    owner: User,
    week: Week,
    stops: Sequence[Wanted],
    *,
    by: Actor,
    at: datetime,
    nearest_first: bool = False,
) -> list[Visit]:
    """Set the stops of a week in one go: visits that exist are moved, others planned, and all take
    their place in the order in which they are named, or with `nearest_first` by distance.

    All of it or nothing. Visits of the week that are not named stay as they are, after the others.
    New visits are one's own: only the owner plans them. Raises like planning and changing;
    InvalidInput for a day outside the week.
    """
    _sound(stops, week)
    arranged: list[Visit] = []
    there = Visit.objects.seen_by(by).filter(pk__in=[one.visit_id for one in stops]).for_change()
    known = {visit.pk: visit for visit in there}
    for one in stops:
        if one.merchant_id is None and one.visit_id not in known:
            raise NotFound(_("There is no such row."), attr="stops")
        if one.merchant_id is None or one.visit_id in known:
            moved = {"planned_for": one.day, "planned_time": one.at_time}
            visit = visits.change(one.visit_id, moved, by=by, at=at)
            _of_owner(visit, owner)
        else:
            require(user_id(by) == owner.pk, _("Only one's own visits can be planned."))
            visit = visits.plan(
                one.visit_id,
                one.merchant_id,
                planned_for=one.day,
                planned_time=one.at_time,
                lead_id=one.lead_id,
                outlet_id=one.outlet_id,
                purpose=one.purpose,
                by=owner,
                at=at,
            )
        arranged.append(visit)
    return _in_places(arranged, by=by, at=at, nearest_first=nearest_first)


def _in_places(
    arranged: Sequence[Visit], *, by: Actor, at: datetime, nearest_first: bool
) -> list[Visit]:
    points = (
        visit_plans.points_of({visit.merchant_id for visit in arranged}) if nearest_first else None
    )
    days: dict[date, list[Visit]] = defaultdict(list)
    for visit in arranged:
        days[visit.planned_for].append(visit)
    placed: list[Visit] = []
    for day in sorted(days):
        way = days[day]
        if points is not None:
            ordered = routes.nearest_first([Stop(visit, points.of(visit)) for visit in way])
            way = [stop.what for stop in ordered]
        placed += [
            visits.change(visit.pk, {"stop": place}, by=by, at=at)
            for place, visit in enumerate(way, start=1)
        ]
    return placed


def _sound(stops: Sequence[Wanted], week: Week) -> None:
    if not 1 <= len(stops) <= visit_plans.MOST_STOPS:
        raise InvalidInput(
            _("A plan has from one to %(most)d stops.") % {"most": visit_plans.MOST_STOPS},
            code="stops_out_of_range",
            attr="stops",
        )
    if len({one.visit_id for one in stops}) != len(stops):
        raise InvalidInput(
            _("A visit stands in the plan once."), code="stop_repeated", attr="stops"
        )
    if any(not week.monday <= one.day <= week.sunday for one in stops):
        raise InvalidInput(
            _("Every stop is on a day of this week."), code="day_outside_week", attr="stops"
        )


def _of_owner(visit: Visit, owner: User) -> None:
    if visit.owner_id != owner.pk:
        raise InvalidInput(
            _("A plan holds the visits of one colleague."), code="visit_of_another", attr="stops"
        )
