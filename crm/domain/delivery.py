"""The outbox machine: claim with a lease, check ownership, hand over, settle.

Reached by the tick, by the doorbell and by `manage.py run_due`. Nothing is lost when a worker dies;
a mail can be doubled only if it dies between the server's "250" and our own commit.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import policies, queue, watchdog
from crm.actors import Actor, user_id
from crm.channels import Channel as ChannelDoor
from crm.channels import InboxChannel, Refused, open_channels
from crm.command import command
from crm.domain import claiming
from crm.domain.claiming import BATCH, INBOX_BATCH, LOSSES_ALLOWED, claim
from crm.domain.reminders import DELIVER_DUE
from crm.errors import NotFound, RuleBroken
from crm.models import Channel, Delivery, DeliveryState, Resend

__all__ = ["BATCH", "LOSSES_ALLOWED", "claim", "deliver_due", "hand_over", "send_again"]

log = structlog.get_logger()

PUSHED = ~Q(channel=Channel.INBOX)


def never() -> bool:
    """Go on until nothing is due."""
    return False


def deliver_due(*, limit: int | None = None, enough: Callable[[], bool] = never) -> int:
    """Claim and hand over until nothing is due, `limit` rows were taken, or it is `enough`.

    Our own inbox comes first: it answers at once and need not wait for a mail server that hangs.
    `enough` is asked before each message; what was claimed and not begun is given back. Returns
    how many rows were taken.
    """
    worker = claiming.new_worker()
    taken = 0
    while (limit is None or taken < limit) and not enough():
        left = INBOX_BATCH if limit is None else limit - taken
        lines = claiming.claim_inbox(worker, limit=min(INBOX_BATCH, left))
        if lines:
            _fill_inboxes(lines, worker)
            taken += len(lines)
            continue
        rows = claim(worker, limit=min(BATCH, left), among=PUSHED)
        if not rows:
            break
        taken += len(rows)
        _hand_over_batch(rows, worker, enough)
    return taken


def _fill_inboxes(rows: Sequence[Delivery], worker: str) -> None:
    """Write the lines and settle their rows in one transaction; where one of them will not, each
    by itself."""
    inbox = InboxChannel()
    if all(row.colleague.is_active for row in rows):
        try:
            with watchdog.patience(), transaction.atomic():
                if claiming.settle_sent(rows, worker) < len(rows):
                    raise _NotAllOurs
                inbox.send_all(rows)
        except _NotAllOurs:
            pass
        except Exception:
            log.exception("inbox_batch_failed", rows=len(rows))
        else:
            return
    for row in rows:
        hand_over(row, inbox, worker=worker)


class _NotAllOurs(Exception):
    """Some of the batch went to another worker meanwhile."""


def _hand_over_batch(rows: Sequence[Delivery], worker: str, enough: Callable[[], bool]) -> None:
    begun = 0
    with open_channels() as channels:
        try:
            for row in rows:
                if enough():
                    break
                begun += 1
                hand_over(row, channels.get(row.channel), worker=worker)
        finally:
            if begun < len(rows):
                claiming.give_back(rows[begun:], worker)


def hand_over(delivery: Delivery, channel: ChannelDoor | None, *, worker: str) -> bool:
    """Say it, if it is still ours to say; settle the row either way. True if it was said."""
    try:
        if channel is None:
            raise Refused("unknown_channel", delivery.channel, final=True)
        if delivery.recipient is not None and not delivery.recipient.is_active:
            raise Refused("recipient_inactive", delivery.recipient.full_name, final=True)
        if not claiming.fence(delivery, worker):
            return False
        with watchdog.patience():
            if channel.is_local:
                # The effect is a row of ours: it and the settling are one transaction.
                with transaction.atomic():
                    if not claiming.settle_sent([delivery], worker):
                        return False
                    channel.send(delivery)
            else:
                channel.send(delivery)
                claiming.settle_sent_late(delivery, worker)
    except Refused as refusal:
        claiming.settle_failed(delivery, worker, refusal, is_bug=False)
        return False
    except (OperationalError, InterfaceError) as away:
        # Our database, not the message. If it is still away, this raises once more.
        claiming.settle_failed(
            delivery, worker, Refused("database", str(away).strip()), is_bug=False
        )
        return False
    except Exception as bug:
        # One bad row may delay only itself.
        log.exception("delivery_failed", key=delivery.key)
        claiming.settle_failed(delivery, worker, Refused("bug", repr(bug)), is_bug=True)
        return False
    return True


@command
def send_again(delivery_ids: Iterable[uuid.UUID], *, by: Actor, because: str, at: datetime) -> int:
    """Queue messages once more, on purpose, each as its next revision; returns how many.

    What was given up or sent can be sent again while its text is kept; a line that stands in an
    inbox already is never doubled. Administrators may for whoever works below them, and everybody
    what was for themselves.
    Raises NotAllowed, and RuleBroken without a reason.
    """
    because = " ".join(because.split())[:500]
    if not because:
        raise RuleBroken(_("Say why it is sent again."), code="reason_needed", attr="because")
    rows = list(Delivery.objects.repeatable().filter(pk__in=list(delivery_ids)).for_change())
    chosen = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    policies.require(chosen.repeatable_by(by).count() == len(rows))
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


@command
def send_one_again(delivery_id: uuid.UUID, *, by: Actor, because: str, at: datetime) -> Delivery:
    """Queue one message once more. Raises NotFound, and RuleBroken where it cannot be."""
    row = Delivery.objects.seen_by(by).filter(pk=delivery_id).first()
    if row is None:
        raise NotFound(_("There is no such message."))
    if not send_again([row.pk], by=by, because=because, at=at):
        raise RuleBroken(
            _(
                "This message cannot be sent again: it is still under way, stands in the inbox, or "
                "its text is no longer kept."
            ),
            code="not_repeatable",
        )
    row.refresh_from_db()
    return row
