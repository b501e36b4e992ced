"""`make bench-delivery`: the outbox, measured.

A million open reminders, of which ten thousand are due: how fast they are released, and how fast
the rows of the outbox are claimed and settled, line of an inbox by line and mail by mail, beside
the bare SQL that claims and settles the same rows and does nothing else.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench.__main__ import prepare_environment

DATABASE = "bench_delivery"
OPEN, DUE, PEOPLE = 1_000_000, 10_000, 500
INBOX_AT_LEAST, MAIL_AT_LEAST, RELEASED_AT_LEAST = 1_000, 200, 1_000
"""Rows per second, on two shared cores."""
SETTLED = 1_000_000
"""What was sent in the months before lies in the same table."""

BARE_CLAIM = """
UPDATE crm_delivery SET state = 'claimed', claimed_by = 'bare', attempts = attempts + 1,
       lease_until = now() + interval '5 minutes'
WHERE id IN (SELECT id FROM crm_delivery WHERE next_try_at <= now() AND channel = %(channel)s
             AND state IN ('queued', 'retry', 'claimed', 'handing_over')
             AND (state IN ('queued', 'retry') OR lease_until < now())
             ORDER BY next_try_at, id FOR UPDATE SKIP LOCKED LIMIT %(limit)s)
RETURNING id
"""
BARE_SETTLE = """
UPDATE crm_delivery SET state = 'sent', sent_at = now(), claimed_by = '', lease_until = NULL
WHERE id = ANY(%(ids)s)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=OPEN)
    parser.add_argument("--due", type=int, default=DUE)
    parser.add_argument("--settled", type=int, default=SETTLED)
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    _create()
    _fill(options.open, options.due, options.settled)
    print(
        f"{options.open:,} open reminders, {options.due:,} due; {options.settled:,} messages sent"
        " before\n"
    )
    kept = [
        _released(options.due),
        _claimed_and_settled("inbox", options.due, INBOX_AT_LEAST),
        _claimed_and_settled("mail", options.due, MAIL_AT_LEAST),
    ]
    print("\nEvery limit is kept." if all(kept) else "\nMissed.")
    return not all(kept)


def _create() -> None:
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    connection.settings_dict["NAME"] = DATABASE
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{DATABASE}?")
    call_command("migrate", verbosity=0)


def _sql(statement: str, **values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _fill(total: int, due: int, settled: int) -> None:
    from crm.models import User

    User.objects.bulk_create(
        User(email=f"p{number}@bench.test", full_name=f"同事{number}") for number in range(PEOPLE)
    )
    _sql(
        """
        INSERT INTO crm_reminder (id, version, created_at, updated_at, key, recipient_id, kind,
                                  facts, link, due_at, state, escalates_to)
        SELECT gen_random_uuid(), 1, now(), now(), 'bench:' || n, people.id, 'bench', '{}', '/',
               CASE WHEN n %% %(every)s = 0 THEN now() - interval '1 minute'
                    ELSE now() + n * interval '10 seconds' END, 'planned', ''
        FROM generate_series(1, %(total)s) AS n
        JOIN (SELECT id, row_number() OVER () - 1 AS place FROM crm_user) AS people
             ON people.place = n %% %(people)s
        """,
        total=total,
        every=max(1, total // due),
        people=PEOPLE,
    )
    _outbox("before", settled, "mail", "sent")
    _sql("VACUUM ANALYZE")


def _outbox(key: str, count: int, channel: str, state: str) -> None:
    _sql(
        """
        INSERT INTO crm_delivery (id, version, created_at, updated_at, key, channel, recipient_id,
                                  kind, subject, text, html, link, state, attempts, losses,
                                  next_try_at, claimed_by, failure, revision, text_kept, waited,
                                  sent_at)
        SELECT gen_random_uuid(), 1, now(), now(), %(key)s::text || n, %(channel)s::varchar, people.id, 'bench',
               '跟进提醒', '您约了海底捞火锅。', '', '/', %(state)s::varchar, 0, 0, now(), '', '', 1, true,
               interval '0', CASE WHEN %(state)s::varchar = 'sent' THEN now() END
        FROM generate_series(1, %(count)s) AS n
        JOIN (SELECT id, row_number() OVER () - 1 AS place FROM crm_user) AS people
             ON people.place = n %% %(people)s
        """,
        key=f"bench:{key}:",
        count=count,
        channel=channel,
        state=state,
        people=PEOPLE,
    )


def _released(due: int) -> bool:
    from django.utils import timezone

    from crm.domain import reminders
    from crm.models import Delivery

    def release() -> int:
        released = 0
        while one := reminders.release_due(at=timezone.now()):
            released += one
        return released

    count, seconds = _timed(release)
    assert count >= due, count
    Delivery.objects.unsettled()._raw_delete("default")  # type: ignore[attr-defined]
    return _told("released", count, seconds, RELEASED_AT_LEAST)


def _claimed_and_settled(channel: str, due: int, at_least: int) -> bool:
    from crm.domain import claiming, delivery

    limit = claiming.INBOX_BATCH if channel == "inbox" else claiming.BATCH
    _outbox(f"bare-{channel}", due, channel, "queued")
    bare, bare_seconds = _timed(lambda: _bare(channel, limit))
    _told(f"{channel}, bare SQL", bare, bare_seconds, 0)
    _outbox(f"ours-{channel}", due, channel, "queued")
    ours, seconds = _timed(delivery.deliver_due)
    assert (bare, ours) == (due, due), (bare, ours)
    kept = _told(f"{channel}, claimed, said and settled", ours, seconds, at_least)
    print(f"  {'':38} {seconds / bare_seconds:8.1f} times the bare SQL")
    return kept


def _bare(channel: str, limit: int) -> int:
    from django.db import connection

    taken = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(BARE_CLAIM, {"channel": channel, "limit": limit})
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return taken
            cursor.execute(BARE_SETTLE, {"ids": ids})
            taken += len(ids)


def _timed(action: Callable[[], int]) -> tuple[int, float]:
    begun = time.perf_counter()
    count = action()
    return count, time.perf_counter() - begun


def _told(what: str, count: int, seconds: float, at_least: int) -> bool:
    speed = count / seconds
    limit = f" (at least {at_least:,})" if at_least else ""
    print(f"  {what:38} {speed:8,.0f} rows/s{limit}", flush=True)
    return speed >= at_least


if __name__ == "__main__":
    sys.exit(main())
