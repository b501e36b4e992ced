"""How many connections to the mail server all workers together may have open.

Mail servers refuse a customer who comes with too many at once (Exchange with 432 beyond three). The
database counts: a slot is an advisory lock of the worker's session, so a worker that dies gives its
slot back by dying.
"""

import contextlib

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from crm.command import met_another

_FAMILY = 0x4D41494C
"""Our advisory locks among those of others: “MAIL”."""


def take(*, patience: float) -> int | None:
    """A free slot; if there is none, the next one that gets free in time, else none."""
    for slot in range(settings.MAIL_CONNECTIONS):
        if _asked("SELECT pg_try_advisory_lock(%s, %s)", slot):
            return slot
    return _waited_for(_own_place() % settings.MAIL_CONNECTIONS, patience)


def give_back(slot: int) -> None:
    """The connection is closed."""
    # A session that is gone has given everything back already.
    with contextlib.suppress(DatabaseError):
        _asked("SELECT pg_advisory_unlock(%s, %s)", slot)


def _waited_for(slot: int, patience: float) -> int | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience:.3f}s"])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_FAMILY, slot])
    except OperationalError as failed:
        if met_another(failed):
            return None
        raise
    return slot


def _own_place() -> int:
    """Spreads those who wait over the slots."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _asked(sql: str, slot: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_FAMILY, slot])
        return bool(cursor.fetchone()[0])
