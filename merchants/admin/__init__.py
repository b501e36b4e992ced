"""The admin's lists and pages about merchants."""

from merchants.admin import (
    agreements,
    contacts,
    imports,
    insights,
    merchants,
    merging,
    partnerships,
    places,
    reference,
    rivals,
    swot,
)

__all__ = [
    "agreements",
    "contacts",
    "imports",
    "insights",
    "merchants",
    "merging",
    "partnerships",
    "places",
    "reference",
    "rivals",
    "swot",
]
