"""The words of the nine-grid needs interview: cells, their states, the ladder, the orders.

Three columns say what is explored (reasons, impact, capabilities), three rows how it is asked
(open, control, confirm). Source: `docs/words.md`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class GridColumn(models.TextChoices):
    """What is explored."""

    REASONS = "R", _("Reasons")
    IMPACT = "I", _("Impact")
    CAPABILITIES = "C", _("Capabilities")


class GridRow(models.IntegerChoices):
    """How it is asked."""

    OPEN = 1, pgettext_lazy("nine-grid row", "Open")
    CONTROL = 2, pgettext_lazy("nine-grid row", "Control")
    CONFIRM = 3, pgettext_lazy("nine-grid row", "Confirm")


class Cell(models.TextChoices):
    """One of the nine."""

    R1 = "R1", _("Open · Reasons")
    R2 = "R2", _("Control · Reasons")
    R3 = "R3", _("Confirm · Reasons")
    I1 = "I1", _("Open · Impact")
    I2 = "I2", _("Control · Impact")
    I3 = "I3", _("Confirm · Impact")
    C1 = "C1", _("Open · Capabilities")
    C2 = "C2", _("Control · Capabilities")
    C3 = "C3", _("Confirm · Capabilities")

    @property
    def column(self) -> GridColumn:
        return GridColumn(self.value[0])

    @property
    def row(self) -> GridRow:
        return GridRow(int(self.value[1]))


CONFIRM_CELLS = (Cell.R3, Cell.I3, Cell.C3)
"""What a person at the merchant has agreed to: who, when and how are on record."""


class CellStatus(models.TextChoices):
    EMPTY = "empty", pgettext_lazy("nine-grid cell", "Empty")
    PARTIAL = "partial", pgettext_lazy("nine-grid cell", "Partly")
    COMPLETE = "complete", pgettext_lazy("nine-grid cell", "Complete")


class PainStatus(models.TextChoices):
    """The ladder that a pain climbs."""

    LATENT = "latent", _("Latent")
    ADMITTED = "admitted", _("Admitted")
    CRITICAL = "critical", _("Critical")
    VISION = "vision", _("Vision")


COSTED = (PainStatus.CRITICAL, PainStatus.VISION)
"""The rungs on which the merchant has agreed to what the pain costs."""


class GridMode(models.TextChoices):
    """Where the interview begins: with no vision yet, or with one that somebody else gave."""

    CREATE = "create", _("Create a vision")
    REENGINEER = "reengineer", _("Re-engineer a vision")


class AgreedVia(models.TextChoices):
    VISIT = "visit", _("Visit")
    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")


class PainEnd(models.TextChoices):
    """How a pain left the table."""

    SOLVED = "solved", _("Solved")
    ABANDONED = "abandoned", _("Abandoned")


class NotEligible(models.TextChoices):
    """Why a pain cannot be the entry point."""

    MERCHANT_BARRED = "merchant_barred", _("The merchant is blocked or suspended.")
    FIT_TOO_LOW = "fit_too_low", _("Our plays cover too little of what the merchant needs.")


class NumberUnit(models.TextChoices):
    YUAN = "yuan", _("yuan")
    HOURS = "hours", _("hours")
    GUESTS = "guests", _("guests")
    PERCENT = "percent", _("percent")
    COUNT = "count", _("pieces")
    DAYS = "days", pgettext_lazy("unit", "days")


class NumberPeriod(models.TextChoices):
    NONE = "none", _("no period")
    VISIT = "visit", _("a visit")
    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")


class QuestionSet(models.TextChoices):
    """For which kind of shop questions are written."""

    GENERAL = "general", _("Any other shop")
    RESTAURANT = "restaurant", _("Restaurant")
    HAIR_SALON = "hair_salon", _("Hair salon")
    SUPERMARKET = "supermarket", _("Supermarket")
    CINEMA = "cinema", _("Cinema")
    PETROL_STATION = "petrol_station", _("Petrol station")


WALKS: Mapping[GridMode, tuple[Cell, ...]] = MappingProxyType(
    {
        GridMode.CREATE: (
            Cell.R1, Cell.R2, Cell.R3, Cell.I1, Cell.I2, Cell.I3, Cell.C1, Cell.C2, Cell.C3,
        ),
        GridMode.REENGINEER: (
            Cell.C1, Cell.R1, Cell.R2, Cell.R3, Cell.I1, Cell.I2, Cell.I3, Cell.C2, Cell.C3,
        ),
    }
)  # fmt: skip
"""The order of walking, for each mode. Any cell may be filled at any time all the same."""

GATED: Mapping[GridMode, tuple[Cell, ...]] = MappingProxyType(
    {
        GridMode.CREATE: (Cell.C1, Cell.C2, Cell.C3),
        GridMode.REENGINEER: (Cell.C2, Cell.C3),
    }
)
"""Cells that are premature until reasons and impact are confirmed."""
