"""Which lists can be taken out of the product, and what their columns say.

A room declares its lists in a module `exports.py`, found when the product starts. Cells say what
the list on the screen says: personal data masked, money in yuan, codes in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from crm.errors import Sentence
from crm.models import User

type Cell = str | Callable[[Any], Any]
"""A path of attributes, or what is made of the row."""


@dataclass(frozen=True)
class ListExport:
    """One list: its rows, its columns, whose rows are one's own, and how the API narrows it."""

    name: str
    label: Sentence
    model: type[models.Model]
    columns: Sequence[tuple[Sentence, Cell]]
    related: Sequence[str] = ()
    owner: str | None = "owner"
    """The path to who looks after a row; none where nobody does."""
    ordering: Sequence[str] = ("-created_at", "-id")
    narrow: Callable[[Any, Mapping[str, Any], User], Any] | None = None
    """What the API's filters leave of the rows; it raises for one that it does not know."""

    def visible_to(self, user: User) -> Any:
        rows: Any = self.model._default_manager
        return rows.visible_to(user)

    def own(self, rows: Any, user: User) -> Any:
        """The rows that one looks after oneself."""
        return rows.filter(**{self.owner: user}) if self.owner else rows.none()

    def header(self) -> list[str]:
        return [str(label) for label, _cell in self.columns]

    def cells(self, row: Any) -> list[str]:
        """One row as texts, in the active language and time zone."""
        return [_text(_value(row, cell)) for _label, cell in self.columns]


_LISTS: dict[str, ListExport] = {}


def register(one: ListExport) -> ListExport:
    """Let a list be taken out."""
    _LISTS[one.name] = one
    return one


def named(name: str) -> ListExport | None:
    return _LISTS.get(name)


def of_model(model: type[models.Model]) -> ListExport | None:
    """The list of a noun, for the lists on the screen."""
    return next((one for one in _LISTS.values() if one.model is model), None)


def every() -> list[ListExport]:
    return list(_LISTS.values())


def _value(row: Any, cell: Cell) -> Any:
    if callable(cell):
        return cell(row)
    for step in cell.split("__"):
        row = getattr(row, step, None)
        if row is None:
            return None
    return row() if callable(row) else row


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case _:
            return str(value).replace("\0", "")
