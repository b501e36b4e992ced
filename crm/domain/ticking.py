"""The tick: sweep up whatever is due. Two ticks at once are harmless, a missed one costs seconds."""

from datetime import datetime

import structlog
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from crm.domain import delivery, reminders, weekly_report
from crm.models import Delivery, Heartbeat, Reminder

log = structlog.get_logger()

TICK = "tick"
LATE_SECONDS = 300
SILENT_SECONDS = 180


def tick(*, at: datetime) -> None:
    """Release due reminders, plan and write due reports, and say that we are alive."""
    while reminders.release_due(at=at):
        pass
    for week in weekly_report.weeks_to_plan(at):
        log.info(
            "weekly_report_planned",
            week=str(week),
            rows=weekly_report.plan_week(week, at=at),
        )
    weekly_report.prepare_due(at=at)
    beat()


def sweep(*, at: datetime) -> int:
    """A whole round without any broker: tick, then deliver what is due; returns deliveries."""
    tick(at=at)
    return delivery.deliver_due()


def beat() -> None:
    """Write the heartbeat, with how late the oldest due row is (database clock)."""
    Heartbeat.objects.update_or_create(
        name=TICK, defaults={"at": Now(), "oldest_due_seconds": oldest_due_seconds()}
    )


def oldest_due_seconds() -> float:
    """How long the oldest row has been waiting beyond its time; 0 if nothing is due."""
    now = timezone.now()
    due = Reminder.objects.due(now).aggregate(oldest=Min("due_at"))["oldest"]
    waiting = (
        Delivery.objects.unsettled()
        .filter(next_try_at__lte=now)
        .aggregate(oldest=Min("next_try_at"))["oldest"]
    )
    return max(
        ((now - moment).total_seconds() for moment in (due, waiting) if moment),
        default=0.0,
    )


def health(*, at: datetime) -> dict[str, float | bool | None]:
    """Is the sweeping done? `healthy` is false when it is silent or something is overdue."""
    last = Heartbeat.objects.filter(name=TICK).first()
    age = (at - last.at).total_seconds() if last else None
    oldest = oldest_due_seconds()
    return {
        "healthy": age is not None and age <= SILENT_SECONDS and oldest <= LATE_SECONDS,
        "last_tick_seconds_ago": age,
        "oldest_due_seconds": oldest,
    }
