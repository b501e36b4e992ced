"""The weekly pipeline report: one run per week, one row per recipient."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, Row, RowQuerySet

if TYPE_CHECKING:
    from crm.models.people import User


class WeeklyRunQuerySet(RowQuerySet["WeeklyRun"]):
    pass


class WeeklyRun(Row):
    """The report on one ISO week, computed as of the Monday 00:00 that ends it."""

    week = models.CharField(_("week"), max_length=8, help_text="2026-W47")

    objects = WeeklyRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly run")
        verbose_name_plural = _("weekly runs")
        ordering = ["-week"]
        constraints = [models.UniqueConstraint("week", name="weekly_run_once_per_week")]

    def __str__(self) -> str:
        return self.week


class WeeklyReportQuerySet(RowQuerySet["WeeklyReport"]):
    def unprepared(self, at: datetime) -> Self:
        """Planned, due, and not yet written."""
        return self.filter(prepared_at=None, due_at__lte=at)

    def visible_to(self, user: "User") -> Self:
        return self.filter(recipient=user)


class WeeklyReport(Row):
    """One recipient's copy: what it said stays as it was sent."""

    run = models.ForeignKey(
        WeeklyRun,
        verbose_name=_("weekly run"),
        on_delete=models.CASCADE,
        related_name="reports",
    )
    recipient = models.ForeignKey(
        "crm.User",
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        related_name="weekly_reports",
    )
    due_at = models.DateTimeField(_("due at"))
    prepared_at = models.DateTimeField(_("written at"), null=True, blank=True)
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    content = models.JSONField(_("content"), null=True, blank=True)
    delivery = models.OneToOneField(
        "crm.Delivery",
        verbose_name=_("delivery"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="weekly_report",
    )

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="weekly_report_unprepared",
                condition=models.Q(prepared_at=None),
            ),
            models.Index(fields=["recipient", "-id"], name="weekly_report_of_recipient"),
        ]
        constraints = [
            models.UniqueConstraint(
                "run", "recipient", name="weekly_report_once_per_week_and_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.recipient}"


class WeeklySnapshotQuerySet(RowQuerySet["WeeklySnapshot"]):
    pass


class WeeklySnapshot(Fact):
    """The figures of one week for one part of the organisation, as they stood at its cut-off.

    What went up and down is told from here: last week, reckoned again from today's rows, would be
    another week.
    """

    week = models.CharField(_("week"), max_length=8)
    scope = models.CharField(_("scope"), max_length=80)
    """Whose figures: `unit:<id>` (of several units their ids, joined), or `person:<id>`."""
    figures = models.JSONField(_("figures"), default=dict)
    """Name of a figure → its value, as the section gave it (fen, counts, basis points)."""
    at = models.DateTimeField(_("at"))

    objects = WeeklySnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly snapshot")
        verbose_name_plural = _("weekly snapshots")
        constraints = [
            models.UniqueConstraint("scope", "week", name="weekly_snapshot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.week} · {self.scope}"
