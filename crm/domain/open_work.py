"""Work that somebody still has in hand: who leaves hands it over first.

The rooms to the left count what they know of, and say where it is handed over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.errors import RuleBroken, Sentence

type Count = Callable[[UUID], int]


@dataclass(frozen=True)
class Kind:
    """One kind of open work: its name, what people call it, and how many somebody has."""

    name: str
    label: Sentence
    count: Count


@dataclass(frozen=True)
class Found:
    """How much of one kind somebody has."""

    name: str
    label: Sentence
    count: int


_KINDS: dict[str, Kind] = {}
_PAGES: list[Callable[[UUID], str]] = []


def source(name: str, label: Sentence) -> Callable[[Count], Count]:
    """Let a room count a kind of open work of a colleague."""

    def register(count: Count) -> Count:
        _KINDS[name] = Kind(name, label, count)
        return count

    return register


def handed_over_at(page: Callable[[UUID], str]) -> Callable[[UUID], str]:
    """Let a room name the page on which a colleague's work is handed over."""
    _PAGES.append(page)
    return page


def hand_over_page(user_id: UUID) -> str:
    """The address of that page; empty if no room has one."""
    return _PAGES[-1](user_id) if _PAGES else ""


def of(user_id: UUID) -> list[Found]:
    """What a colleague still has in hand, every kind, in the order of their names."""
    return [
        Found(kind.name, kind.label, kind.count(user_id))
        for kind in sorted(_KINDS.values(), key=lambda one: one.name)
    ]


def refuse_any(user_id: UUID) -> None:
    """Raises RuleBroken with code `open_work_remains` that says how much of what remains."""
    remaining = [one for one in of(user_id) if one.count]
    if remaining:
        raise RuleBroken(
            _("This colleague still has open work; hand it over first. %(work)s")
            % {"work": ", ".join(f"{one.label}: {one.count}" for one in remaining)},
            code="open_work_remains",
            open_work={one.name: one.count for one in remaining},
        )
