"""Targets: what a unit is to reach in a period."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.indicators import PACED
from crm.models import Row, RowQuerySet, User

PACED_CHOICES = [(str(one), one.label) for one in PACED]


class TargetQuerySet(RowQuerySet["Target"]):
    def visible_to(self, user: User) -> Self:
        """Those of one's own branch, and of every unit that one has to do with."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(unit__any_of=scope.known)

    def standing(self) -> Self:
        """All but those that were withdrawn."""
        return self.filter(withdrawn_at=None)

    def running(self, on: date) -> Self:
        """Whose period a day lies in."""
        return self.standing().filter(first_day__lte=on, last_day__gte=on)


class Target(Row):
    """What a unit, with everything below it, is to reach from a day to a day."""

    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="targets",
        db_index=False,
    )
    indicator = models.CharField(_("indicator"), max_length=30, choices=PACED_CHOICES)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    value = models.BigIntegerField(
        pgettext_lazy("figure", "target"), help_text=_("Cards, leads or times; spend in fen.")
    )
    by_calendar_days = models.BooleanField(
        _("by calendar days"),
        default=False,
        help_text=_("Otherwise the working days of the period are counted."),
    )
    because = models.CharField(_("because"), max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["-first_day", "-id"], name="target_newest"),
            models.Index(fields=["unit", "first_day", "last_day"], name="target_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                "unit",
                "indicator",
                "first_day",
                "last_day",
                name="target_once_per_period",
                condition=Q(withdrawn_at=None),
                violation_error_code="target_exists",
                violation_error_message=_(
                    "This unit has a target for this indicator and period already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="target_ends_after_it_begins",
                violation_error_code="target_period",
                violation_error_message=_("A period cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0),
                name="target_is_above_zero",
                violation_error_code="target_value",
                violation_error_message=_("A target is above zero."),
            ),
            models.CheckConstraint(
                condition=Q(indicator__in=[str(one) for one in PACED]),
                name="target_indicator_adds_up",
                violation_error_code="target_indicator",
                violation_error_message=_(
                    "Targets are set for indicators that a period adds up day by day."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_indicator_display()} · {self.first_day}"
