"""Whose turn it is with a message: claimed with a lease, checked before the effect, settled after.

Two workers at once take different rows. A worker that dies leaves its rows to the next one when the
lease ends. What it had begun is counted as a loss; a message with two of them is tried alone from
then on, so that it can take no other down with it, and with five it is put aside.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from crm.channels.base import Refused, Retry
from crm.domain import delivery_parameters, retrying
from crm.models import Channel, Delivery, DeliveryState

log = structlog.get_logger()

BATCH = 20
"""Twenty messages at ten seconds each, the mail time-out, still end within the lease."""
INBOX_BATCH = 200
"""Lines of our own inbox are written together."""
LOSSES_ALLOWED = 5
"""A message that this many tries ended with, by a dead worker or by a bug, is put aside."""
SUSPICIOUS = 2
"""With so many losses a message is taken alone."""


def lease() -> timedelta:
    """How long a claim holds."""
    return timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


def new_worker() -> str:
    """A name for one claimer, never used again."""
    return uuid.uuid4().hex


def claim(
    worker: str,
    *,
    limit: int = BATCH,
    among: Q | None = None,
    as_state: DeliveryState = DeliveryState.CLAIMED,
) -> list[Delivery]:
    """Take up to `limit` due rows, oldest first. The try is counted before it begins."""
    while True:
        with transaction.atomic():
            found = list(
                Delivery.objects.claimable()
                .filter(among or Q())
                .order_by("next_try_at", "id")
                .select_related("recipient", "endpoint")
                .select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
            )
            taken = _together(_after_losses(found))
            if taken:
                _take(taken, worker, as_state)
        # Where all that was found is put aside or rests, there may be more behind it.
        if taken or not found:
            return taken


def claim_inbox(worker: str, *, limit: int = INBOX_BATCH) -> list[Delivery]:
    """Take due lines of the inbox, all of them to be written at once."""
    inbox = Q(channel=Channel.INBOX)
    return claim(worker, limit=limit, among=inbox, as_state=DeliveryState.HANDING_OVER)


def _take(rows: Sequence[Delivery], worker: str, state: DeliveryState) -> None:
    not_begun = When(state=DeliveryState.CLAIMED, then=F("attempts"))
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state,
        claimed_by=worker,
        lease_until=Now() + Value(lease()),
        attempts=Case(not_begun, default=F("attempts") + 1),
        updated_at=Now(),
        version=F("version") + 1,
    )
    for row in rows:
        row.attempts += row.state != DeliveryState.CLAIMED
        row.state, row.claimed_by = state, worker


def _together(rows: Sequence[Delivery]) -> list[Delivery]:
    """What may be tried in one batch: a suspicious message alone."""
    if rows and rows[0].losses >= SUSPICIOUS:
        return [rows[0]]
    return [row for row in rows if row.losses < SUSPICIOUS]


def _after_losses(rows: Sequence[Delivery]) -> list[Delivery]:
    """Count the loss of what a worker had begun when it died; give back what may be tried now."""
    lost = [row for row in rows if row.state == DeliveryState.HANDING_OVER]
    if not lost:
        return list(rows)
    for row in lost:
        row.losses += 1
    for losses in sorted({row.losses for row in lost}):
        _settle_losses([row for row in lost if row.losses == losses], losses)
    resting = {row.pk for row in lost if row.losses >= SUSPICIOUS}
    return [row for row in rows if row.pk not in resting]


def _settle_losses(rows: Sequence[Delivery], losses: int) -> None:
    same = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    if losses < SUSPICIOUS:
        same.update(losses=losses)
        return
    dead = losses >= LOSSES_ALLOWED
    rest = timedelta() if dead else retrying.pause(Retry.QUICK, losses)
    same.update(
        losses=losses,
        state=DeliveryState.DEAD if dead else DeliveryState.RETRY,
        next_try_at=Now() + Value(rest),
        failure=f"worker_lost: {losses} workers died with this message",
        claimed_by="",
        lease_until=None,
        updated_at=Now(),
        version=F("version") + 1,
    )
    for row in rows:
        log.error("worker_lost", key=row.key, losses=losses, dead=dead)


def fence(delivery: Delivery, worker: str) -> bool:
    """The last look before the effect: whoever lost the lease meanwhile keeps quiet.

    Whoever still has it gets a whole one for this message, however long the batch took so far.
    """
    return bool(
        Delivery.objects.filter(pk=delivery.pk)
        .held_by(worker)
        .update(state=DeliveryState.HANDING_OVER, lease_until=Now() + Value(lease()))
    )


def settle_sent(rows: Iterable[Delivery], worker: str) -> int:
    """It is said; returns how many of them were still ours."""
    return (
        Delivery.objects.filter(pk__in=[row.pk for row in rows])
        .held_by(worker)
        .update(**_AT_REST, state=DeliveryState.SENT, sent_at=Now(), failure="")
    )


def settle_sent_late(delivery: Delivery, worker: str) -> None:
    """It is said, and nobody took it over meanwhile, though the lease may have ended."""
    Delivery.objects.filter(pk=delivery.pk, claimed_by=worker).update(
        **_AT_REST, state=DeliveryState.SENT, sent_at=Now(), failure=""
    )


def settle_failed(delivery: Delivery, worker: str, refusal: Refused, *, is_bug: bool) -> None:
    """It was not said: try again after a pause, or give it up with code and text."""
    losses = delivery.losses + is_bug
    verdict = retrying.judged(
        refusal,
        attempts=delivery.attempts,
        waited=delivery.waited,
        patience=timedelta(hours=delivery_parameters.TRIED_HOURS.value),
    )
    dead = verdict.wait is None or losses >= LOSSES_ALLOWED
    Delivery.objects.filter(pk=delivery.pk, claimed_by=worker).update(
        **_AT_REST,
        state=DeliveryState.DEAD if dead else DeliveryState.RETRY,
        next_try_at=Now() + Value(verdict.wait or timedelta()),
        waited=verdict.waited,
        attempts=delivery.attempts - (refusal.wait is not None),
        losses=losses,
        failure=f"{refusal.code}: {refusal.text}".replace("\0", "")[:500],
    )
    log.warning("delivery_refused", key=delivery.key, code=refusal.code, dead=dead)


def give_back(rows: Iterable[Delivery], worker: str) -> None:
    """Return what was claimed and not begun: at once, and without having cost a try."""
    Delivery.objects.filter(
        pk__in=[row.pk for row in rows], claimed_by=worker, state=DeliveryState.CLAIMED
    ).update(**_AT_REST, state=DeliveryState.QUEUED, attempts=F("attempts") - 1)


_AT_REST = {
    "claimed_by": "",
    "lease_until": None,
    "updated_at": Now(),
    "version": F("version") + 1,
}
"""How a row is left by whoever held it."""
