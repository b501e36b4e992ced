"""What evidence and waivers are made of, whatever they are filed for: a partnership, a lead."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, RowQuerySet


class WaiverRows[M: models.Model](RowQuerySet[M]):
    """Waivers as reports list them."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Given in a span of time."""
        return self.filter(at__gte=start, at__lt=end)


class FiledEvidence(Fact):
    """One piece of evidence: which kind, what it says, which day it speaks of, who filed it."""

    get_kind_display: Any
    """Every noun of evidence says which kinds it knows."""
    said = models.TextField(_("notes"), blank=True)
    happened_on = models.DateField(_("date"))
    """The day that the evidence speaks of; never after the day on which it was filed."""
    numbers = models.JSONField(_("figures"), default=dict)
    """Figures by name, whole numbers or decimals as text; which ones depends on the kind."""
    document = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("document"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    filed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("filed at"))

    class Meta:
        abstract = True
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.happened_on}"


class GivenWaiver(Fact):
    """A guard that somebody let pass for one step, with the reason in writing."""

    to_stage: Any
    guard = models.CharField(_("guard"), max_length=30)
    because = models.TextField(_("because"))
    given_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.guard} · {self.to_stage}"
