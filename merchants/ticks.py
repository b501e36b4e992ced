"""What every tick looks after among merchants."""

from datetime import datetime

from crm.actors import SYSTEM
from crm.domain import ticking
from merchants.domain import measured, partnership_edges, scoring

__all__ = ["measured"]
"""Known to every process: what the steps of a partnership take from its figures."""

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
