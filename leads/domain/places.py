"""Points on the ground: how far apart they are, and how exactly one may be remembered."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""
COARSE = Decimal("0.001")
"""Three decimals of a degree are about 100 metres: a block, and not a door."""


@dataclass(frozen=True)
class Point:
    """A point in WGS-84 degrees."""

    latitude: Decimal
    longitude: Decimal

    @property
    def is_on_earth(self) -> bool:
        return -90 <= self.latitude <= 90 and -180 <= self.longitude <= 180

    def coarse(self) -> "Point":
        """The point as it may be kept, half a step rounded away from zero."""
        return Point(
            self.latitude.quantize(COARSE, ROUND_HALF_UP),
            self.longitude.quantize(COARSE, ROUND_HALF_UP),
        )


@dataclass(frozen=True)
class Position:
    """Where a phone says it is, and how sure it is of that (metres)."""

    point: Point
    accuracy_m: int | None = None


def metres(one: Point, other: Point) -> int:
    """The distance over the ground, by the haversine formula, to the whole metre."""
    south, north = radians(one.latitude), radians(other.latitude)
    half_up = sin((north - south) / 2)
    half_across = sin(radians(other.longitude - one.longitude) / 2)
    part = half_up**2 + cos(south) * cos(north) * half_across**2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(part))))
