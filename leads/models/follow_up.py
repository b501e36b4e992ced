"""Follow-ups: what was promised, to whom, by when."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User
from leads.models.follow_up_words import FollowUpOutcome, FollowUpPriority, Repeats
from merchants.models.merchant import those_seen_by


def reminder_key(follow_up_id: UUID, snoozes: int) -> str:
    """Putting a follow-up off makes another occurrence, which is reminded of once again."""
    return f"follow-up:{follow_up_id}:due" + (f":{snoozes}" if snoozes else "")


class FollowUpState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class FollowUpQuerySet(RowQuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the merchants that one sees."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(Q(owner=user) | those_seen_by(user, of="merchant__"))

    def open(self) -> Self:
        return self.filter(state=FollowUpState.OPEN)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def due(self, at: datetime) -> Self:
        return self.open().filter(due_at__lt=at)

    def overdue_as_of(self, at: datetime) -> Self:
        """Due before a moment, and not yet closed at that moment, whatever happened since."""
        return self.filter(created_at__lt=at, due_at__lt=at).filter(
            Q(closed_at=None) | Q(closed_at__gte=at)
        )


class FollowUp(Row):
    """A promise to come back to a merchant. Its reminder is planned and cancelled by key."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="follow_ups",
        db_index=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="follow_ups",
        db_index=False,
    )
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="follow_ups",
        db_index=False,
    )
    title = models.CharField(_("title"), max_length=200)
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(
        _("state"), max_length=10, choices=FollowUpState, default=FollowUpState.OPEN
    )
    snoozes = models.PositiveSmallIntegerField(_("times put off"), default=0)
    outcome = models.TextField(_("outcome"), blank=True)
    outcome_code = models.CharField(
        _("what came of it"), max_length=15, choices=FollowUpOutcome, blank=True
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    priority = models.CharField(
        _("priority"), max_length=10, choices=FollowUpPriority, default=FollowUpPriority.NORMAL
    )
    repeats = models.CharField(_("repeats"), max_length=15, choices=Repeats, blank=True)
    repeat_number = models.PositiveSmallIntegerField(_("repeat number"), null=True, blank=True)
    """Working days in between, the weekday (1 is Monday), or the day of the month."""
    repeat_time = models.TimeField(_("hour of the series"), null=True, blank=True)
    """By the owner's clock; putting one off to another hour does not move the next."""
    repeat_until = models.DateField(_("repeats until"), null=True, blank=True)
    repeats_left = models.PositiveSmallIntegerField(_("times still to come"), null=True, blank=True)
    """After this one; empty where nobody set a number."""
    previous = models.ForeignKey(
        "self",
        verbose_name=_("the one before"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="following",
        db_index=False,
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["owner", "due_at", "id"],
                name="follow_up_open_of_owner",
                condition=Q(state="open"),
            ),
            models.Index(fields=["owner", "due_at", "id"], name="follow_up_of_owner"),
            models.Index(fields=["merchant", "due_at", "id"], name="follow_up_of_merchant"),
            models.Index(fields=["lead", "due_at", "id"], name="follow_up_of_lead"),
            models.Index(fields=["due_at", "id"], name="follow_up_by_due"),
            # What the report looks back on: open at a moment, put off since a moment.
            models.Index(fields=["closed_at"], name="follow_up_by_closing"),
            models.Index(
                fields=["updated_at"], name="follow_up_put_off", condition=Q(snoozes__gt=0)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="follow_up_closed_says_when",
            ),
            models.UniqueConstraint(
                "previous",
                name="follow_up_one_next",
                violation_error_code="follow_up_closed",
                violation_error_message=_("This follow-up is closed already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    repeats="",
                    repeat_number=None,
                    repeat_time=None,
                    repeat_until=None,
                    repeats_left=None,
                )
                | Q(repeats=Repeats.WORKING_DAYS, repeat_number__range=(1, 250))
                | Q(repeats=Repeats.WEEKLY, repeat_number__range=(1, 7))
                | Q(repeats=Repeats.MONTHLY, repeat_number__range=(1, 31)),
                name="follow_up_repeats_soundly",
                violation_error_code="recurrence_number_out_of_range",
                violation_error_message=_("This number does not fit the way it repeats."),
            ),
            models.CheckConstraint(
                condition=Q(repeats="") | Q(repeat_time__isnull=False),
                name="follow_up_series_has_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(repeat_until=None) | Q(repeats_left=None),
                name="follow_up_ends_one_way",
                violation_error_code="recurrence_ends_twice",
                violation_error_message=_("A series ends on a day or after so many times."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reminder_key(self) -> str:
        """The key of the reminder that is planned now, or was the last."""
        return reminder_key(self.pk, self.snoozes)
