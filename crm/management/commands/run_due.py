"""`manage.py run_due [--loop]`: do what is due, without any broker."""

import signal
import threading
from argparse import ArgumentParser
from datetime import datetime
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
        "again. With --when-silent it stands by: it works only while the workers do not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until told to stop")
        parser.add_argument(
            "--when-silent",
            action="store_true",
            help="sweep only when nobody has ticked for three minutes, or something is overdue",
        )
        parser.add_argument("--seconds", type=float, default=30, help="pause between rounds")

    def handle(
        self, *, loop: bool, seconds: float, when_silent: bool = False, **options: Any
    ) -> None:
        with watchdog.watching(settings.DELIVERY_HANG_SECONDS):
            if loop:
                self._go_on(seconds, StandBy() if when_silent else None)
                return
            if when_silent and not ticking.is_left_undone(at=clock.now()):
                self.stdout.write("Nothing to do: the workers are at it.")
                return
            delivered = ticking.sweep(at=clock.now()) + delivery.deliver_due()
        self.stdout.write(f"{delivered} deliveries taken.")

    def _go_on(self, seconds: float, stand_by: "StandBy | None") -> None:
        told_to_stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told_to_stop.set())
        while not told_to_stop.is_set():
            worked = _round(told_to_stop, stand_by)
            told_to_stop.wait(0.0 if worked and _more_to_do() else seconds)


class StandBy:
    """Works while the workers do not, and steps back when one of them has ticked again."""

    def __init__(self) -> None:
        self.own_beat: datetime | None = None
        self.works = False

    def is_needed(self) -> bool:
        """Whether to work now; says so when that changes."""
        needed = ticking.is_left_undone(at=clock.now(), own=self.own_beat)
        if needed != self.works:
            log.warning("stand_by_took_over" if needed else "stand_by_stepped_back")
        self.works = needed
        return needed

    def has_worked(self) -> None:
        """Remember one's own heartbeat, so that it is not taken for somebody else's."""
        self.own_beat = ticking.last_beat()


def _more_to_do() -> bool:
    """Whether a message, an import or an export waits for its next slice of time."""
    try:
        return ticking.more_is_due()
    except (DatabaseError, InterfaceError):
        return False


def _round(told_to_stop: threading.Event, stand_by: StandBy | None) -> bool:
    """One sweep, or a look whether one is wanted; says whether there was one."""
    close_old_connections()
    try:
        if stand_by and not stand_by.is_needed():
            return False
        ticking.sweep(at=clock.now(), enough=told_to_stop.is_set)
        if stand_by:
            stand_by.has_worked()
    except (DatabaseError, InterfaceError) as failure:
        # The database is away; everything is still in it when it is back.
        log.error("round_failed", error=str(failure).strip())
        return False
    return True
