"""Engagement: how often we and a merchant really spoke with each other.

Who logs contacts registers here how to count them (the room of the leads does); this room knows
merchants only. A source is asked once for a whole batch, so that reckoning the health of all
partnerships takes the same few statements however many there are.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

type Source = Callable[[Collection[UUID], datetime, datetime], Mapping[UUID, int]]
"""(merchant ids, since, before) → two-way contacts of each merchant that had any."""

_SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Let a room count its two-way contacts with merchants."""
    _SOURCES.append(function)
    return function


def contacts(
    merchant_ids: Collection[UUID], *, since: datetime, before: datetime
) -> Mapping[UUID, int] | None:
    """Two-way contacts of each merchant from a moment up to another; none if nobody counts any."""
    if not _SOURCES:
        return None
    counted: Counter[UUID] = Counter()
    for one in _SOURCES:
        counted.update(one(merchant_ids, since, before))
    return counted
