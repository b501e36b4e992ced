"""Two sessions at once: the second is seen waiting in the database before anything is claimed."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

PATIENCE_SECONDS = 20


class Session:
    """Something done in another session. Its outcome, or the refusal that it met."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.outcome: Any = None
        self.failure: BaseException | None = None
        self.backend = 0
        self._known = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(action,))
        self._thread.start()
        assert self._known.wait(PATIENCE_SECONDS)

    def _run(self, action: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self._known.set()
            self.outcome = action()
        except BaseException as failure:
            self.failure = failure
        finally:
            connections.close_all()

    @property
    def finished(self) -> bool:
        return not self._thread.is_alive()

    def wait_until_blocked(self) -> bool:
        """True once the session waits for a lock; False if it came to its end without waiting."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self.backend])
                if cursor.fetchone()[0]:
                    return True
            if self.finished:
                return False
        raise AssertionError("neither blocked nor finished")

    def end(self) -> Any:
        """Wait for the end; what came of it, or its refusal."""
        self._thread.join(PATIENCE_SECONDS)
        assert self.finished
        if self.failure is not None:
            raise self.failure
        return self.outcome
