"""What the rules of the next action look at: the facts of one lead, and their own numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from leads.models.stages import Stage
from leads.models.suggestion import SuggestionRule
from merchants.domain.contact_windows import ContactWindow, ShopKind


@dataclass(frozen=True)
class PainFact:
    """The pain that the conversation goes on with, and where its interview stands."""

    id: str
    title: str
    stuck_column: str
    next_cell: str
    question_en: str = ""
    question_zh: str = ""


@dataclass(frozen=True)
class ObjectionFact:
    """The objection that has waited longest, with the play that is offered first for it."""

    id: str
    words: str
    reason: str
    explained: bool
    """Somebody confirmed its reason."""
    deferred_until: date | None = None
    play_id: str = ""
    play_en: str = ""
    play_zh: str = ""
    tried: int = 0
    resolved: int = 0


@dataclass(frozen=True)
class StepFact:
    """The next step forward, and the guards that it still misses."""

    to: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class PromiseFact:
    """An open follow-up."""

    id: str
    title: str
    due_on: date


@dataclass(frozen=True)
class HolidayFact:
    """A row of days off that begins soon."""

    first: date
    days: int
    working_days_until: int


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. Dates by the bank's clock; days are working days."""

    lead: str
    stage: Stage
    today: date
    days_in_stage: int = 0
    stage_limit: int | None = None
    revisit_on: date | None = None
    category: ShopKind | None = None
    pain: PainFact | None = None
    objection: ObjectionFact | None = None
    step: StepFact | None = None
    """None where the next step is nobody's to take, or nobody looked."""
    spoken_on: date | None = None
    """The last conversation in which the merchant had a say."""
    visited_on: date | None = None
    visit_id: str = ""
    call_by: date | None = None
    """By when a call should follow the visit; none where there is no visit or a call followed."""
    attempts: int = 0
    """Attempts within the window that reached nobody."""
    attempts_again_on: date | None = None
    """When the window lets another attempt in; none while there is room."""
    known_contacts: int = 0
    contacts_to_call: int = 0
    late: PromiseFact | None = None
    next_promise_on: date | None = None
    holiday: HolidayFact | None = None
    window: ContactWindow | None = None
    window_is_made_up: bool = False
    """The day of the window is a weekend on which one works."""

    @property
    def may_call(self) -> bool:
        """Whether somebody may get in touch now."""
        asked_not_to = self.known_contacts > 0 and self.contacts_to_call == 0
        return not asked_not_to and self.attempts_again_on is None


@dataclass(frozen=True)
class Limits:
    """The numbers of the rules. Start values, to be changed by an administrator."""

    ending_within: int = 3
    """Working days left in a stage from which on it is mentioned."""
    call_within: int = 2
    attempts: int = 3
    attempt_window: int = 10
    holiday_days: int = 5
    """Days off in a row that make a holiday long."""
    holiday_within: int = 10
    weights: Mapping[SuggestionRule, int] = field(default_factory=dict)
    """Where one is set, it takes the place of the rule's own."""


def long_break(
    today: date, *, is_working: Callable[[date], bool], within: int, least: int
) -> HolidayFact | None:
    """The next row of at least so many days off that begins within so many working days."""
    day, worked = today, 0
    while worked <= within:
        day += timedelta(days=1)
        if is_working(day):
            worked += 1
            continue
        first = day
        while not is_working(day + timedelta(days=1)):
            day += timedelta(days=1)
        length = (day - first).days + 1
        if length >= least:
            return HolidayFact(first, length, worked)
    return None
