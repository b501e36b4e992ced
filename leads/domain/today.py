"""Today: what is overdue, what is due today, and what comes in the next three working days."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.domain import calendar as calendars
from crm.models import User
from leads.models import FollowUp

AHEAD = 3
LONGEST = 200


@dataclass(frozen=True)
class Today:
    overdue: list[FollowUp]
    today: list[FollowUp]
    coming: list[FollowUp]


def of(user: User, *, at: datetime) -> Today:
    """A colleague's open follow-ups up to the third working day from now, soonest first."""
    zone = ZoneInfo(user.time_zone)
    here = at.astimezone(zone).date()
    tomorrow = datetime.combine(here + timedelta(days=1), time(), zone)
    last = calendars.load().after(here, AHEAD)
    horizon = datetime.combine(last + timedelta(days=1), time(), zone)
    due = list(
        FollowUp.objects.open()
        .owned_by(user)
        .filter(due_at__lt=horizon)
        .select_related("merchant", "lead")
        .order_by("due_at", "id")[:LONGEST]
    )
    return Today(
        overdue=[one for one in due if one.due_at < at],
        today=[one for one in due if at <= one.due_at < tomorrow],
        coming=[one for one in due if one.due_at >= tomorrow],
    )
