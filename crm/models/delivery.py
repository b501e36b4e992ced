"""What must be said to whom, and whether it was said.

Reminder → (when due) one Delivery per channel → (when handed over) Notification or mail.
Each has a unique key, so nothing is ever said twice by planning it twice.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, Row, RowQuerySet
from crm.models.people import User


class Channel(models.TextChoices):
    INBOX = "inbox", _("Inbox")
    MAIL = "mail", _("E-mail")


class ReminderState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    RELEASED = "released", _("Released")
    CANCELLED = "cancelled", _("Cancelled")


class ReminderQuerySet(RowQuerySet["Reminder"]):
    def planned(self) -> Self:
        return self.filter(state=ReminderState.PLANNED)

    def due(self, at: datetime) -> Self:
        return self.planned().filter(due_at__lte=at)

    def visible_to(self, user: User) -> Self:
        return self.filter(recipient__in=User.objects.visible_to(user))


class Reminder(Row):
    """Something to tell a colleague at a moment. It knows its subject only by key and link."""

    key = models.CharField(_("key"), max_length=200)
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="reminders",
    )
    kind = models.CharField(_("kind"), max_length=50)
    facts = models.JSONField(_("facts"), default=dict)
    """What the kind's sentence is filled in with, in the recipient's language, when it is due."""
    link = models.CharField(_("link"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(
        _("state"), max_length=10, choices=ReminderState, default=ReminderState.PLANNED
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="reminder_due",
                condition=Q(state=ReminderState.PLANNED),
            ),
            models.Index(fields=["-due_at", "-id"], name="reminder_newest"),
        ]
        constraints = [models.UniqueConstraint("key", name="reminder_key_once")]

    def __str__(self) -> str:
        return self.key


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Claimed by a worker")
    HANDING_OVER = "handing_over", _("Being handed over")
    RETRY = "retry", _("Will be tried again")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


WAITING = (DeliveryState.QUEUED, DeliveryState.RETRY)
IN_HAND = (DeliveryState.CLAIMED, DeliveryState.HANDING_OVER)
UNSETTLED = WAITING + IN_HAND


class DeliveryQuerySet(RowQuerySet["Delivery"]):
    def unsettled(self) -> Self:
        return self.filter(state__in=UNSETTLED)

    def claimable(self) -> Self:
        """Waiting and due, or left behind by a worker whose lease ran out (database clock)."""
        return self.filter(next_try_at__lte=Now()).filter(
            Q(state__in=WAITING) | Q(state__in=IN_HAND, lease_until__lt=Now())
        )

    def held_by(self, worker: str) -> Self:
        """Claimed by this worker, and the lease still runs."""
        return self.filter(claimed_by=worker, lease_until__gt=Now())

    def visible_to(self, user: User) -> Self:
        return self.filter(recipient__in=User.objects.visible_to(user))


class Delivery(Row):
    """One message to one colleague through one channel: the outbox."""

    key = models.CharField(_("key"), max_length=220)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    kind = models.CharField(_("kind"), max_length=50)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    losses = models.PositiveSmallIntegerField(_("workers lost with it"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    claimed_by = models.CharField(_("claimed by"), max_length=64, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="delivery_due",
                condition=Q(state__in=UNSETTLED),
            ),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
        ]
        constraints = [
            models.UniqueConstraint("key", name="delivery_key_once"),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False),
                name="delivery_sent_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def message_id(self) -> str:
        """The same for every try, so that a mailbox can fold copies."""
        return f"<{self.pk}@crm.delivery>"


class NotificationQuerySet(RowQuerySet["Notification"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)

    def visible_to(self, user: User) -> Self:
        return self.filter(recipient=user)


class Notification(Row):
    """A line in a colleague's inbox."""

    delivery = models.OneToOneField(
        Delivery,
        verbose_name=_("delivery"),
        on_delete=models.CASCADE,
        related_name="notification",
    )
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="notifications",
    )
    kind = models.CharField(_("kind"), max_length=50)
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("text"), blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="inbox"),
            models.Index(fields=["recipient"], name="inbox_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title


class Heartbeat(Fact):
    """When the tick last ran inside a worker, and how late the oldest due row was."""

    name = models.CharField(_("name"), max_length=50)
    at = models.DateTimeField(_("at"))
    oldest_due_seconds = models.FloatField(_("age of the oldest due row in seconds"), default=0)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [models.UniqueConstraint("name", name="heartbeat_name_once")]

    def __str__(self) -> str:
        return self.name
