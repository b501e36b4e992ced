"""What the page of a row shows: each subject brings a card of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from crm.errors import Sentence
from crm.models import User


@dataclass(frozen=True)
class Panel:
    """One card: its title, the template inside it, and what that is handed as `panel`."""

    title: Sentence
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    anchor: str = ""
    first: bool = False
    """Whether it stands at the top, beside the checklist of the next step."""
    folded: bool = False
    """Whether it stands folded at the end: what is looked up now and then."""


type Maker[R: models.Model] = Callable[[R, User, datetime], Panel | None]


class Panels[R: models.Model]:
    """The cards of one kind of row."""

    def __init__(self) -> None:
        self._makers: dict[str, tuple[int, Maker[R]]] = {}

    def panel(self, *, order: int) -> Callable[[Maker[R]], Maker[R]]:
        """Let a subject put a card on the page, the lowest order first. It asks a constant number
        of statements, and answers nothing where there is nothing to show."""

        def register(maker: Maker[R]) -> Maker[R]:
            self._makers[f"{maker.__module__}.{maker.__name__}"] = (order, maker)
            return maker

        return register

    def of(self, row: R, user: User, at: datetime) -> list[Panel]:
        """The cards of a row for a person, in order."""
        makers = sorted(self._makers.items(), key=lambda item: (item[1][0], item[0]))
        made = (maker(row, user, at) for _name, (_order, maker) in makers)
        return [one for one in made if one is not None]
