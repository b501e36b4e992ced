"""Whose a lead was, from when to when, and how it came to them or into the pool."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, RowQuerySet, User
from leads.models.lead import Lead


class ReturnReason(models.TextChoices):
    """Why an owner, or a leader, gives a lead back to the pool."""

    NO_CAPACITY = "no_capacity", _("No time for it")
    OUT_OF_TERRITORY = "out_of_territory", _("Not in my area")
    NOT_REACHABLE = "not_reachable", _("Nobody can be reached")
    WRONG_DETAILS = "wrong_details", _("The details are wrong")
    NO_INTEREST = "no_interest", _("No interest at present")
    LONG_ABSENCE = "long_absence", _("Long absence")
    OTHER = "other", _("Other")


class OwnershipChange(models.TextChoices):
    """How a lead came to its owner, or into the pool."""

    OPENED = "opened", pgettext_lazy("ownership", "Opened")
    ASSIGNED = "assigned", pgettext_lazy("ownership", "Assigned")
    CLAIMED = "claimed", pgettext_lazy("ownership", "Claimed from the pool")
    RETURNED = "returned", pgettext_lazy("ownership", "Returned to the pool")
    RECYCLED = "recycled", pgettext_lazy("ownership", "Went back to the pool")
    HANDED_OVER = "handed_over", pgettext_lazy("ownership", "Handed over")


class LeadOwnershipQuerySet(RowQuerySet["LeadOwnership"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.visible_to(user))

    def current(self) -> Self:
        return self.filter(until=None)

    def claims_of(self, user: User, since: datetime) -> Self:
        """What somebody claimed since a moment, whatever became of it."""
        return self.filter(owner=user, since__gte=since, how=OwnershipChange.CLAIMED)


class LeadOwnership(Fact):
    """From when to when a lead was somebody's, or in the pool. Only `until` is written later."""

    lead = models.ForeignKey(
        Lead,
        verbose_name=_("lead"),
        on_delete=models.CASCADE,
        related_name="ownerships",
        db_index=False,
    )
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """Nobody while it lies in the pool."""
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True)
    how = models.CharField(_("how"), max_length=12, choices=OwnershipChange)
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=20, choices=ReturnReason, blank=True)
    because = models.TextField(_("because"), blank=True)

    objects = LeadOwnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        ordering = ["-since", "-id"]
        indexes = [
            models.Index(fields=["lead", "-since", "-id"], name="ownership_of_lead"),
            models.Index(
                fields=["owner", "-since"],
                name="ownership_claims",
                condition=Q(how=OwnershipChange.CLAIMED),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "lead", name="ownership_one_at_a_time", condition=Q(until=None)
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="ownership_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(how=OwnershipChange.RETURNED) | ~Q(reason=""),
                name="ownership_return_says_why",
                violation_error_code="return_needs_reason",
                violation_error_message=_("Say why the lead goes back to the pool."),
            ),
            models.CheckConstraint(
                condition=~Q(how__in=(OwnershipChange.CLAIMED, OwnershipChange.ASSIGNED))
                | Q(owner__isnull=False),
                name="ownership_claim_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} · {self.since:%Y-%m-%d}"
