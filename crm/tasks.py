"""Celery's door: tasks carry nothing but ids and call a verb."""

from celery import shared_task
from django.utils import timezone

from crm import queue
from crm.domain import delivery, reminders, ticking, weekly_report


@shared_task(name="crm.tick")
def tick() -> None:
    """Every half minute: sweep, then ring for whatever came due."""
    ticking.tick(at=timezone.now())
    queue.doorbell.ring(reminders.DELIVER_DUE)


@shared_task(name=reminders.DELIVER_DUE)
def deliver_due() -> None:
    """Hand over what is due in the outbox."""
    delivery.deliver_due()


@shared_task(name="crm.prepare_reports")
def prepare_reports() -> None:
    """Write the weekly reports that are due."""
    weekly_report.prepare_due(at=timezone.now())
