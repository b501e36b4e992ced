"""Follow-ups that come back: the row of the next occurrence."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm.domain import calendar as calendars
from crm.ids import uuid7
from crm.models import User
from leads.domain import follow_up_signs, recurrence
from leads.domain.recurrence import Recurrence
from leads.models import FollowUp, Repeats


def make_next(closed: FollowUp, *, at: datetime) -> FollowUp | None:
    """The next occurrence of a series, with a reminder of its own; none if the series is over.

    The constraint on `previous` lets a closed follow-up have one at the most.
    """
    if not closed.repeats or closed.repeats_left == 0:
        return None
    assert closed.repeat_number is not None
    assert closed.repeat_time is not None
    zone = ZoneInfo(closed.owner.time_zone)
    day = recurrence.next_day(
        Repeats(closed.repeats),
        closed.repeat_number,
        closed=closed.due_at.astimezone(zone).date(),
        today=at.astimezone(zone).date(),
        calendar=calendars.load(),
    )
    if closed.repeat_until is not None and day > closed.repeat_until:
        return None
    following = FollowUp.objects.create(
        pk=uuid7(),
        merchant=closed.merchant,
        lead_id=closed.lead_id,
        owner=closed.owner,
        title=closed.title,
        due_at=datetime.combine(day, closed.repeat_time, zone),
        priority=closed.priority,
        repeats=closed.repeats,
        repeat_number=closed.repeat_number,
        repeat_time=closed.repeat_time,
        repeat_until=closed.repeat_until,
        repeats_left=None if closed.repeats_left is None else closed.repeats_left - 1,
        previous=closed,
        created_at=at,
        updated_at=at,
    )
    follow_up_signs.remind(following, at=at)
    return following


def columns(repeating: Recurrence | None, *, first: datetime, owner: User) -> dict[str, Any]:
    """The columns of a follow-up that repeats, whose first occurrence is at a moment."""
    if repeating is None:
        return {}
    local = first.astimezone(ZoneInfo(owner.time_zone))
    repeating = recurrence.sound(repeating, first=local.date())
    return {
        "repeats": repeating.repeats,
        "repeat_number": repeating.number,
        "repeat_time": local.time().replace(microsecond=0),
        "repeat_until": repeating.until,
        "repeats_left": None if repeating.times is None else repeating.times - 1,
    }
