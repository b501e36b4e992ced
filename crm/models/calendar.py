"""Days off and make-up working days, as the State Council announces them year by year."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet


class CalendarYearQuerySet(RowQuerySet["CalendarYear"]):
    pass


class CalendarYear(Row):
    """Whether the days of a year are official yet. Until then Monday to Friday is assumed."""

    year = models.PositiveSmallIntegerField(_("year"))
    announced = models.BooleanField(_("officially announced"), default=False)
    source = models.CharField(_("source"), max_length=200)

    objects = CalendarYearQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                "year",
                name="calendar_year_once",
                violation_error_code="year_exists",
                violation_error_message=_("This year is in the calendar already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.year)


class SpecialDayQuerySet(RowQuerySet["SpecialDay"]):
    pass


class SpecialDay(Row):
    """A day on which the usual week does not hold: a holiday, or a weekend that is worked."""

    day = models.DateField(_("day"))
    is_working_day = models.BooleanField(_("is a working day"))
    name = models.CharField(_("name"), max_length=100)

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                "day",
                name="special_day_once",
                violation_error_code="day_exists",
                violation_error_message=_("This day is in the calendar already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
