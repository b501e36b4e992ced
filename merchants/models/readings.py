"""What was reckoned of a partnership and when: its health by day, its maturity by month.

Readings are written once and stay, so that a chart of last year shows what was known last year.
"""

from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, RowQuerySet, User


class HealthReadingQuerySet(RowQuerySet["HealthReading"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.partnership import Partnership

        return self.filter(partnership__in=Partnership.objects.visible_to(user))

    def between(self, first: date, last: date) -> Self:
        """Readings from the first day to the last, both included."""
        return self.filter(day__gte=first, day__lte=last)


class HealthReading(Fact):
    """The health of a partnership on a day, its five parts, and the facts that they came from.

    A part is a share from 0 to 1; null is "no data". The facts are those of the days before:
    what is sold today counts tomorrow.
    """

    partnership = models.ForeignKey(
        "merchants.Partnership",
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="health_readings",
        db_index=False,
    )
    day = models.DateField(_("day"))
    score = models.DecimalField(_("health"), max_digits=4, decimal_places=1, null=True)
    activity = models.DecimalField(
        pgettext_lazy("health", "activity"), max_digits=5, decimal_places=4, null=True
    )
    trend = models.DecimalField(_("trend"), max_digits=5, decimal_places=4, null=True)
    target = models.DecimalField(_("target"), max_digits=5, decimal_places=4, null=True)
    settlement = models.DecimalField(_("settlement"), max_digits=5, decimal_places=4, null=True)
    engagement = models.DecimalField(_("engagement"), max_digits=5, decimal_places=4, null=True)
    active_days = models.PositiveSmallIntegerField(_("days with a qualifying sale"), null=True)
    sales_fen = models.BigIntegerField(_("sales"), null=True)
    previous_fen = models.BigIntegerField(_("sales before"), null=True)
    redemptions = models.BigIntegerField(_("redemptions"), null=True)
    planned_redemptions = models.DecimalField(
        _("planned redemptions"), max_digits=12, decimal_places=2, null=True
    )
    statements = models.PositiveSmallIntegerField(_("statements"), null=True)
    statements_overdue = models.PositiveSmallIntegerField(_("overdue statements"), null=True)
    contacts = models.PositiveIntegerField(_("two-way contacts"), null=True)

    objects = HealthReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("health reading")
        verbose_name_plural = _("health readings")
        ordering = ["-day", "-id"]
        constraints = [
            # Its index also serves the history, which is read by partnership and day.
            models.UniqueConstraint(
                fields=["partnership", "day"],
                name="health_reading_once_a_day",
                violation_error_code="health_reading_exists",
                violation_error_message=_("The health of this day was reckoned already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()}: {self.score}"


class MaturityReadingQuerySet(RowQuerySet["MaturityReading"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.partnership import Partnership

        return self.filter(partnership__in=Partnership.objects.visible_to(user))


class MaturityReading(Fact):
    """A monthly evaluation: what the criteria say, and the level that the partnership then has."""

    partnership = models.ForeignKey(
        "merchants.Partnership",
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="maturity_readings",
        db_index=False,
    )
    month = models.DateField(_("month"))
    """By its first day; the facts are those of the months before."""
    measured = models.PositiveSmallIntegerField(_("measured level"))
    """What the criteria say."""
    level = models.PositiveSmallIntegerField(_("level"))
    """What the partnership has: lost only after two evaluations in a row below its bar."""
    criteria = models.JSONField(_("criteria"))
    """Criterion → {"value": what was found or null for no data, "met": true or false}."""

    objects = MaturityReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("maturity reading")
        verbose_name_plural = _("maturity readings")
        ordering = ["-month", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "month"],
                name="maturity_reading_once_a_month",
                violation_error_code="maturity_reading_exists",
                violation_error_message=_("The maturity of this month was evaluated already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.level}.0"
