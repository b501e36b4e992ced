"""The doorbell: wake a worker up once the transaction has committed.

The work itself is a row, and the tick sweeps it up whatever happens here. So a broker that is down,
slow or hung is never the user's problem: the ring gives up within a second, its failure is counted
and logged, and for half a minute nobody rings again.
"""

import time
from typing import Any

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger()

PAUSE_SECONDS = 30
PATIENCE_SECONDS = 0.5
UNHEARD_SECONDS = 300
"""A ring that nobody heard for so long need not be heard: the tick has been round since."""

_REDIS: dict[str, Any] = {
    "socket_timeout": PATIENCE_SECONDS,
    "socket_connect_timeout": PATIENCE_SECONDS,
    "retry_on_timeout": False,
    "max_retries": 0,
}
_RABBIT: dict[str, Any] = {
    "read_timeout": PATIENCE_SECONDS,
    "write_timeout": PATIENCE_SECONDS,
    "max_retries": 0,
}
_IMPATIENT = {
    **dict.fromkeys(("redis", "rediss", "redis+socket"), _REDIS),
    **dict.fromkeys(("amqp", "amqps", "pyamqp"), _RABBIT),
}
"""How each kind of broker is told not to keep us waiting."""


class Doorbell:
    """Rings workers; remembers when the broker last failed and how often."""

    def __init__(self) -> None:
        self.failures = 0
        self._quiet_until = 0.0

    def ring(self, task: str, *args: Any) -> bool:
        """Send the task's name and ids to its queue. True if the broker took it."""
        if time.monotonic() < self._quiet_until:
            return False
        try:
            self._send(task, args)
        except Exception as failure:
            # Whatever the broker's client raises, the row is safe and the tick will find it.
            self.failures += 1
            self._quiet_until = time.monotonic() + PAUSE_SECONDS
            log.warning(
                "doorbell_failed",
                task=task,
                error=repr(failure),
                failures=self.failures,
            )
            return False
        return True

    def _send(self, task: str, args: tuple[Any, ...]) -> None:
        kind = current_app.conf.broker_url.partition("://")[0]
        options = {**current_app.conf.broker_transport_options, **_IMPATIENT.get(kind, {})}
        with current_app.connection_for_write(
            connect_timeout=PATIENCE_SECONDS, transport_options=options
        ) as connection:
            current_app.send_task(
                task,
                args=args,
                connection=connection,
                retry=False,
                expires=UNHEARD_SECONDS,
            )


doorbell = Doorbell()


def after_commit(task: str, *args: Any) -> None:
    """Ring for a task when the surrounding transaction commits. Pass ids, never rows."""
    transaction.on_commit(lambda: doorbell.ring(task, *args), robust=True)
