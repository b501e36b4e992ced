"""Team leads collected: counted by the room of the leads, which registers here how.

A supplier is asked once for all spans together, so that a list of targets takes one question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from campaigns.domain.kpis import Leads


@dataclass(frozen=True)
class Span:
    """A unit with everything below it, from a day to a day, both included."""

    unit_id: UUID
    first_day: date
    last_day: date


type Supplier = Callable[[Sequence[Span]], Sequence[Leads]]
"""Spans → what was collected in each, in their order."""

_SUPPLIERS: list[Supplier] = []


def supplier(function: Supplier) -> Supplier:
    """Let the room that knows leads count them."""
    _SUPPLIERS[:] = [function]
    return function


def collected(spans: Sequence[Span]) -> list[Leads | None]:
    """What was collected in each span; none where nobody counts leads."""
    if not _SUPPLIERS or not spans:
        return [None] * len(spans)
    return list(_SUPPLIERS[0](spans))
