"""Visits: planned, moved, cancelled, handed over. What happens at the door is next door."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import calendar as calendars
from crm.errors import InvalidInput, Problem, RuleBroken
from crm.locking import known, take
from crm.models import User
from crm.policies import require
from leads import policies
from leads.domain import activities
from leads.domain.visit_upkeep import bank_day
from leads.models import Lead, Visit, VisitState
from merchants.domain import timeline
from merchants.models import Merchant, Outlet

PLANNED = timeline.kind("visit.planned", _("Visit planned"), _("A visit is planned for %(day)s."))
MOVED = timeline.kind("visit.moved", _("Visit moved"), _("The visit was moved to %(day)s."))
CANCELLED = timeline.kind(
    "visit.cancelled", _("Visit cancelled"), _("The visit of %(day)s was cancelled: %(because)s")
)
HANDED_OVER = timeline.kind(
    "visit.handed_over", _("Visit handed over"), _("%(owner)s makes the visit of %(day)s.")
)

FARTHEST = timedelta(days=366)
SHOWN_LENGTH = 200


@command
def plan(
    visit_id: UUID,
    merchant_id: UUID,
    *,
    planned_for: date,
    by: User,
    at: datetime,
    planned_time: time | None = None,
    lead_id: UUID | None = None,
    outlet_id: UUID | None = None,
    purpose: str = "",
    stop: int = 0,
) -> Visit:
    """Plan to see a merchant on a day. A day off is kept, for shops are open then; the visit's
    notices say so.

    Raises NotFound for a merchant, lead or outlet that the actor does not know, NotAllowed,
    InvalidInput for a day that is over or too far ahead.
    """
    merchant, lead, outlet = place(merchant_id, lead_id, outlet_id, by)
    notices = _sound_day(planned_for, at=at)
    visit = Visit.objects.create(
        pk=visit_id,
        merchant=merchant,
        lead=lead,
        outlet=outlet,
        owner=by,
        purpose=purpose,
        planned_for=planned_for,
        planned_time=planned_time,
        stop=stop,
        created_at=at,
        updated_at=at,
    )
    write(PLANNED, visit, by=by, at=at, day=planned_for.isoformat())
    visit.notices = notices
    return visit


@command
def change(
    visit_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Visit:
    """Another day, time, outlet, purpose or place among the stops, as long as it is only planned.

    Raises NotFound, NotAllowed, RuleBroken with code `visit_not_planned`, InvalidInput, Stale.
    """
    visit = taken(visit_id, by, version=version)
    _require_arranging(by, visit)
    if visit.state != VisitState.PLANNED:
        raise RuleBroken(_("This visit is not planned any more."), code="visit_not_planned")
    given: dict[str, Any] = {
        name: changes[name]
        for name in ("planned_for", "planned_time", "purpose", "stop")
        if name in changes and changes[name] != getattr(visit, name)
    }
    if "outlet" in changes:
        outlet_id = changes["outlet"]
        given["outlet"] = _outlet(outlet_id, visit.merchant_id, by) if outlet_id else None
    if not given:
        return visit
    notices: tuple[Problem, ...] = ()
    if day := given.get("planned_for"):
        notices = _sound_day(day, at=at)
        write(MOVED, visit, by=by, at=at, day=day.isoformat())
    visit.change(at=at, **given)
    visit.notices = notices
    return visit


@command
def cancel(
    visit_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Visit:
    """Call a visit off, or undo a check-in at the wrong door, with the reason.

    Raises NotFound, NotAllowed, RuleBroken with code `visit_closed` or `cancel_needs_reason`,
    Stale.
    """
    visit = taken(visit_id, by, version=version)
    _require_arranging(by, visit)
    if not visit.is_open:
        raise RuleBroken(_("This visit is closed already."), code="visit_closed")
    visit.change(at=at, state=VisitState.CANCELLED, cancelled_because=because.strip())
    write(
        CANCELLED,
        visit,
        by=by,
        at=at,
        day=visit.planned_for.isoformat(),
        because=visit.cancelled_because[:SHOWN_LENGTH],
    )
    return visit


def move_open(lead: Lead, *, to: User, at: datetime) -> int:
    """Let the planned visits of a lead go to its new owner, inside a verb that holds the lead's
    lock. Who is on site at the moment ends their visit themselves."""
    planned = Visit.objects.planned().filter(lead=lead).exclude(owner=to)
    moved = list(planned.for_change())
    for visit in moved:
        visit.change(at=at, owner=to, stop=0)
    return len(moved)


@command
def hand_over(visit_id: UUID, *, to: User, by: Actor, at: datetime) -> Visit:
    """Give an open visit to a colleague, whatever lead it belongs to.

    Raises NotFound, NotAllowed, RuleBroken with code `visit_closed`.
    """
    visit = taken(visit_id, by)
    require(policies.may_lead_visits(by, visit.merchant))
    if not visit.is_open:
        raise RuleBroken(_("This visit is closed already."), code="visit_closed")
    if visit.owner_id == to.pk:
        return visit
    write(HANDED_OVER, visit, by=by, at=at, owner=to.full_name, day=visit.planned_for.isoformat())
    return visit.change(at=at, owner=to, stop=0)


def taken(visit_id: UUID, by: Actor, *, version: int | None = None) -> Visit:
    """Lock a visit that the actor may know of, with its merchant beside it."""
    rows = (
        Visit.objects.seen_by(by)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    return take(rows, visit_id, version=version)


def _require_arranging(by: Actor, visit: Visit) -> None:
    require(policies.may_arrange(by, visit), _("This is somebody else's visit."))


def place(
    merchant_id: UUID, lead_id: UUID | None, outlet_id: UUID | None, by: Actor
) -> tuple[Merchant, Lead | None, Outlet | None]:
    """Where a visit goes to, if the actor may go there."""
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    lead = known(Lead.objects.seen_by(by), lead_id, attr="lead") if lead_id else None
    activities.of_this_merchant(lead, merchant)
    outlet = _outlet(outlet_id, merchant.pk, by) if outlet_id else None
    require(policies.may_follow_up(by, merchant, lead))
    return merchant, lead, outlet


def _outlet(outlet_id: UUID, merchant_id: UUID, by: Actor) -> Outlet:
    outlet = known(Outlet.objects.seen_by(by), outlet_id, attr="outlet")
    if outlet.merchant_id != merchant_id:
        raise InvalidInput(
            _("The outlet belongs to another merchant."),
            code="outlet_of_other_merchant",
            attr="outlet",
        )
    return outlet


def _sound_day(day: date, *, at: datetime) -> tuple[Problem, ...]:
    today = bank_day(at)
    if day < today:
        raise InvalidInput(
            _("Choose today or a day after it."), code="day_in_the_past", attr="planned_for"
        )
    if day > today + FARTHEST:
        raise InvalidInput(_("That is too far ahead."), code="too_far_ahead", attr="planned_for")
    if calendars.load().is_working(day):
        return ()
    return (
        Problem("day_off", _("That is a day off; the visit was planned for it."), "planned_for"),
    )


def write(
    kind: timeline.Kind, visit: Visit, *, by: Actor, at: datetime, **facts: str | int
) -> None:
    timeline.record(kind, merchant_id=visit.merchant_id, subject_id=visit.pk, by=by, at=at, **facts)
