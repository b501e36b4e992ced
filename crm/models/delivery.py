"""What must be said to whom, and whether it was said.

Reminder → (when due) one Delivery per channel → (when handed over) Notification or mail.
Each has a unique key, so nothing is ever said twice by planning it twice.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, Row, RowQuerySet
from crm.models.people import Membership, Role, User

if TYPE_CHECKING:
    from crm.actors import Actor


class Channel(models.TextChoices):
    INBOX = "inbox", _("Inbox")
    MAIL = "mail", _("E-mail")
    WECOM = "wecom", _("WeCom")
    DINGTALK = "dingtalk", _("DingTalk")
    FEISHU = "feishu", _("Feishu")
    OTHER_CHAT = "other_chat", _("Another chat")
    WEBHOOK = "webhook", _("Webhook")


CHATS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.OTHER_CHAT)
"""Channels that lead to a chat, where the person has set one up (`ChatAddress`)."""
PUSHED = (Channel.MAIL, *CHATS)
"""Channels that reach into a person's day: quiet hours and days off hold them back."""


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
    escalates_to = models.CharField(_("escalates to"), max_length=20, choices=Role, blank=True)
    """Set on an escalation: whoever leads the recipient in this role when it is due is told, not
    the recipient."""

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
SETTLED = (DeliveryState.SENT, DeliveryState.DEAD)


class DeliveryQuerySet(RowQuerySet["Delivery"]):
    def unsettled(self) -> Self:
        return self.filter(state__in=UNSETTLED)

    def claimable(self) -> Self:
        """Waiting and due, or left behind by a worker whose lease ran out (database clock).

        Said as “unsettled, and not in somebody's hand”, so that the index of what is unsettled
        gives the first ones in their order, and not all of them to be sorted.
        """
        return self.unsettled().filter(
            Q(state__in=WAITING) | Q(lease_until__lt=Now()), next_try_at__lte=Now()
        )

    def settled(self) -> Self:
        return self.filter(state__in=SETTLED)

    def dead(self) -> Self:
        return self.filter(state=DeliveryState.DEAD)

    def repeatable(self) -> Self:
        """Can be sent again on purpose: settled, with its text, and no line of an inbox yet."""
        return self.settled().filter(text_kept=True, notification=None)

    def due(self, at: datetime) -> Self:
        return self.unsettled().filter(next_try_at__lte=at)

    def held_by(self, worker: str) -> Self:
        """Claimed by this worker, and the lease still runs."""
        return self.filter(claimed_by=worker, lease_until__gt=Now())

    def visible_to(self, user: User) -> Self:
        if Role.ADMINISTRATOR in user.scope.everywhere:
            return self.all()
        below = user.scope.below.get(Role.ADMINISTRATOR, frozenset())
        return self.filter(
            Q(recipient__in=User.objects.visible_to(user)) | Q(endpoint__unit__in=below)
        )

    def repeatable_by(self, actor: "Actor") -> Self:
        """What this actor may send again: administrators what is for people and systems below
        them, everybody what was for themselves."""
        if not isinstance(actor, User) or Role.ADMINISTRATOR in actor.scope.everywhere:
            return self.all()
        below = actor.scope.below.get(Role.ADMINISTRATOR, frozenset())
        people = Membership.objects.filter(unit__any_of=below).values("user")
        return self.filter(
            Q(recipient=actor.pk) | Q(recipient__in=people) | Q(endpoint__unit__in=below)
        )


class Delivery(Row):
    """One message through one channel, to one colleague or to one system: the outbox.

    A merchant's contact can be no recipient: there is no column that could name one.
    """

    key = models.CharField(_("key"), max_length=220)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        null=True,
        blank=True,
    )
    endpoint = models.ForeignKey(
        "crm.WebhookEndpoint",
        verbose_name=_("webhook"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        null=True,
        blank=True,
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
    waited = models.DurationField(_("waited"), default=timedelta)
    """The pauses between its tries, added up as they were meant: an outage of ours uses up none of
    the day that a message is tried for."""
    claimed_by = models.CharField(_("claimed by"), max_length=64, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    """Grows with every time that it is sent again on purpose."""
    text_kept = models.BooleanField(_("text kept"), default=True)
    """False once the text was let go of; who was told of what, and when, stays."""

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
            models.Index(
                fields=["next_try_at", "id"],
                name="delivery_due_inbox",
                condition=Q(state__in=UNSETTLED, channel=Channel.INBOX),
            ),
            models.Index(
                fields=["-updated_at", "-id"],
                name="delivery_given_up",
                condition=Q(state=DeliveryState.DEAD),
            ),
            models.Index(
                fields=["updated_at", "id"],
                name="delivery_settled",
                condition=Q(state__in=SETTLED, text_kept=True),
            ),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(
                fields=["endpoint", "-created_at", "-id"],
                name="delivery_of_webhook",
                condition=Q(endpoint__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint("key", name="delivery_key_once"),
            models.CheckConstraint(
                condition=Q(text_kept=True) | Q(text="", html=""),
                name="delivery_text_let_go_is_gone",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False),
                name="delivery_sent_says_when",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.WEBHOOK, endpoint__isnull=False, recipient=None)
                | Q(endpoint=None, recipient__isnull=False) & ~Q(channel=Channel.WEBHOOK),
                name="delivery_to_a_colleague_or_a_system",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def colleague(self) -> User:
        """Who gets it, of a message that is for a person."""
        assert self.recipient is not None
        return self.recipient

    @property
    def message_id(self) -> str:
        """The same for every try, so that a mailbox can fold copies; another one for a revision."""
        revision = f".{self.revision}" if self.revision > 1 else ""
        return f"<{self.pk}{revision}@crm.delivery>"


class DeliveryPart(Fact):
    """What a mail carries beside its text: a picture that the text shows, or an attachment."""

    delivery = models.ForeignKey(
        Delivery,
        verbose_name=_("delivery"),
        on_delete=models.CASCADE,
        related_name="parts",
    )
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    content_id = models.CharField(_("content id"), max_length=100, blank=True)
    """How the HTML names a picture (`cid:`); empty for an attachment."""
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("part of a message")
        verbose_name_plural = _("parts of messages")
        constraints = [
            models.UniqueConstraint("delivery", "name", name="delivery_part_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Resend(Fact):
    """Somebody sent a message again on purpose: who, when, why."""

    delivery = models.ForeignKey(
        Delivery,
        verbose_name=_("delivery"),
        on_delete=models.CASCADE,
        related_name="resends",
    )
    revision = models.PositiveSmallIntegerField(_("revision"))
    by = models.ForeignKey(
        "crm.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    because = models.CharField(_("because"), max_length=500)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sent again")
        verbose_name_plural = _("sent again")
        constraints = [
            models.UniqueConstraint("delivery", "revision", name="resend_once_per_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery} · {self.revision}"


class HeldBecause(models.TextChoices):
    QUIET = "quiet", _("Quiet hours or a day off")
    LATE = "late", _("The system was down")


class HeldNoticeQuerySet(RowQuerySet["HeldNotice"]):
    def waiting(self) -> Self:
        return self.filter(delivery=None)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(deliver_at__lte=at)

    def visible_to(self, user: User) -> Self:
        return self.filter(recipient__in=User.objects.visible_to(user))


class HeldNotice(Row):
    """A released reminder whose mail or chat message waits for the morning, to come as one digest
    with the others."""

    reminder = models.ForeignKey(
        Reminder,
        verbose_name=_("reminder"),
        on_delete=models.CASCADE,
        related_name="held",
    )
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="held_notices",
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    because = models.CharField(_("because"), max_length=10, choices=HeldBecause)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    link = models.CharField(_("link"), max_length=300, blank=True)
    deliver_at = models.DateTimeField(_("deliver at"))
    delivery = models.ForeignKey(
        Delivery,
        verbose_name=_("delivery"),
        on_delete=models.SET_NULL,
        related_name="held_notices",
        null=True,
        blank=True,
    )
    """The digest, or the single message, that said it."""

    objects = HeldNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("held notice")
        verbose_name_plural = _("held notices")
        indexes = [
            models.Index(
                fields=["deliver_at", "recipient", "channel", "id"],
                name="held_notice_due",
                condition=Q(delivery=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint("reminder", "recipient", "channel", name="held_notice_once"),
        ]

    def __str__(self) -> str:
        return self.subject


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
