"""Activities: what was done with a merchant."""

from datetime import date, datetime
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User
from merchants.models.merchant import those_seen_by


class ActivityKind(models.TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")


class ActivityOutcome(models.TextChoices):
    """What came of a contact. Coded, so that rules can count what happened."""

    REACHED = "reached", _("Reached")
    DECISION_MAKER_MET = "decision_maker_met", _("Met the decision maker")
    INTERESTED = "interested", _("Interested")
    MEETING_SET = "meeting_set", _("Meeting agreed")
    ASKED_TO_WAIT = "asked_to_wait", _("Asked to wait")
    NOT_INTERESTED = "not_interested", _("Not interested")
    REFUSED = "refused", pgettext_lazy("outcome", "Refused")
    NO_ANSWER = "no_answer", _("Nobody reached")
    LEFT_MESSAGE = "left_message", _("Message left")
    OTHER = "other", pgettext_lazy("outcome", "Other")


CONVERSATIONS = (ActivityKind.CALL, ActivityKind.VISIT, ActivityKind.MEETING)
"""A message may go unread and a note is one's own: neither is a conversation by itself."""
ATTEMPTS = (*CONVERSATIONS, ActivityKind.MESSAGE)
"""Kinds by which somebody tries to reach a merchant."""
FAILED = (ActivityOutcome.NO_ANSWER, ActivityOutcome.LEFT_MESSAGE)
"""Outcomes of an attempt that reached nobody."""
REFUSALS = (ActivityOutcome.REFUSED,)
"""Outcomes that are a no; “not interested” is an objection, and can be talked about."""

WORST_MOOD, BEST_MOOD = -2, 2


class ActivityQuerySet(RowQuerySet["Activity"]):
    def visible_to(self, user: User) -> Self:
        if user.scope.sees_everything:
            return self.all()
        return self.filter(Q(actor=user) | those_seen_by(user, of="merchant__"))

    def before(self, at: datetime) -> Self:
        return self.filter(occurred_at__lt=at)

    def since(self, at: datetime) -> Self:
        return self.filter(occurred_at__gte=at)

    def of_lead(self, lead_id: UUID) -> Self:
        return self.filter(lead=lead_id)

    def two_way(self) -> Self:
        """Contacts in which the other side had a say."""
        return self.filter(two_way=True)

    def failed_attempts(self) -> Self:
        """Calls, visits, meetings and messages that reached nobody."""
        return self.filter(kind__in=ATTEMPTS, outcome_code__in=FAILED)

    def refusals(self) -> Self:
        """Contacts that ended with a clear no."""
        return self.filter(outcome_code__in=REFUSALS)

    def days(self) -> list[date]:
        """The days, by the bank's clock, on which they happened; each once, the first first."""
        zone = ZoneInfo(settings.TIME_ZONE)
        days = self.order_by().annotate(day=TruncDate("occurred_at", tzinfo=zone))
        return list(days.values_list("day", flat=True).distinct().order_by("day"))

    def with_mood_before(self, at: datetime) -> Self:
        """Contacts before a moment whose mood is still on file."""
        return self.filter(mood__isnull=False, occurred_at__lt=at)


class Activity(Row):
    """One contact with a merchant, by the clock of whoever was there and by ours."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="activities",
        db_index=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="activities",
        db_index=False,
    )
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="activities",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ActivityKind)
    summary = models.TextField(_("summary"))
    outcome_code = models.CharField(
        pgettext_lazy("activity", "outcome"),
        max_length=20,
        choices=ActivityOutcome,
        blank=True,
        default="",
    )
    mood = models.SmallIntegerField(_("mood"), null=True, blank=True)
    """From −2 to +2, how the other side took it. Personal data: kept for twelve months, read by
    those who see the activity, used by no rule and part of no list that goes out."""
    two_way = models.BooleanField(_("two-way"), default=False)
    """Whether the other side had a say: what counts as contact in the engagement of a merchant."""
    occurred_at = models.DateTimeField(_("occurred at"))

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-occurred_at", "-id"], name="activity_of_merchant"),
            models.Index(fields=["lead", "-occurred_at", "-id"], name="activity_of_lead"),
            models.Index(fields=["actor", "-occurred_at", "-id"], name="activity_of_actor"),
            models.Index(fields=["-occurred_at", "-id"], name="activity_newest"),
            models.Index(
                fields=["occurred_at", "id"],
                name="activity_with_mood",
                condition=Q(mood__isnull=False),
            ),
            models.Index(
                fields=["lead", "outcome_code", "occurred_at"],
                name="activity_outcome_of_lead",
                condition=Q(outcome_code__gt=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome_code="") | Q(outcome_code__in=ActivityOutcome.values),
                name="activity_outcome_is_known",
                violation_error_code="outcome_unknown",
                violation_error_message=_("There is no such outcome."),
            ),
            models.CheckConstraint(
                condition=Q(mood=None) | Q(mood__gte=WORST_MOOD, mood__lte=BEST_MOOD),
                name="activity_mood_of_five_steps",
                violation_error_code="mood_out_of_range",
                violation_error_message=_("The mood is from −2 to +2."),
            ),
            models.CheckConstraint(
                condition=Q(two_way=False) | ~Q(kind=ActivityKind.NOTE),
                name="activity_note_is_not_two_way",
                violation_error_code="note_not_two_way",
                violation_error_message=_("A note is one's own; nobody else had a say in it."),
            ),
            models.CheckConstraint(
                condition=Q(two_way=False) | ~Q(outcome_code__in=FAILED),
                name="activity_failed_is_not_two_way",
                violation_error_code="failed_not_two_way",
                violation_error_message=_("An attempt that reached nobody is no conversation."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary[:60]}"
