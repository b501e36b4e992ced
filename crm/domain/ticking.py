"""The tick: sweep up whatever is due.

Two ticks at once are harmless, a missed one costs seconds.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Min, QuerySet
from django.db.models.functions import Now

from crm.domain import (
    answers,
    delivery,
    job_retention,
    jobs,
    message_retention,
    reminders,
    weekly_report,
)
from crm.models import Delivery, Heartbeat, HeldNotice, Reminder, WeeklyReport

log = structlog.get_logger()

TICK = "tick"
LATE_SECONDS = 300
SILENT_SECONDS = 180
JOB_SLICE_SECONDS = 5
"""How long one round works on imports and exports before it looks at the reminders again."""


SLICE_SECONDS = 20
"""How long a step of the tick, or the delivering of a round, goes on at a time. After an outage
there may be work for hours; meanwhile the pulse is written and everything else gets its turn."""


type Step = Callable[[datetime], None]

_STEPS: list[Step] = []


def step(part: Step) -> Step:
    """Let a room have something looked after by every tick (its module `ticks.py`)."""
    _STEPS.append(part)
    return part


def tick(*, at: datetime) -> None:
    """Release due reminders, plan due reports, let the rooms do what is due, say that we are alive.

    Each step does a bounded piece of work; delivering, writing reports and long jobs are rung for.
    What fails here is tried again by the next tick and holds up nothing else; if it goes on
    failing, the oldest due row says so in the heartbeat.
    """
    for part in (_release_reminders, _plan_reports, *_STEPS, _say_alive, _forget):
        try:
            part(at)
        except Exception:
            log.exception("tick_step_failed", step=part.__name__)


def for_a_while(work: Callable[[], int]) -> None:
    """Do batch after batch until there is none left, or the time of a step is over: the next tick
    goes on."""
    end = time.monotonic() + SLICE_SECONDS
    while work() and time.monotonic() < end:
        pass


def _release_reminders(at: datetime) -> None:
    for_a_while(lambda: reminders.release_due(at=at))


def _plan_reports(at: datetime) -> None:
    for week in weekly_report.weeks_to_plan(at):
        rows = weekly_report.plan_week(week, at=at)
        log.info("weekly_report_planned", week=str(week), rows=rows)


def _say_alive(at: datetime) -> None:
    beat()


def _forget(at: datetime) -> None:
    answers.forget_old(at=at)
    job_retention.forget_old(at=at)
    message_retention.let_go(at=at)


def sweep(*, at: datetime, enough: Callable[[], bool] = delivery.never) -> int:
    """A whole round without any broker: tick, write, deliver what is due; returns deliveries.

    Delivering gets a slice of time, so that a long queue of mails holds up neither the pulse nor
    what falls due meanwhile (`more_is_due`). Jobs come last and get a slice of their own, so that
    an import holds up no reminder.
    """
    tick(at=at)
    weekly_report.prepare_due(at=at)
    over = time.monotonic() + SLICE_SECONDS
    delivered = delivery.deliver_due(enough=lambda: time.monotonic() > over or enough())
    end = time.monotonic() + JOB_SLICE_SECONDS
    jobs.run_due(at=at, enough=lambda: time.monotonic() > end or enough())
    return delivered


def more_is_due() -> bool:
    """Whether a round left something that the next one should take up at once."""
    return jobs.are_waiting() or Delivery.objects.claimable().order_by("next_try_at")[:1].exists()


def beat() -> None:
    """Write the heartbeat, with how late the oldest due row is (database clock)."""
    Heartbeat.objects.update_or_create(
        name=TICK, defaults={"at": Now(), "oldest_due_seconds": oldest_due_seconds()}
    )


def oldest_due_seconds() -> float:
    """How long the oldest row has been waiting beyond its time; 0 if nothing is due.

    By the database clock, like the claiming itself.
    """
    return max(
        0.0,
        _waiting(Reminder.objects.planned(), "due_at"),
        _waiting(HeldNotice.objects.waiting(), "deliver_at"),
        _waiting(Delivery.objects.unsettled(), "next_try_at"),
        _waiting(WeeklyReport.objects.filter(prepared_at=None), "due_at"),
    )


def _waiting(rows: QuerySet[Any], moment: str) -> float:
    age: timedelta | None = rows.aggregate(age=Now() - Min(moment))["age"]
    return age.total_seconds() if age else 0.0


def is_left_undone(*, at: datetime, own: datetime | None = None) -> bool:
    """Whether the sweeping wants somebody else: it is silent, something is overdue, or nobody has
    beaten since whoever asks did so (`own`)."""
    return last_beat() == own or not health(at=at)["healthy"]


def last_beat() -> datetime | None:
    """When the last tick said that it was alive; none if there was never one."""
    return Heartbeat.objects.filter(name=TICK).values_list("at", flat=True).first()


def health(*, at: datetime) -> dict[str, float | bool | None]:
    """Is the sweeping done? `healthy` is false when it is silent or something is overdue."""
    last = Heartbeat.objects.filter(name=TICK).first()
    age = (at - last.at).total_seconds() if last else None
    oldest = oldest_due_seconds()
    return {
        "healthy": age is not None and age < SILENT_SECONDS and oldest <= LATE_SECONDS,
        "last_tick_seconds_ago": age,
        "oldest_due_seconds": oldest,
    }
