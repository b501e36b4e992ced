"""When to come by: the quiet hours of each kind of shop (start values, from practice)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.domain.working_days import WorkingDays


class ShopKind(models.TextChoices):
    """Kinds of shop whose quiet hours we know."""

    RESTAURANT = "restaurant", _("Restaurant")
    HAIR_SALON = "hair_salon", _("Hair salon")
    SUPERMARKET = "supermarket", _("Supermarket")
    CINEMA = "cinema", _("Cinema")
    PETROL_STATION = "petrol_station", _("Petrol station")


@dataclass(frozen=True)
class Hours:
    """From when until when, on the clock of the place."""

    opens: time
    closes: time


@dataclass(frozen=True)
class ContactWindow:
    """The hours of one day."""

    day: date
    opens: time
    closes: time


WINDOWS: Mapping[ShopKind, Hours] = MappingProxyType(
    {
        ShopKind.RESTAURANT: Hours(time(14), time(16, 30)),
        ShopKind.HAIR_SALON: Hours(time(10), time(12)),
        ShopKind.SUPERMARKET: Hours(time(14), time(16)),
        ShopKind.CINEMA: Hours(time(11), time(14)),
        ShopKind.PETROL_STATION: Hours(time(10), time(11, 30)),
    }
)

CATEGORIES: Mapping[str, ShopKind] = MappingProxyType(
    {
        "5812": ShopKind.RESTAURANT,
        "5813": ShopKind.RESTAURANT,
        "5814": ShopKind.RESTAURANT,
        "7230": ShopKind.HAIR_SALON,
        "5411": ShopKind.SUPERMARKET,
        "5499": ShopKind.SUPERMARKET,
        "7832": ShopKind.CINEMA,
        "5541": ShopKind.PETROL_STATION,
        "5542": ShopKind.PETROL_STATION,
    }
)
"""Which merchant category codes are which kind of shop."""


def best_window(
    category: ShopKind | str | None, day: date, calendar: WorkingDays
) -> ContactWindow | None:
    """The quiet hours of a kind of shop (or of an MCC) on a day, or on the next one we work.

    Public holidays and weekends are skipped, make-up working days are used. None where nobody
    knows better than any time.
    """
    kind = category if isinstance(category, ShopKind) else CATEGORIES.get(category or "")
    if kind is None:
        return None
    hours = WINDOWS[kind]
    return ContactWindow(calendar.on_or_after(day), hours.opens, hours.closes)
