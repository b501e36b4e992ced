"""What follows from the steps of a partnership in other rooms.

A room to the left says so here, and is called within the verb that takes the step: what follows
happens with the step or not at all.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from crm.actors import Actor
from merchants.models import Partnership, PartnershipStage

type Consequence = Callable[[Partnership, Actor, datetime], None]

_FOLLOWS: dict[PartnershipStage, list[Consequence]] = defaultdict(list)


def follows(*stages: PartnershipStage) -> Callable[[Consequence], Consequence]:
    """Let a room do something whenever a partnership reaches one of these stages."""

    def add(consequence: Consequence) -> Consequence:
        for stage in stages:
            _FOLLOWS[stage].append(consequence)
        return consequence

    return add


def taken(partnership: Partnership, *, by: Actor, at: datetime) -> None:
    """A partnership has just reached its stage; its lock is held."""
    for consequence in _FOLLOWS[PartnershipStage(partnership.stage)]:
        consequence(partnership, by, at)
