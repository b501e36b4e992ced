"""What becomes of a reminder that is released: pushed at once, held, or only put in the inbox.

The inbox disturbs nobody and is filled at once. Mail and chats reach into a person's day: quiet
hours and days off hold them, and after an outage they come as one message, or not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm.domain.quiet_hours import QuietHours, held_until
from crm.domain.working_days import WorkingDays
from crm.models import HeldBecause


@dataclass(frozen=True)
class Patience:
    """How late a reminder may be: beyond `late` it comes in one message with the others, beyond
    `too_late` it is not pushed any more."""

    late: timedelta
    too_late: timedelta


@dataclass(frozen=True)
class Push:
    """At once (nothing set), held until a moment for a reason, or not at all."""

    held_until: datetime | None = None
    because: HeldBecause | None = None
    is_dropped: bool = False


AT_ONCE = Push()
INBOX_ONLY = Push(is_dropped=True)


def push(
    due_at: datetime,
    *,
    at: datetime,
    is_urgent: bool,
    zone: ZoneInfo,
    calendar: WorkingDays,
    hours: QuietHours,
    patience: Patience,
) -> Push:
    """How a reminder that was due at one moment and is released at another is pushed.

    Late is what comes after the moment at which it would have been said: the morning after, for
    what fell due in quiet hours or on a day off. An urgent one waits for no morning and for no
    others; too late is too late for it as well.
    """
    said_at = due_at
    if not is_urgent:
        said_at = held_until(due_at, zone=zone, calendar=calendar, hours=hours) or due_at
    lateness = at - said_at
    if lateness > patience.too_late:
        return INBOX_ONLY
    if is_urgent:
        return AT_ONCE
    morning = held_until(at, zone=zone, calendar=calendar, hours=hours)
    if lateness > patience.late:
        return Push(morning or at, HeldBecause.LATE)
    return Push(morning, HeldBecause.QUIET) if morning else AT_ONCE
