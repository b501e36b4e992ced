"""`manage.py run_due [--loop]`: do what is due, without any broker."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections

from crm import clock, watchdog
from crm.domain import delivery, ticking

log = structlog.get_logger()


class Command(BaseCommand):
    help = (
        "Release due reminders, write due reports, deliver the outbox, take lists in and give "
        "them out. Needs PostgreSQL and nothing else, so that a dead broker costs nothing. With "
        "--loop it goes on until it is told to stop (SIGTERM, Ctrl-C); the message or the batch in "
        "hand is finished first. A message that hangs ends the process: let a supervisor start it "
        "again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until told to stop")
        parser.add_argument("--seconds", type=float, default=30, help="pause between rounds")

    def handle(self, *, loop: bool, seconds: float, **options: Any) -> None:
        with watchdog.watching(settings.DELIVERY_HANG_SECONDS):
            if loop:
                self._go_on(seconds)
                return
            delivered = ticking.sweep(at=clock.now()) + delivery.deliver_due()
        self.stdout.write(f"{delivered} deliveries taken.")

    def _go_on(self, seconds: float) -> None:
        told_to_stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told_to_stop.set())
        while not told_to_stop.is_set():
            _round(told_to_stop)
            told_to_stop.wait(0.0 if _more_to_do() else seconds)


def _more_to_do() -> bool:
    """Whether a message, an import or an export waits for its next slice of time."""
    try:
        return ticking.more_is_due()
    except (DatabaseError, InterfaceError):
        return False


def _round(told_to_stop: threading.Event) -> None:
    close_old_connections()
    try:
        ticking.sweep(at=clock.now(), enough=told_to_stop.is_set)
    except (DatabaseError, InterfaceError) as failure:
        # The database is away; everything is still in it when it is back.
        log.error("round_failed", error=str(failure).strip())
