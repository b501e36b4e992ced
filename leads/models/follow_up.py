"""Follow-ups: what was promised, to whom, by when."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


def reminder_key(follow_up_id: UUID, snoozes: int) -> str:
    """Putting a follow-up off makes another occurrence, which is reminded of once again."""
    return f"follow-up:{follow_up_id}:due" + (f":{snoozes}" if snoozes else "")


class FollowUpState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class FollowUpQuerySet(RowQuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models import Merchant

        return self.filter(Q(owner=user) | Q(merchant__in=Merchant.objects.visible_to(user)))

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
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

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
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="follow_up_closed_says_when",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reminder_key(self) -> str:
        """The key of the reminder that is planned now, or was the last."""
        return reminder_key(self.pk, self.snoozes)
