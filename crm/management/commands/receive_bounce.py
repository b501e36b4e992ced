"""`manage.py receive_bounce`: take in mails that came back, from a pipe or a Maildir."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from crm.domain import bounces
from crm.domain.bounce_reports import LARGEST
from crm.errors import TryAgain

log = structlog.get_logger()

LATER, FAILED = "later", "failed"
TRY_LATER = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the message and comes again."""


class Command(BaseCommand):
    help = (
        "Take in one returned mail from standard input, as a mail server's pipe hands it over, or "
        "every new one of a Maildir, which is marked as read afterwards. What is no mail of ours "
        "is left without consequences. Exit code 75 means: try again later."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--maildir", type=Path, help="a Maildir whose new messages are read")
        parser.add_argument("--recipient", default="", help="to whom the envelope was addressed")

    def handle(self, *, maildir: Path | None, recipient: str, **options: Any) -> None:
        if maildir is not None:
            self._read_all(maildir)
            return
        content = sys.stdin.buffer.read(LARGEST)
        while sys.stdin.buffer.read(LARGEST):
            pass  # The mail server wants to get rid of all of it.
        if not content.strip():
            raise CommandError("There is no message on standard input.")
        try:
            outcome = bounces.receive(content, at=timezone.now(), sent_to=recipient)
        except (DatabaseError, InterfaceError, TryAgain) as away:
            log.error("bounce_not_taken", error=str(away).strip())
            sys.exit(TRY_LATER)
        self.stdout.write(str(outcome))

    def _read_all(self, maildir: Path) -> None:
        new, read = maildir / "new", maildir / "cur"
        if not (new.is_dir() and read.is_dir()):
            raise CommandError(f"{maildir} is no Maildir: it needs the folders new and cur.")
        counted: dict[str, int] = {}
        for message in sorted(new.iterdir()):
            outcome = self._read_one(message)
            counted[outcome] = counted.get(outcome, 0) + 1
            if outcome != LATER:
                # Seen; or flagged for a human being to look at.
                mark = "F" if outcome == FAILED else "S"
                message.rename(read / f"{message.name.partition(':')[0]}:2,{mark}")
        words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.items()))
        self.stdout.write(words or "nothing new")

    def _read_one(self, message: Path) -> str:
        try:
            with message.open("rb") as opened:
                content = opened.read(LARGEST)
            return str(bounces.receive(content, at=timezone.now()))
        except (DatabaseError, InterfaceError) as away:
            raise CommandError(f"The database cannot be asked: {away}") from away
        except TryAgain:
            return LATER
        except Exception:
            # One message that breaks us holds up no other.
            log.exception("bounce_not_taken", message=message.name)
            return FAILED
