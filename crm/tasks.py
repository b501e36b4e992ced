"""Celery's door: tasks carry nothing but ids and call a verb."""

import time
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.utils import timezone

from crm import queue, watchdog
from crm.domain import delivery, jobs, reminders, ticking, weekly_report

DELIVERY_SECONDS = 60
"""A delivery task ends after this long and rings for the next: well below the task time limit."""

JOB_SECONDS = 60
"""So long a task works on jobs before it rings for the next one."""


@worker_process_init.connect
def watch(**_: Any) -> None:
    """A message that hangs ends its process of the pool; Celery puts another one in its place."""
    watchdog.watch(settings.DELIVERY_HANG_SECONDS)


@shared_task(name="crm.tick")
def tick() -> None:
    """Every half minute: look what came due, and ring for whoever does it."""
    at = timezone.now()
    ticking.tick(at=at)
    queue.doorbell.ring(reminders.DELIVER_DUE)
    if weekly_report.is_due(at=at):
        queue.doorbell.ring(weekly_report.PREPARE_REPORTS)
    if jobs.are_waiting():
        queue.doorbell.ring(jobs.RUN_JOBS)


@shared_task(name=reminders.DELIVER_DUE)
def deliver_due() -> None:
    """Hand over what is due in the outbox."""
    end = time.monotonic() + DELIVERY_SECONDS
    delivery.deliver_due(enough=lambda: time.monotonic() > end)
    if time.monotonic() > end:
        queue.doorbell.ring(reminders.DELIVER_DUE)


@shared_task(name=weekly_report.PREPARE_REPORTS)
def prepare_reports() -> None:
    """Write the weekly reports that are due."""
    weekly_report.prepare_due(at=timezone.now())


@shared_task(name=jobs.RUN_JOBS)
def run_jobs() -> None:
    """Work on imports and exports for a while."""
    end = time.monotonic() + JOB_SECONDS
    jobs.run_due(at=timezone.now(), enough=lambda: time.monotonic() > end)
    if time.monotonic() > end:
        queue.doorbell.ring(jobs.RUN_JOBS)
