"""The outbox machine: claim with a lease, check ownership, hand over, settle.

Reached by the tick, by the doorbell and by `manage.py run_due`. Two of them at once take different
rows. A worker that dies leaves its rows to the next one when the lease ends, so nothing is lost; a
mail can be doubled only if a worker dies between the server's "250" and our own commit.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm import policies, queue
from crm.actors import Actor, user_id
from crm.channels import Channel as ChannelDoor
from crm.channels import Refused, open_channels
from crm.command import command
from crm.domain.reminders import DELIVER_DUE
from crm.errors import RuleBroken
from crm.models import Channel, Delivery, DeliveryState, Resend
from crm.models.delivery import IN_HAND, UNSETTLED

log = structlog.get_logger()

BATCH = 20
"""Twenty messages at ten seconds each, the mail time-out, still end within the lease."""
LOSSES_ALLOWED = 5
"""A row that was in the hands of this many workers when they died is put aside."""
BUGS_ALLOWED = 5
"""A row that fails in a way nobody foresaw is tried this often."""
TRIES_ALLOWED = 40
"""With the pauses below: about a day. Counted in tries, so that an outage of ours costs none."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900, 1800, 3600))


def lease() -> timedelta:
    """How long a claim holds."""
    return timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


def new_worker() -> str:
    """A name for one claimer, never used again."""
    return uuid.uuid4().hex


def claim(worker: str, *, limit: int = BATCH) -> list[Delivery]:
    """Take up to `limit` due rows, oldest first. The try is counted before it begins."""
    with transaction.atomic():
        ids = list(
            Delivery.objects.claimable()
            .order_by("next_try_at", "id")
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)[:limit]
        )
        if not ids:
            return []
        rows = Delivery.objects.filter(pk__in=ids)
        rows.filter(state__in=IN_HAND).update(losses=F("losses") + 1)
        rows.filter(losses__gte=LOSSES_ALLOWED).update(
            state=DeliveryState.DEAD,
            failure=f"worker_lost: {LOSSES_ALLOWED} workers died with this message",
            claimed_by="",
            lease_until=None,
            updated_at=Now(),
            version=F("version") + 1,
        )
        rows.filter(state__in=UNSETTLED).update(
            state=DeliveryState.CLAIMED,
            claimed_by=worker,
            lease_until=Now() + Value(lease()),
            attempts=F("attempts") + 1,
            updated_at=Now(),
            version=F("version") + 1,
        )
    return list(
        Delivery.objects.held_by(worker)
        .filter(pk__in=ids)
        .select_related("recipient")
        .order_by("next_try_at", "id")
    )


def never() -> bool:
    """Go on until nothing is due."""
    return False


def deliver_due(*, limit: int | None = None, enough: Callable[[], bool] = never) -> int:
    """Claim and hand over until nothing is due, `limit` rows were taken, or it is `enough`.

    `enough` is asked before each message; what was claimed and not begun is given back. Returns
    how many rows were taken.
    """
    worker = new_worker()
    taken = 0
    while (limit is None or taken < limit) and not enough():
        rows = claim(worker, limit=BATCH if limit is None else min(BATCH, limit - taken))
        if not rows:
            break
        taken += len(rows)
        _hand_over_batch(rows, worker, enough)
    return taken


def _hand_over_batch(rows: Sequence[Delivery], worker: str, enough: Callable[[], bool]) -> None:
    begun = 0
    with open_channels() as channels:
        # Our own inbox first: it answers at once and need not wait for a mail server that hangs.
        in_order = sorted(rows, key=lambda row: row.channel != Channel.INBOX)
        try:
            for row in in_order:
                if enough():
                    break
                begun += 1
                hand_over(row, channels.get(row.channel), worker=worker)
        finally:
            if begun < len(in_order):
                _give_back(in_order[begun:], worker)


def hand_over(delivery: Delivery, channel: ChannelDoor | None, *, worker: str) -> bool:
    """Say it, if it is still ours to say; settle the row either way. True if it was said."""
    try:
        if channel is None:
            raise Refused("unknown_channel", delivery.channel, final=True)
        if delivery.recipient is not None and not delivery.recipient.is_active:
            raise Refused("recipient_inactive", delivery.recipient.full_name, final=True)
        if channel.is_local:
            # The effect is a row of ours: it and the settling are one transaction, exactly once.
            with transaction.atomic():
                if not _fence(delivery, worker):
                    return False
                channel.send(delivery)
                _settle_sent(delivery, worker)
        else:
            if not _fence(delivery, worker):
                return False
            channel.send(delivery)
            _settle_sent(delivery, worker)
    except Refused as refusal:
        _settle_failed(delivery, worker, refusal)
        return False
    except Exception as bug:
        # One bad row may delay only itself.
        log.exception("delivery_failed", key=delivery.key)
        final = delivery.attempts >= BUGS_ALLOWED
        _settle_failed(delivery, worker, Refused("bug", repr(bug), final=final))
        return False
    return True


def _fence(delivery: Delivery, worker: str) -> bool:
    """The last look before the effect: whoever lost the lease meanwhile keeps quiet.

    Whoever still has it gets a whole one for this message, however long the batch took so far.
    """
    return bool(
        Delivery.objects.filter(pk=delivery.pk)
        .held_by(worker)
        .update(state=DeliveryState.HANDING_OVER, lease_until=Now() + Value(lease()))
    )


def _settle_sent(delivery: Delivery, worker: str) -> None:
    Delivery.objects.filter(pk=delivery.pk, claimed_by=worker).update(
        state=DeliveryState.SENT,
        sent_at=Now(),
        claimed_by="",
        lease_until=None,
        failure="",
        updated_at=Now(),
        version=F("version") + 1,
    )


def _settle_failed(delivery: Delivery, worker: str, refusal: Refused) -> None:
    dead = refusal.final or delivery.attempts >= TRIES_ALLOWED
    wait = timedelta() if dead else pause(delivery.attempts)
    Delivery.objects.filter(pk=delivery.pk, claimed_by=worker).update(
        state=DeliveryState.DEAD if dead else DeliveryState.RETRY,
        next_try_at=Now() + Value(wait),
        failure=f"{refusal.code}: {refusal.text}".replace("\0", "")[:500],
        claimed_by="",
        lease_until=None,
        updated_at=Now(),
        version=F("version") + 1,
    )
    log.warning("delivery_refused", key=delivery.key, code=refusal.code, dead=dead)


def _give_back(rows: Iterable[Delivery], worker: str) -> None:
    """Return what was claimed and not begun: at once, and without having cost a try."""
    Delivery.objects.filter(
        pk__in=[row.pk for row in rows], claimed_by=worker, state=DeliveryState.CLAIMED
    ).update(
        state=DeliveryState.QUEUED,
        attempts=F("attempts") - 1,
        claimed_by="",
        lease_until=None,
        updated_at=Now(),
        version=F("version") + 1,
    )


def pause(attempts: int) -> timedelta:
    """How long to wait after the n-th try: growing, and jittered so that rows spread out."""
    longest = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


@command
def send_again(delivery_ids: Iterable[uuid.UUID], *, by: Actor, because: str, at: datetime) -> int:
    """Queue messages once more, on purpose, each as its next revision; returns how many.

    What was given up or sent can be sent again while its text is kept; a line that stands in an
    inbox already is never doubled. Administrators may, and everybody what was for themselves.
    Raises NotAllowed, and RuleBroken without a reason.
    """
    because = " ".join(because.split())[:500]
    if not because:
        raise RuleBroken(_("Say why it is sent again."), code="reason_needed", attr="because")
    rows = list(Delivery.objects.repeatable().filter(pk__in=list(delivery_ids)).for_change())
    policies.require(all(policies.may_send_again(by, row) for row in rows))
    Resend.objects.bulk_create(
        Resend(
            delivery=row,
            revision=row.revision + 1,
            by_id=user_id(by),
            because=because,
            at=at,
        )
        for row in rows
    )
    again = Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.QUEUED,
        revision=F("revision") + 1,
        next_try_at=at,
        sent_at=None,
        losses=0,
        attempts=0,
        waited=timedelta(),
        failure="",
        updated_at=at,
        version=F("version") + 1,
    )
    if again:
        queue.after_commit(DELIVER_DUE)
    return again
