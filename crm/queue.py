"""The doorbell: wake a worker up once the transaction has committed.

The work itself is a row, and the tick sweeps it up whatever happens here. So a broker that is down,
slow or hung is never the user's problem: the ring gives up within half a second, its failure is
counted and logged, and for half a minute nobody rings again.
"""

import time
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

log = structlog.get_logger()

PAUSE_SECONDS = 30
_RING_OPTIONS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}


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
            with current_app.connection_for_write(
                connect_timeout=0.5,
                transport_options={
                    **current_app.conf.broker_transport_options,
                    **_RING_OPTIONS,
                },
            ) as connection:
                current_app.send_task(
                    task,
                    args=args,
                    connection=connection,
                    retry=False,
                    **settings.CELERY_TASK_ROUTES.get(task, {}),
                )
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


doorbell = Doorbell()


def after_commit(task: str, *args: Any) -> None:
    """Ring for a task when the surrounding transaction commits. Pass ids, never rows."""
    transaction.on_commit(lambda: doorbell.ring(task, *args), robust=True)
