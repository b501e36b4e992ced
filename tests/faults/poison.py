"""A mail backend that some subjects are poison to, and workers that use it.

`python -m tests.faults.poison RECORD COUNT` keeps so many `run_due --loop` going, as a supervisor
does, and writes a line into RECORD for each that ended: how, by its own account of the system.
"""

import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as Smtp

RAISE, HANG, SEGFAULT = "poison: raise", "poison: hang", "poison: segfault"


class EmailBackend(Smtp):
    """Sends everything but poison."""

    def send_messages(self, email_messages: Any) -> int:
        for message in email_messages:
            if message.subject == RAISE:
                raise ZeroDivisionError(message.subject)
            if message.subject == HANG:
                time.sleep(3600)
            if message.subject == SEGFAULT:
                ctypes.string_at(0)
        return super().send_messages(email_messages) or 0


def main(record: Path, count: int) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    django.setup()
    from django.conf import settings

    settings.EMAIL_BACKEND = "tests.faults.poison.EmailBackend"
    workers = {_worker() for _ in range(count)}
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    while workers:
        gone, status = os.wait()
        workers.remove(gone)
        with record.open("a") as lines:
            lines.write(f"{os.waitstatus_to_exitcode(status)}\n")
        workers.add(_worker())


def _worker() -> int:
    child = os.fork()
    if not child:
        from django.core.management import call_command

        call_command("run_due", loop=True, seconds=0.2)
        os._exit(0)
    return child


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
