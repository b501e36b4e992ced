"""Celery is a doorbell: it wakes workers up, PostgreSQL holds the work.

A lost, late or repeated message costs seconds and never a reminder, so there is no result backend,
no countdown and no crontab here: one interval entry, the tick, sweeps what is due.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUEUES: tuple[str, ...] = ("tick", "delivery", "report", "jobs")
"""Kept apart so that a slow import cannot hold back a reminder."""

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
