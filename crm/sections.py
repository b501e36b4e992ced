"""Sections: one table each, built once and shown everywhere.

The weekly mail, the front page of the admin and the JSON endpoint render the *same* Section, so the
mail can never disagree with the screen. Each room registers its sections in its `reports.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.errors import Sentence
from crm.weeks import Week

if TYPE_CHECKING:
    from crm.models import User


class Kind(StrEnum):
    """How a value is written for people; in JSON it stays what it is."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    """Integer fen; JSON gives yuan as a decimal string."""
    PERCENT = "percent"
    """Basis points (1 % = 100); none means there is no data, which is not 0 %."""
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True)
class Column:
    key: str
    label: Sentence
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Figure:
    """One number that stands for the section: a tile on the screen, a word in the subject."""

    key: str
    label: Sentence
    value: int | None
    kind: Kind = Kind.COUNT
    link: str = ""
    is_headline: bool = False
    """One of the few that stand at the top of the report, with how they changed."""


class Urgency(IntEnum):
    """Which of the things that need somebody stand first."""

    WAITS_FOR_US = 1
    """Others cannot go on."""
    MONEY = 2
    CONTRACT = 3
    PROMISE = 4
    AT_RISK = 5
    RESTS = 6


@dataclass(frozen=True)
class Action:
    """Something that needs somebody, and why."""

    what: str
    who: str
    why: Sentence
    link: str
    day: date | None = None
    """Since when, or until when."""


@dataclass(frozen=True)
class Actions:
    """What of a section needs somebody: the first few, and how many there are in all."""

    urgency: Urgency
    first: tuple[Action, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Table:
    """What a section has to say. No rows and no figures: the section is left out."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: tuple[Figure, ...] = ()
    link: str = ""
    """Where the whole list is, for a table that shows only its beginning."""
    left_out: int = 0
    """How many more rows the list behind the link has."""
    bar: str = ""
    """The column whose numbers are also drawn as bars, if any."""
    actions: Actions | None = None
    """What of it somebody has to see to; the report gathers it from all sections."""


@dataclass(frozen=True)
class Period:
    """What a report covers: a week up to a cut-off, the end of it excluded."""

    week: Week
    start: datetime
    end: datetime

    @classmethod
    def of(cls, week: Week, zone: ZoneInfo, *, at: datetime) -> Self:
        """The whole week if it is over by a moment, else the part of it that is."""
        end = min(week.ends(zone), at.astimezone(zone))
        return cls(week, week.starts(zone), end)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its days begin and end."""
        zone = self.start.tzinfo
        assert isinstance(zone, ZoneInfo)
        return zone

    @property
    def last_day(self) -> date:
        """The last day that it covers."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()


@dataclass(frozen=True)
class Audience:
    """Whose report it is, and the part of the organisation it is narrowed to, if any.

    A section shows what the viewer may see, and of that only what lies in these units, and, where
    it is somebody's own book, only what is theirs.
    """

    viewer: "User"
    unit_ids: frozenset[UUID] | None = None
    owner_id: UUID | None = None
    """Whose own book it is: their leads, promises and partnerships, their merchants' campaigns."""
    scope: str = ""
    """Under which name its figures are kept from week to week; none where nobody keeps them."""
    unit_id: UUID | None = None
    """The unit that the viewer chose to narrow it to, if any."""

    def address(self, of_all: str, *filters: str) -> str:
        """The address of a list of leads, partnerships or campaigns, narrowed to whom this is
        about: a link says no more and no less than the number it stands under."""
        kind, _colon, unit = self.scope.partition(":")
        mine = ["owner=me"] if self.owner_id else [f"unit={unit}"] if kind == "unit" else []
        said = "&".join([*filters, *mine])
        return f"{of_all}?{said}" if said else of_all

    def narrow(self, rows: Any, *, unit: str, owner: str) -> Any:
        """Of some rows those of the units, and of the person whose book it is, by the columns that
        name them."""
        if self.unit_ids is not None:
            rows = rows.filter(**{f"{unit}__in": self.unit_ids})
        return rows if self.owner_id is None else rows.filter(**{owner: self.owner_id})


@dataclass(frozen=True)
class Section:
    key: str
    title: Sentence
    order: int
    build: Callable[[Audience, Period], Table]


_sections: dict[str, Section] = {}


def section(
    key: str, title: Sentence, *, order: int
) -> Callable[[Callable[[Audience, Period], Table]], Callable[[Audience, Period], Table]]:
    """Register the function below as a section of the pipeline report."""

    def register(
        build: Callable[[Audience, Period], Table],
    ) -> Callable[[Audience, Period], Table]:
        _sections[key] = Section(key, title, order, build)
        return build

    return register


def registered() -> Iterator[Section]:
    """Every section in its order."""
    yield from sorted(_sections.values(), key=lambda one: (one.order, one.key))
