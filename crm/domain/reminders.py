"""Reminders: planned and cancelled by key, released to the outbox when they are due."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import queue
from crm.command import command
from crm.domain.notification_kinds import KINDS as KINDS
from crm.domain.notification_kinds import Kind as Kind
from crm.domain.notification_kinds import kind as kind
from crm.models import Channel, Delivery, Reminder, ReminderState, User

log = structlog.get_logger()

DELIVER_DUE = "crm.deliver_due"
DEFAULT_CHANNELS = (Channel.INBOX, Channel.MAIL)


@command
def plan(
    key: str,
    *,
    recipient: User,
    kind: Kind,
    facts: Mapping[str, str],
    link: str,
    due_at: datetime,
    at: datetime,
) -> Reminder:
    """Plan a reminder, or move it if it is planned already. One that went out stays as it is.

    A moment in `facts` is written in ISO 8601 under a name that ends in `_at`, so that it can be
    shown in the recipient's zone.
    """
    reminder, made = Reminder.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient,
            "kind": kind.name,
            "facts": dict(facts),
            "link": link,
            "due_at": due_at,
            "created_at": at,
            "updated_at": at,
        },
    )
    if made:
        return reminder
    reminder = Reminder.objects.for_change().get(pk=reminder.pk)
    if reminder.state != ReminderState.RELEASED:
        reminder.change(
            at=at,
            recipient=recipient,
            facts=dict(facts),
            link=link,
            due_at=due_at,
            state=ReminderState.PLANNED,
        )
    return reminder


@command
def cancel(key: str, *, at: datetime) -> bool:
    """Take a planned reminder back. False if there is none, or it went out already."""
    return bool(
        Reminder.objects.planned()
        .filter(key=key)
        .update(state=ReminderState.CANCELLED, updated_at=at, version=F("version") + 1)
    )


@command
def release_due(*, at: datetime, limit: int = 200) -> int:
    """Put due reminders into the outbox, one delivery per channel; returns how many.

    Sessions that run at the same time take different rows; the delivery's key refuses a second one
    for the same reminder and channel.
    """
    due = list(
        Reminder.objects.due(at)
        .order_by("due_at", "id")
        .select_related("recipient")
        .select_for_update(of=("self",), skip_locked=True)[:limit]
    )
    if not due:
        return 0
    Delivery.objects.bulk_create(
        [one for reminder in due for one in _deliveries(reminder, at)],
        ignore_conflicts=True,
    )
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in due]).update(
        state=ReminderState.RELEASED,
        released_at=at,
        updated_at=at,
        version=F("version") + 1,
    )
    queue.after_commit(DELIVER_DUE)
    return len(due)


def _deliveries(reminder: Reminder, at: datetime) -> list[Delivery]:
    recipient = reminder.recipient
    if not recipient.is_active:
        return []
    subject, text = sentences(reminder)
    known = KINDS.get(reminder.kind)
    return [
        Delivery(
            key=f"{reminder.key}:{channel}",
            channel=channel,
            recipient=recipient,
            kind=reminder.kind,
            subject=" ".join(subject.split())[:300],
            text=text,
            link=reminder.link,
            next_try_at=at,
            created_at=at,
            updated_at=at,
        )
        for channel in (known.channels if known else DEFAULT_CHANNELS)
        if channel in DEFAULT_CHANNELS  # Chats follow with the preferences.
    ]


def sentences(reminder: Reminder) -> tuple[str, str]:
    """Subject and text in the recipient's language and zone.

    A reminder whose kind or facts no longer fit is still sent, in the plainest words and with its
    link, rather than holding up the others.
    """
    with translation.override(reminder.recipient.language):
        try:
            return _worded(reminder)
        except Exception:
            log.exception("reminder_not_worded", key=reminder.key, kind=reminder.kind)
            known = KINDS.get(reminder.kind)
            subject = str(known.label) if known else _("Reminder")
            return subject, _("Something that you wanted to be reminded of is due.")


def _worded(reminder: Reminder) -> tuple[str, str]:
    facts = {
        name: _moment(value, reminder.recipient) if name.endswith("_at") else value
        for name, value in reminder.facts.items()
    }
    known = KINDS[reminder.kind]
    return str(known.subject) % facts, str(known.text) % facts


def _moment(value: str, recipient: User) -> str:
    with timezone.override(recipient.time_zone):
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
