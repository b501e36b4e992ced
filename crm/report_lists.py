"""The lists behind the numbers of the report: a number opens the very rows that it counts.

Whoever counts rows in a section registers them here under a name. The admin's list of that noun
narrows to them (`?counted=<name>.<week>`), reckoned again as of the report's cut-off, so that a
number and its list are one and the same selection.
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from crm.errors import InvalidInput
from crm.sections import Audience, Period
from crm.weeks import Week

type Rows = Callable[[Audience, Period], Any]

PARAMETER = "counted"

_lists: dict[str, tuple[Any, Rows]] = {}


def counted(name: str, model: Any) -> Callable[[Rows], Rows]:
    """Register the rows of a noun that a number of the report counts."""

    def register(rows: Rows) -> Rows:
        _lists[name] = (model, rows)
        return rows

    return register


def counts_any(model: Any) -> bool:
    """Whether some number of the report counts rows of this noun."""
    return any(one is model for one, _rows in _lists.values())


def rows_of(name: str, model: Any, audience: Audience, period: Period) -> Any:
    """The rows that a number counts; none if it is unknown, or counts another noun."""
    known, rows = _lists.get(name, (None, None))
    return rows(audience, period) if rows is not None and known is model else None


def address(of_all: str, name: str, audience: Audience, period: Period, *filters: str) -> str:
    """The address of the list of what a number counts. Filters narrow it further."""
    assert name in _lists, name
    kind, _colon, scope = audience.scope.partition(":")
    unit = audience.unit_id or (scope if kind == "unit" else "")
    value = f"{name}.{period.week}{f'.{unit}' if unit else ''}"
    return f"{of_all}?{'&'.join([*filters, f'{PARAMETER}={value}'])}"


class Asked(NamedTuple):
    """Which number of which week, and of which unit if one was chosen."""

    name: str
    week: Week
    unit_id: UUID | None


def parse(value: str) -> Asked | None:
    """What an address asks for; none if it cannot be read."""
    name, _dot, rest = value.partition(".")
    week, _dot, unit = rest.partition(".")
    try:
        return Asked(name, Week.parse(week), UUID(unit) if unit else None)
    except (InvalidInput, ValueError):
        return None
