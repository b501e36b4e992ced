"""What a lead's page shows: each subject brings a card of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.errors import Sentence
from crm.models import User
from leads.models import Lead


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


type Maker = Callable[[Lead, User, datetime], Panel | None]

_MAKERS: dict[str, tuple[int, Maker]] = {}


def panel(*, order: int) -> Callable[[Maker], Maker]:
    """Let a subject put a card on the lead's page, the lowest order first. It asks a constant
    number of statements, and answers nothing where there is nothing to show."""

    def register(maker: Maker) -> Maker:
        _MAKERS[f"{maker.__module__}.{maker.__name__}"] = (order, maker)
        return maker

    return register


def of(lead: Lead, user: User, at: datetime) -> list[Panel]:
    """The cards of a lead for a person, in order."""
    makers = sorted(_MAKERS.items(), key=lambda item: (item[1][0], item[0]))
    made = (maker(lead, user, at) for _name, (_order, maker) in makers)
    return [one for one in made if one is not None]
