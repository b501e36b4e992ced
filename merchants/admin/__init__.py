"""The admin's lists and pages about merchants."""

from merchants.admin import imports, merchants, places, reference

__all__ = ["imports", "merchants", "places", "reference"]
from merchants.admin import (
    agreements,
    insights,
    merging,
    partnerships,
    rivals,
    swot,
)

__all__ = [
    "agreements",
    "insights",
    "merchants",
    "merging",
    "partnerships",
    "places",
    "reference",
    "rivals",
    "swot",
]
