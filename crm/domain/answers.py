"""Answers once given are kept for seven days, so that a phone may ask again and be served once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from crm.command import command
from crm.models import GivenAnswer, User

KEPT = timedelta(days=7)


def only_one(user: User, key: str) -> bool:
    """Take the key for this transaction. False if another session is at work with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{user.pk}:{key}"]
        )
        taken: bool = cursor.fetchone()[0]
    return taken


def given(user: User, key: str) -> GivenAnswer | None:
    """What this person was answered under this key, if anything."""
    return GivenAnswer.objects.filter(user=user, key=key).first()


def keep(
    user: User,
    key: str,
    *,
    fingerprint: bytes,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> GivenAnswer:
    """Keep an answer, in the transaction of its effect: they are both there, or neither is."""
    return GivenAnswer.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status=status,
        headers=dict(headers),
        body=body,
        created_at=at,
    )


@command
def forget_old(*, at: datetime) -> int:
    """Let go of answers older than seven days; returns how many."""
    count, _by_model = GivenAnswer.objects.older_than(at - KEPT).delete()
    return count
