"""Periods that people look at: a month, a quarter, a year, by the day that they contain."""

from calendar import monthrange
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodLength(models.TextChoices):
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


def around(day: date, length: str) -> tuple[date, date]:
    """The first and the last day of the month, quarter or year that a day is in."""
    match PeriodLength(length):
        case PeriodLength.MONTH:
            first, last = day.month, day.month
        case PeriodLength.QUARTER:
            first = (day.month - 1) // 3 * 3 + 1
            last = first + 2
        case PeriodLength.YEAR:
            first, last = 1, 12
    return date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1])
