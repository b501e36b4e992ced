"""Activities: what was done with a merchant."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class ActivityKind(models.TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")


class ActivityQuerySet(RowQuerySet["Activity"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models import Merchant

        return self.filter(Q(actor=user) | Q(merchant__in=Merchant.objects.visible_to(user)))

    def before(self, at: datetime) -> Self:
        return self.filter(occurred_at__lt=at)


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
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary[:60]}"
