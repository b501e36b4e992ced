"""Fields for the numbers of an offer: as people type them outside, as the domain counts inside."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
)

from campaigns.domain.limits import MOST_LISTED
from crm.admin.forms import TextField

CLASSES = " ".join(INPUT_CLASSES)
WEEKDAYS = (
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
)
# Commas and semicolons of either width, and the Chinese mark between listed things.
_BETWEEN = re.compile(r"\s*[,;\uff0c\uff1b、]\s*|\s+(?![–—~至])(?<![–—~至]\s)")
_PRIZES = re.compile(r"\s*[,;\uff0c\uff1b、]\s*")
_PRIZE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?\s*[x×*]\s*([0-9]{1,9})")
_THROUGH = re.compile(r"\s*(?:\.\.|[–—~至])\s*")


def yuan(fen: int | None) -> str | None:
    """Fen as a form shows them."""
    return None if fen is None else f"{Decimal(fen) / 100:.2f}"


def percent(parts: int | None, of: int = 100) -> str | None:
    """Parts of one per cent as a form shows them: 1250 basis points are 12.5."""
    return None if parts is None else f"{(Decimal(parts) / of).normalize():f}"


class PercentField(forms.DecimalField):
    """Per cent as people type it; the domain counts in whole parts of it (`parts` to one per
    cent: 100 for basis points, 10,000 for millionths)."""

    def __init__(self, *, parts: int = 100, places: int = 2, **options: Any) -> None:
        self.parts = parts
        super().__init__(
            min_value=0,
            max_value=100,
            max_digits=3 + places,
            decimal_places=places,
            widget=forms.NumberInput(attrs={"class": CLASSES, "step": "any", "min": "0"}),
            **options,
        )

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else int(typed * self.parts)


class CountField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=0, max_value=2_000_000_000, widget=UnfoldAdminIntegerFieldWidget, **options
        )


class ClockField(forms.TimeField):
    """A time of day, chosen with the browser's own clock."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": CLASSES})
        super().__init__(widget=widget, **options)


class WeekdaysField(forms.TypedMultipleChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=WEEKDAYS,
            coerce=int,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            **options,
        )


class CodesField(TextField):
    """Several codes in one line, separated by commas or blanks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=4000, **options)

    def clean(self, value: Any) -> Any:
        return [one for one in _BETWEEN.split(super().clean(value).strip()) if one]

    @staticmethod
    def shown(codes: Iterable[str]) -> str:
        return ", ".join(codes)


class DaysField(CodesField):
    """Days as people write them, also from one through another: 2026-10-01~2026-10-07."""

    default_error_messages = {
        "days": _("Write days like 2026-10-01, or 2026-10-01~2026-10-07 for several in a row.")
    }

    def clean(self, value: Any) -> Any:
        days: set[date] = set()
        for one in super().clean(value):
            try:
                first, *rest = (date.fromisoformat(day) for day in _THROUGH.split(one))
                (last,) = rest or [first]
            except ValueError:
                raise forms.ValidationError(self.error_messages["days"], code="days") from None
            if not 0 <= (last - first).days < MOST_LISTED:
                raise forms.ValidationError(self.error_messages["days"], code="days")
            days |= {first + timedelta(days=step) for step in range((last - first).days + 1)}
        return sorted(days)


class PrizesField(TextField):
    """Prizes as people write them: 888×1, 50×100."""

    default_error_messages = {
        "prizes": _("Write prizes as worth × count, separated by commas: 888×1, 50×100.")
    }

    def clean(self, value: Any) -> Any:
        found = []
        for one in filter(None, _PRIZES.split(super().clean(value))):
            match = _PRIZE.fullmatch(one.strip())
            if match is None:
                raise forms.ValidationError(self.error_messages["prizes"], code="prizes")
            whole, cents, count = match.groups()
            worth = int(whole) * 100 + int((cents or "").ljust(2, "0"))
            found.append({"value_fen": worth, "count": int(count)})
        return found

    @staticmethod
    def shown(prizes: Iterable[Mapping[str, int]]) -> str:
        return ", ".join(f"{percent(one['value_fen'])}×{one['count']}" for one in prizes)
