"""In which order plays are offered: the best smoothed outcome first, with a floor for new ones.

    score = (resolved + a) / (tried + a + b)

A play that nobody tried stands at a / (a + b), neither praised nor blamed; each try moves it the
less, the more there are. Sorted by that alone a new play would never be tried where an old one does
well, so every k-th place belongs to the new play that was tried least, if there is one. Nothing is
drawn by lot: the same counts give the same list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Counted[T]:
    """A play with how often it was tried, and how often the objection was resolved by it."""

    play: T
    tried: int = 0
    resolved: int = 0


@dataclass(frozen=True)
class Ranked[T]:
    """A play in its place, with the counts that brought it there."""

    play: T
    place: int
    tried: int
    resolved: int
    score: Decimal
    explored: bool
    """It stands here because it is new, not because of its score."""


@dataclass(frozen=True)
class Rules:
    """The numbers of the ranking. Start values, to be changed by whoever runs the bank's desk."""

    a: Decimal = Decimal(1)
    b: Decimal = Decimal(2)
    new_below: int = 3
    """A play that was tried less often than this is new."""
    every: int = 3
    """Each place whose number this divides is a new play's; zero keeps none for them."""


RULES = Rules()


def smoothed(resolved: int, tried: int, rules: Rules = RULES) -> Decimal:
    """(resolved + a) / (tried + a + b), rounded half-up to four places."""
    return ((resolved + rules.a) / (tried + rules.a + rules.b)).quantize(_PLACES, ROUND_HALF_UP)


def ranked[T](counted: Sequence[Counted[T]], rules: Rules = RULES) -> list[Ranked[T]]:
    """Plays in the order in which they are offered. Equal ones stay in the order they came in."""
    waiting = sorted(counted, key=lambda one: -smoothed(one.resolved, one.tried, rules))
    found: list[Ranked[T]] = []
    while waiting:
        place = len(found) + 1
        new = [one for one in waiting if one.tried < rules.new_below]
        theirs = rules.every > 0 and place % rules.every == 0 and bool(new)
        chosen = min(new, key=lambda one: one.tried) if theirs else waiting[0]
        # Where the score alone would have brought it here, there is nothing to explain.
        explored = chosen is not waiting[0]
        waiting = [one for one in waiting if one is not chosen]
        found.append(
            Ranked(
                chosen.play,
                place,
                chosen.tried,
                chosen.resolved,
                smoothed(chosen.resolved, chosen.tried, rules),
                explored,
            )
        )
    return found
