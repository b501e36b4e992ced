"""On which day a lead goes back to the pool, from what its owner did with it.

Pure: days and a calendar in, a day out. A lead goes back on the first working day after its time is
over, so nobody loses one on a holiday.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from crm.domain.working_days import WorkingDays


class Rule(Protocol):
    """The limits of a tier, in a pool. A limit that is none does not hold."""

    @property
    def quiet_working_days(self) -> int | None: ...
    @property
    def resting_days(self) -> int | None: ...
    @property
    def warning_days(self) -> int: ...
    @property
    def protection_days(self) -> int: ...


@dataclass(frozen=True)
class Standing:
    """The days by which a lead is judged, in the zone of the bank."""

    last_activity: date
    stage_entered: date
    owned_since: date
    revisit_on: date | None = None
    """Until then a parked lead rests with everybody's consent."""

    def begins(self, day: date) -> date:
        """From when a limit counts: never from before the owner had the lead."""
        return max(day, self.owned_since, self.revisit_on or date.min)


def loss_day(standing: Standing, rule: Rule, calendar: WorkingDays) -> date | None:
    """The day on which a lead goes back if nothing happens any more; none if no limit holds.

    It has `quiet_working_days` full working days after the last activity, and `resting_days` days
    in its stage; whichever is over first. A lead just received is safe for `protection_days`.
    """
    over: list[date] = []
    if rule.quiet_working_days is not None:
        begins = standing.begins(standing.last_activity)
        over.append(calendar.after(begins, rule.quiet_working_days + 1))
    if rule.resting_days is not None:
        begins = standing.begins(standing.stage_entered)
        over.append(_first_after(begins, rule.resting_days, calendar))
    if not over:
        return None
    return max(min(over), _first_after(standing.owned_since, rule.protection_days, calendar))


def warning_day(loss: date, rule: Rule, calendar: WorkingDays) -> date:
    """The day of the warning: so many days before the loss, and never on a day off."""
    day = loss - timedelta(days=rule.warning_days)
    return day if calendar.is_working(day) else calendar.before(day, 1)


def after_a_warning(today: date, rule: Rule, calendar: WorkingDays) -> date:
    """The first day on which somebody who is warned only today may lose the lead."""
    return calendar.on_or_after(today + timedelta(days=rule.warning_days))


def _first_after(day: date, days: int, calendar: WorkingDays) -> date:
    return calendar.on_or_after(day + timedelta(days=days + 1))
