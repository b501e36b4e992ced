"""Today: what is overdue, what is due today, and what comes in the next three working days.

The day's work comes from several rooms. Each registers a source, which names what waits for a
colleague, says why in words, and brings no more than `MOST` rows in a constant number of
statements. Today puts them into three groups and ranks them.

How a row is ranked: its kind has a weight (a promise to a merchant weighs more than a lead that has
rested too long); high priority adds to it; each working day of delay adds a little, up to a number
of days, so that an old promise climbs and a very old one does not bury the rest. Within a group the
highest rank stands first; of equal ranks the sooner.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm import parameters
from crm.domain import calendar as calendars
from crm.domain.working_days import WorkingDays
from crm.errors import Sentence
from crm.models import User
from leads.domain import today_parameters
from leads.models import FollowUp, Lead
from merchants.models import Merchant

AHEAD = 3
MOST = 100
"""So many rows of each source. Nobody does more in a day, and what is left comes up tomorrow."""


@dataclass(frozen=True)
class Asked:
    """Whose day, and where its borders are: in the colleague's own time zone."""

    user: User
    at: datetime
    zone: ZoneInfo
    calendar: WorkingDays
    day: date
    last_day: date
    """The third working day from now."""
    tomorrow: datetime
    horizon: datetime
    """The end of the last day."""

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def late_days(self, day: date) -> int:
        """Working days that have begun since a day."""
        return self.calendar.elapsed(day, self.day)


@dataclass(frozen=True)
class Item:
    """One thing that waits. `due_at` is a moment; where only the day is known, `timed` is false and
    it is the beginning of the day."""

    id: UUID
    title: str
    why: Sentence
    merchant: Merchant
    lead: Lead | None
    due_at: datetime
    link: str
    """Where in the admin it is done or looked at."""
    timed: bool = True
    urgent: bool = False
    row: FollowUp | None = None
    """For follow-ups, which can be done and put off with one tap."""


@dataclass(frozen=True)
class Kind:
    """A source of the day's work: its name, what people call it, and what it weighs.

    With `yields`, an item is left out where the same lead stands on the list for another reason.
    """

    name: str
    label: Sentence
    weight: parameters.WholeNumber
    yields: bool


type Source = Callable[[Asked], Iterable[Item]]

SOURCES: dict[str, tuple[Kind, Source]] = {}


def source(
    name: str, label: Sentence, *, weight: int, yields: bool = False
) -> Callable[[Source], Source]:
    """Register a source of the day's work. Its weight, 0 to 100, is a parameter from then on."""
    number = parameters.number(
        f"leads.today.weight.{name}",
        label,
        weight,
        least=0,
        most=100,
        group=today_parameters.WEIGHTS,
    )

    def register(items: Source) -> Source:
        SOURCES[name] = (Kind(name, label, number, yields), items)
        return items

    return register


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    kind: Kind
    item: Item
    rank: int


@dataclass(frozen=True)
class Today:
    overdue: list[Row]
    today: list[Row]
    coming: list[Row]

    @property
    def rows(self) -> list[Row]:
        return [*self.overdue, *self.today, *self.coming]


def rank_of(
    weight: int, *, urgent: bool, late_days: int, high: int, a_day_late: int, counted: int
) -> int:
    """The rank of a row out of its kind's weight, its priority and its delay in working days."""
    return weight + (high if urgent else 0) + a_day_late * min(late_days, counted)


def of(user: User, *, at: datetime) -> Today:
    """What waits for a colleague up to the third working day from now, the most pressing first."""
    asked = asking(user, at=at)
    found = [
        (kind, item)
        for kind, items in SOURCES.values()
        for item in items(asked)
        if item.due_at < asked.horizon
    ]
    for_another_reason = {
        item.lead.pk for kind, item in found if item.lead is not None and not kind.yields
    }
    rows = [
        Row(kind, item, _rank(kind, item, asked))
        for kind, item in found
        if not (kind.yields and item.lead is not None and item.lead.pk in for_another_reason)
    ]
    rows.sort(key=lambda row: (-row.rank, row.item.due_at, row.item.id))
    return Today(
        overdue=[row for row in rows if _is_overdue(row.item, asked)],
        today=[
            row
            for row in rows
            if not _is_overdue(row.item, asked) and row.item.due_at < asked.tomorrow
        ],
        coming=[row for row in rows if row.item.due_at >= asked.tomorrow],
    )


def asking(user: User, *, at: datetime) -> Asked:
    """The borders of a colleague's day."""
    zone = ZoneInfo(user.time_zone)
    calendar = calendars.load()
    day = at.astimezone(zone).date()
    last_day = calendar.after(day, AHEAD)
    return Asked(
        user=user,
        at=at,
        zone=zone,
        calendar=calendar,
        day=day,
        last_day=last_day,
        tomorrow=datetime.combine(day + timedelta(days=1), time(), zone),
        horizon=datetime.combine(last_day + timedelta(days=1), time(), zone),
    )


def _is_overdue(item: Item, asked: Asked) -> bool:
    """What has an hour is overdue after it; what has only a day, after that day."""
    return item.due_at < (asked.at if item.timed else asked.start_of(asked.day))


def _rank(kind: Kind, item: Item, asked: Asked) -> int:
    late = _is_overdue(item, asked)
    return rank_of(
        kind.weight.value,
        urgent=item.urgent,
        late_days=asked.late_days(asked.day_of(item.due_at)) if late else 0,
        high=today_parameters.HIGH_PRIORITY.value,
        a_day_late=today_parameters.A_DAY_LATE.value,
        counted=today_parameters.LATE_DAYS_COUNTED.value,
    )
