"""The timeline: what happened with a merchant, in one append-only stream."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, User
from crm.models.base import RowQuerySet


class TimelineGroup(models.TextChoices):
    """What people narrow a timeline to."""

    VISITS = "visits", _("Visits and calls")
    STAGES = "stages", _("Stages")
    AGREEMENTS = "agreements", _("Agreements")
    CAMPAIGNS = "campaigns", _("Campaigns")
    INSIGHT = "insight", _("Insight")
    DETAILS = "details", _("Merchant details")
    PERSONAL_DATA = "personal_data", _("Personal data")
    MERGES = "merges", _("Merges")
    IMPORTS = "imports", _("Imports")
    OTHER = "other", pgettext_lazy("timeline", "Other")


class TimelineEntryQuerySet(RowQuerySet["TimelineEntry"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))


class TimelineEntry(Fact):
    """One thing that happened. Its sentence is made from kind and facts in the reader's words."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="timeline",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=50)
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    subject_id = models.UUIDField(_("subject"))
    """The lead, outlet, contact … that it happened to."""
    facts = models.JSONField(_("facts"), default=dict)

    objects = TimelineEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-at", "-id"], name="timeline_of_merchant"),
            models.Index(fields=["subject_id", "-at", "-id"], name="timeline_of_subject"),
            models.Index(fields=["merchant", "kind", "-at", "-id"], name="timeline_of_kind"),
            models.Index(fields=["merchant", "actor", "-at", "-id"], name="timeline_of_actor"),
        ]

    def __str__(self) -> str:
        return self.kind
