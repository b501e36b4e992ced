"""The order of a day's stops: always to the nearest one that is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from leads.domain.places import Point, metres


@dataclass(frozen=True)
class Stop[T]:
    """Somewhere to go, and where it is, if that is known."""

    what: T
    point: Point | None


@dataclass(frozen=True)
class Leg[T]:
    """A stop on the way, and how far it is from the one before (metres); none for the first, and
    where one of both has no point."""

    what: T
    metres: int | None


def nearest_first[T](stops: Sequence[Stop[T]], *, start: Point | None = None) -> list[Stop[T]]:
    """The stops in the order of the nearest neighbour.

    Begins at `start`, or else with the first stop that has a point. Of two that are equally near,
    the one named earlier comes first. Stops without a point come last, in the order given.
    """
    left = [stop for stop in stops if stop.point is not None]
    unknown = [stop for stop in stops if stop.point is None]
    ordered: list[Stop[T]] = []
    here = start
    while left:
        place = 0 if here is None else _nearest(here, left)
        ordered.append(left.pop(place))
        here = ordered[-1].point
    return ordered + unknown


def _nearest[T](here: Point, left: Sequence[Stop[T]]) -> int:
    distances = [metres(here, stop.point) for stop in left if stop.point is not None]
    return distances.index(min(distances))


def legs[T](stops: Sequence[Stop[T]]) -> list[Leg[T]]:
    """The way along the stops as they stand. After a stop without a point nobody knows how far."""
    found: list[Leg[T]] = []
    before: Point | None = None
    for stop in stops:
        known = before is not None and stop.point is not None
        found.append(Leg(stop.what, metres(before, stop.point) if known else None))  # type: ignore[arg-type]
        before = stop.point
    return found
