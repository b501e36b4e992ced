"""Reminders: planned and cancelled by key, and said when they are due.

A released reminder reaches the inbox at once. Mail and chats may have to wait for the morning
(`lateness`, `held_notices`); what stays undone is told to others (`escalation`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q

from crm import many_rows, queue
from crm.command import command
from crm.domain import calendar, escalation, lateness, preferences
from crm.domain import notification_parameters as numbers
from crm.domain.notification_kinds import KINDS as KINDS
from crm.domain.notification_kinds import OTHER_GROUP
from crm.domain.notification_kinds import Kind as Kind
from crm.domain.notification_kinds import kind as kind
from crm.domain.reminder_wording import sentences
from crm.domain.wall_clock import zone_of
from crm.ids import uuid7
from crm.models import Channel, Delivery, HeldNotice, Reminder, ReminderState, User

log = structlog.get_logger()

DELIVER_DUE = "crm.deliver_due"
BATCH = 500
"""So many are released at a time."""
REST = timedelta(hours=1)
"""So long is left alone what would not be said."""


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
    """Plan a reminder, or move it if it is planned already. One that went out stays as it is,
    except that its escalations follow to another recipient.

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
    elif reminder.recipient_id != recipient.pk:
        # It was said; who answers for it from now on is somebody else.
        Reminder.objects.planned().filter(key__in=escalation.keys_of(key)).update(
            recipient=recipient, updated_at=at, version=F("version") + 1
        )
    return reminder


@command
def cancel(key: str, *, at: datetime) -> bool:
    """Take back what is not said yet of a reminder: itself, what waits for the morning, and that
    others be told. False if nothing of it was planned any more.
    """
    keys = [key, *escalation.keys_of(key)]
    # Locked first: while it is being released, this waits, and only a later statement sees what
    # the releasing wrote (its escalations, what it holds until the morning).
    states = set(Reminder.objects.for_change().filter(key__in=keys).values_list("state", flat=True))
    if ReminderState.RELEASED in states:
        held = HeldNotice.objects.waiting().filter(reminder__key__in=keys)
        HeldNotice.objects.filter(
            pk__in=list(held.for_change().values_list("pk", flat=True))
        ).delete()
    elif ReminderState.PLANNED not in states:
        return False
    return bool(
        Reminder.objects.planned()
        .filter(key__in=keys)
        .update(state=ReminderState.CANCELLED, updated_at=at, version=F("version") + 1)
    )


@command
def cancel_all(prefix: str, *, but: str = "", at: datetime) -> int:
    """Take back whatever is not said yet of the reminders whose keys begin alike, `but` for one;
    returns of how many."""
    unsaid = (
        Reminder.objects.filter(key__startswith=prefix)
        .filter(
            Q(state=ReminderState.PLANNED)
            | Exists(HeldNotice.objects.waiting().filter(reminder=OuterRef("pk")))
        )
        .exclude(Q(key=but) | Q(key__in=escalation.keys_of(but)))
        .order_by("key")
    )
    return sum(cancel(key, at=at) for key in list(unsaid.values_list("key", flat=True)))


@dataclass(frozen=True)
class _Notice:
    """A released reminder, to one of those whom it is told."""

    reminder: Reminder
    reader: User
    kind: Kind

    def said_through(self, channel: Channel) -> str:
        """The key under which it is said there once."""
        return delivery_key(self.reminder, self.reader.pk, channel)


@command
def release_due(*, at: datetime, limit: int = BATCH) -> int:
    """Put due reminders into the inbox, and into the other channels or aside until the morning;
    returns how many were dealt with.

    Sessions that run at the same time take different rows; the delivery's key refuses a second one
    for the same reminder, person and channel. The number of statements does not grow with the rows.
    One that will not be released holds up no other: it is looked at again an hour later.
    """
    due = list(
        Reminder.objects.due(at)
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True)[:limit]
    )
    if not due:
        return 0
    people = User.objects.only("full_name", "language", "time_zone", "is_active").in_bulk(
        {one.recipient_id for one in due}
    )
    for one in due:
        one.recipient = people[one.recipient_id]
    try:
        with transaction.atomic():
            _release(due, at=at)
    except (OperationalError, InterfaceError):
        raise  # The database, and none of the reminders.
    except Exception as failure:
        log.error("reminders_not_released_together", count=len(due), **many_rows.why(failure))
        for one in due:
            _release_alone(one, at=at)
    queue.after_commit(DELIVER_DUE)
    return len(due)


def _release_alone(reminder: Reminder, *, at: datetime) -> None:
    try:
        with transaction.atomic():
            _release([reminder], at=at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as failure:
        log.error("reminder_not_released", key=reminder.key, **many_rows.why(failure))
        Reminder.objects.filter(pk=reminder.pk).update(
            due_at=at + REST, updated_at=at, version=F("version") + 1
        )


def _release(due: Sequence[Reminder], *, at: datetime) -> None:
    deliveries, held = _said(_notices(due), at=at)
    made = {"created_at": at, "updated_at": at}
    many_rows.insert(Delivery, deliveries, {"next_try_at": at, **made})
    many_rows.insert(HeldNotice, held, made)
    late = {one.pk for one in due if at - _due(one) > numbers.patience().late}
    escalations = escalation.planned(due, at=at, late=late, calendar=calendar.load())
    many_rows.insert(Reminder, escalations, {"kind": escalation.ESCALATED.name, **made})
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in due]).update(
        state=ReminderState.RELEASED,
        released_at=at,
        updated_at=at,
        version=F("version") + 1,
    )


def delivery_key(reminder: Reminder, reader_id: UUID, channel: str) -> str:
    """An escalation may have several readers; of any other reminder the key alone says whose."""
    reader = f":{reader_id}" if reminder.escalates_to else ""
    return f"{reminder.key}{reader}:{channel}"


def _due(reminder: Reminder) -> datetime:
    """When it could be said first: one that was planned for the past is not late for that."""
    return max(reminder.due_at, reminder.updated_at)


def _notices(due: Collection[Reminder]) -> list[_Notice]:
    leaders = escalation.leaders([one for one in due if one.escalates_to])
    return [
        _Notice(reminder, reader, kind_of(reminder.kind))
        for reminder in due
        for reader in (
            leaders.get(reminder.pk, []) if reminder.escalates_to else [reminder.recipient]
        )
        if reader.is_active
    ]


def kind_of(name: str) -> Kind:
    """The kind of a name; one that no longer exists is said like any other."""
    return KINDS.get(name) or Kind(name, OTHER_GROUP, OTHER_GROUP, OTHER_GROUP)


def _said(
    notices: Collection[_Notice], *, at: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What goes out at once, and what waits: rows of the outbox, and of what is held."""
    channels = preferences.channels_for_many([(one.kind, one.reader) for one in notices])
    days, hours, patience = calendar.load(), numbers.quiet_hours(), numbers.patience()
    deliveries: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    for one in notices:
        subject, text = sentences(one.reminder, one.reader)
        push = lateness.push(
            _due(one.reminder),
            at=at,
            is_urgent=one.kind.is_urgent,
            zone=zone_of(one.reader.time_zone),
            calendar=days,
            hours=hours,
            patience=patience,
        )
        for channel in channels[one.kind.name, one.reader.pk]:
            if channel != Channel.INBOX and push.is_dropped:
                continue
            row = {
                "id": uuid7(),
                "channel": channel,
                "recipient_id": one.reader.pk,
                "subject": subject,
                "text": text,
                "link": one.reminder.link,
            }
            if channel == Channel.INBOX or push.held_until is None:
                row |= {"key": one.said_through(channel), "kind": one.reminder.kind}
                deliveries.append(row)
            else:
                row |= {
                    "reminder_id": one.reminder.pk,
                    "because": push.because,
                    "deliver_at": push.held_until,
                }
                held.append(row)
    return deliveries, held
