"""The connection to the mail server, with an end to every talk.

The time-out of a socket counts from one byte to the next, so a server that says a word every nine
seconds would hold a worker for ever. Here a whole exchange has one time, after which we hang up.
"""

import contextlib
import functools
import smtplib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from django.core.mail.backends import smtp


class Talk:
    """Knows who is being talked to, so that it can hang up from outside."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Hang up if what is done inside takes longer; the reading side gets an OSError."""
        watch = threading.Timer(seconds, self._hang_up)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _hang_up(self) -> None:
        line = getattr(self.server, "sock", None)
        if line is not None:
            with contextlib.suppress(OSError):
                # Below TLS, whose own shutdown would wait for the other side's answer.
                socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Watched(smtplib.SMTP):
    def __init__(self, talk: Talk, *args: Any, **kwargs: Any) -> None:
        talk.server = self
        super().__init__(*args, **kwargs)


class _WatchedTls(smtplib.SMTP_SSL):
    def __init__(self, talk: Talk, *args: Any, **kwargs: Any) -> None:
        talk.server = self
        super().__init__(*args, **kwargs)


class EmailBackend(smtp.EmailBackend):
    """Django's, with a talk that can be ended in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.talk = Talk()

    @property
    def connection_class(self) -> Any:
        """What Django opens: it tells our talk of itself before it says the first word."""
        return functools.partial(_WatchedTls if self.use_ssl else _Watched, self.talk)

    def open(self) -> bool | None:
        """Greet at once: a server that turns everybody away is not asked for each mail anew."""
        opened = super().open()
        if opened and self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()
        return opened
