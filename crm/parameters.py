"""Numbers of the method that an administrator may change: limits, weights, caps, probabilities.

A room declares each of them once, with its start value and its bounds, and reads `value` where it
hands the number to a rule; rules themselves take numbers and know nothing of this table.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import lazystr

from crm.errors import Sentence

PLACES = 4
"""Digits after the point that the table keeps."""
REMEMBERED_SECONDS = 60
"""How long a process works with the numbers it read; they change a few times a year."""


@dataclass(frozen=True)
class Parameter:
    """One number: what it is called, what it starts as, and between which bounds it lies."""

    name: str
    label: Sentence
    default: Decimal
    least: Decimal
    most: Decimal
    places: int
    group: Sentence

    @property
    def value(self) -> Decimal:
        """The number as it stands (as it stood at most a minute ago)."""
        if _as_declared.get():
            return self.default
        return _current().get(self.name, self.default)


class WholeNumber(Parameter):
    """A number without a fraction, such as a count of days."""

    @property
    def value(self) -> int:  # type: ignore[override]
        return int(super().value)


PARAMETERS: dict[str, Parameter] = {}
_remembered: tuple[float, Mapping[str, Decimal]] | None = None
_as_declared: ContextVar[bool] = ContextVar("as_declared", default=False)


def number(
    name: str, label: Sentence, default: int, *, least: int, most: int, group: Sentence
) -> WholeNumber:
    """Declare a whole number. `name` is dotted, the room first (`leads.pool.claims_a_day`)."""
    whole = WholeNumber(name, label, Decimal(default), Decimal(least), Decimal(most), 0, group)
    return _declared(whole)


def decimal(
    name: str,
    label: Sentence,
    default: str,
    *,
    least: str = "0",
    most: str,
    places: int = 2,
    group: Sentence,
) -> Parameter:
    """Declare a number with a fraction of at most `PLACES` digits, written as text."""
    fraction = Parameter(
        name, label, Decimal(default), Decimal(least), Decimal(most), places, group
    )
    return _declared(fraction)


def told(sentence: Sentence, **numbers: Parameter) -> Sentence:
    """A sentence with numbers in it, as they stand when somebody reads it."""
    return lazystr(_Told(sentence, numbers))


@dataclass(frozen=True)
class _Told:
    sentence: Sentence
    numbers: Mapping[str, Parameter]

    def __str__(self) -> str:
        values = {name: f"{one.value}" for name, one in self.numbers.items()}
        return str(self.sentence) % values


def _declared[P: Parameter](parameter: P) -> P:
    assert parameter.name not in PARAMETERS, f"{parameter.name} is declared twice"
    assert parameter.least <= parameter.default <= parameter.most, parameter.name
    assert parameter.places <= PLACES, parameter.name
    PARAMETERS[parameter.name] = parameter
    return parameter


def _current() -> Mapping[str, Decimal]:
    from crm.models import ParameterChange

    global _remembered
    if _remembered is None or time.monotonic() - _remembered[0] > REMEMBERED_SECONDS:
        _remembered = (time.monotonic(), ParameterChange.objects.current())
    return _remembered[1]


@contextmanager
def as_declared() -> Iterator[None]:
    """Let every number be its start value: for what is written about the product as such."""
    token = _as_declared.set(True)
    try:
        yield
    finally:
        _as_declared.reset(token)


def forget() -> None:
    """Read the numbers anew at the next use."""
    global _remembered
    _remembered = None
