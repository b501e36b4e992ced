"""What every tick looks after among merchants."""

from datetime import datetime

from crm.actors import SYSTEM
from crm.domain import ticking
from merchants.domain import (
    import_retention,
    measured,
    partnership_edges,
    retention,
    retention_floors,
    scoring,
)

__all__ = ["import_retention", "measured", "retention_floors"]
"""Known to every process: what the steps of a partnership take from its figures, how long the law
keeps people's data, and what goes with a list."""

RECKONED = 2000
"""Partnerships that one tick reckons at the most; the next tick goes on."""


@ticking.step
def reckon_health(at: datetime) -> None:
    """The health of the day, before the steps that go by it."""
    scoring.recompute(scoring.day_to_reckon(at), by=SYSTEM, at=at, most=RECKONED)


@ticking.step
def evaluate_maturity(at: datetime) -> None:
    """The maturity of the month, from the morning of its first day on."""
    scoring.evaluate(scoring.day_to_reckon(at), by=SYSTEM, at=at, most=RECKONED)


@ticking.step
def partnerships_take_due_steps(at: datetime) -> None:
    """Into renewal, into wavering."""
    partnership_edges.take_due_steps(at=at)


@ticking.step
def keep_no_longer_than_promised(at: datetime) -> None:
    """People's data whose time is over are erased, or restricted while a law keeps them."""
    while retention.settle_overdue(at=at):
        pass
