"""Being there: a visit begins at the door and ends with what came of it.

A phone repeats what got no answer. A check-in that is sent twice makes one visit, and a check-out
that is sent twice one activity: the second one finds what the first has done, and is told so.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken
from crm.locking import take
from crm.models import User
from leads import policies
from leads.domain import activities, position_consents, visit_upkeep, visits
from leads.domain.places import Point, Position, metres
from leads.domain.visit_parameters import RADIUS_M
from leads.models import ActivityKind, Lead, Visit, VisitState
from merchants.domain import timeline
from merchants.models import Merchant, Outlet

CHECKED_IN = timeline.kind(
    "visit.checked_in", _("Checked in"), _("A colleague is there for a visit.")
)
OUTSIDE = timeline.kind(
    "visit.checked_in_outside",
    _("Checked in"),
    _("A colleague checked in %(metres)s metres from the outlet: %(because)s"),
)


@command
def check_in(
    visit_id: UUID,
    *,
    arrived_at: datetime,
    by: User,
    at: datetime,
    position: Position | None = None,
    outside_reason: str = "",
    version: int | None = None,
) -> Visit:
    """Begin a visit at the door. Only who makes it checks in; also when its day has passed and it
    counted as missed, for a phone may have been offline.

    Raises NotFound, NotAllowed, RuleBroken with code `outside_needs_reason` for somebody who is
    farther from the outlet than counts as being there and does not say why, or with code
    `visit_closed`; InvalidInput, Stale.
    """
    _hold_decision(by)
    visit = visits.taken(visit_id, by, version=version)
    _require_own(by, visit)
    if visit.checked_in_at is not None and visit.state != VisitState.CANCELLED:
        return _again(visit, "already_checked_in", _("You have checked in here already."))
    if visit.state not in (VisitState.PLANNED, VisitState.MISSED):
        raise RuleBroken(_("This visit is closed already."), code="visit_closed")
    return _begin(visit, arrived_at, position, outside_reason, by=by, at=at)


@command
def check_in_unplanned(
    visit_id: UUID,
    merchant_id: UUID,
    *,
    arrived_at: datetime,
    by: User,
    at: datetime,
    lead_id: UUID | None = None,
    outlet_id: UUID | None = None,
    purpose: str = "",
    position: Position | None = None,
    outside_reason: str = "",
) -> Visit:
    """Begin a visit that nobody planned.

    The merchant is locked meanwhile: a phone that sends it twice at once makes one visit. Raises
    like planning and checking in.
    """
    _hold_decision(by)
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    before = Visit.objects.filter(pk=visit_id, owner=by, merchant=merchant).for_change().first()
    if before is not None and before.checked_in_at is not None:
        return _again(before, "already_checked_in", _("You have checked in here already."))
    merchant, lead, outlet = visits.place(merchant_id, lead_id, outlet_id, by)
    visit = Visit(
        pk=visit_id,
        merchant=merchant,
        lead=lead,
        outlet=outlet,
        owner=by,
        purpose=purpose,
        planned_for=visit_upkeep.bank_day(min(arrived_at, at)),
        was_planned=False,
        created_at=at,
        updated_at=at,
    )
    return _begin(visit, arrived_at, position, outside_reason, by=by, at=at, is_new=True)


@command
def check_out(
    visit_id: UUID,
    *,
    summary: str,
    left_at: datetime,
    activity_id: UUID,
    by: User,
    at: datetime,
    outcome_code: str = "",
    mood: int | None = None,
    two_way: bool | None = None,
    version: int | None = None,
) -> Visit:
    """End a visit, and write down what came of it as an activity.

    Raises NotFound, NotAllowed, RuleBroken with code `not_checked_in`, InvalidInput for somebody
    who left before they arrived, Stale.
    """
    lead_id = Visit.objects.seen_by(by).filter(pk=visit_id).values_list("lead_id", flat=True)
    found = lead_id.first()
    lead = take(Lead.objects.all(), found) if found else None
    visit = visits.taken(visit_id, by, version=version)
    _require_own(by, visit)
    if visit.state == VisitState.CHECKED_OUT:
        return _again(visit, "already_checked_out", _("You have checked out here already."))
    if visit.state != VisitState.CHECKED_IN or visit.arrived_at is None:
        raise RuleBroken(_("Check in before you check out."), code="not_checked_in")
    left_at, notices = activities.by_our_clock(left_at, at=at, attr="left_at")
    if left_at < visit.arrived_at - activities.CLOCK_TOLERANCE:
        raise InvalidInput(
            _("Nobody leaves before they arrive."), code="left_before_arrival", attr="left_at"
        )
    activity = activities.write_down(
        activity_id,
        visit.merchant,
        lead,
        kind=ActivityKind.VISIT,
        summary=summary,
        occurred_at=visit.arrived_at,
        outcome_code=outcome_code,
        mood=mood,
        two_way=two_way,
        by=by,
        at=at,
    )
    visit.change(
        at=at,
        state=VisitState.CHECKED_OUT,
        left_at=max(left_at, visit.arrived_at),
        checked_out_at=at,
        activity=activity,
    )
    visit.notices = notices
    return visit


def _hold_decision(by: User) -> None:
    """A colleague who takes back the consent to position waits for the check-in, or it for them."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)


def _require_own(by: User, visit: Visit) -> None:
    if not policies.may_make(by, visit):
        raise NotAllowed(_("Only who makes the visit can do this."))


def _again(visit: Visit, code: str, sentence: Any) -> Visit:
    visit.notices = (Problem(code, sentence),)
    return visit


def _begin(
    visit: Visit,
    arrived_at: datetime,
    position: Position | None,
    outside_reason: str,
    *,
    by: User,
    at: datetime,
    is_new: bool = False,
) -> Visit:
    arrived_at, notices = activities.by_our_clock(arrived_at, at=at, attr="arrived_at")
    where, told = _kept_position(visit, position, outside_reason.strip(), by)
    values = {
        "state": VisitState.CHECKED_IN,
        "arrived_at": arrived_at,
        "checked_in_at": at,
        **where,
    }
    if is_new:
        for name, value in values.items():
            setattr(visit, name, value)
        visit.save(force_insert=True)
    else:
        visit.change(at=at, **values)
    because = visit.outside_reason
    if because and visit.distance_m is not None:
        visits.write(
            OUTSIDE, visit, by=by, at=arrived_at,
            metres=visit.distance_m, because=because[:visits.SHOWN_LENGTH],
        )  # fmt: skip
    else:
        visits.write(CHECKED_IN, visit, by=by, at=arrived_at)
    visit.notices = notices + told
    return visit


def _kept_position(
    visit: Visit, position: Position | None, because: str, by: User
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What is kept of where somebody is: nothing without their consent, and with it a coarse point,
    and the distance to the outlet that was reckoned from the exact one."""
    if position is None:
        return {}, ()
    if not position.point.is_on_earth:
        raise InvalidInput(
            _("Latitude is from −90 to 90 degrees, longitude from −180 to 180."),
            code="point_out_of_range",
            attr="position",
        )
    if position_consents.standing(by) is None:
        sentence = _("You have not agreed that your position is kept; it was not stored.")
        return {}, (Problem("position_not_kept", sentence, "position"),)
    coarse = position.point.coarse()
    kept: dict[str, Any] = {
        "latitude": coarse.latitude,
        "longitude": coarse.longitude,
        "accuracy_m": position.accuracy_m,
    }
    distance = _distance(visit, position.point)
    if distance is None:
        return kept, ()
    radius = RADIUS_M.value
    if distance > radius and not because:
        raise RuleBroken(
            _("You are too far from the outlet; say why."),
            code="outside_needs_reason",
            attr="outside_reason",
            distance_m=distance,
            radius_m=radius,
        )
    outside = because if distance > radius else ""
    return {**kept, "distance_m": distance, "radius_m": radius, "outside_reason": outside}, ()


def _distance(visit: Visit, point: Point) -> int | None:
    """Metres to the outlet of the visit; where none is named or it has no point, to the nearest
    of the merchant's that has one."""
    outlets = Outlet.objects.filter(merchant=visit.merchant_id, latitude__isnull=False)
    points = {
        pk: Point(latitude, longitude)
        for pk, latitude, longitude in outlets.values_list("pk", "latitude", "longitude")
        if latitude is not None and longitude is not None
    }
    if visit.outlet_id in points:
        return metres(points[visit.outlet_id], point)
    return min((metres(one, point) for one in points.values()), default=None)
