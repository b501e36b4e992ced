"""The admin's lists and pages about merchants."""

from merchants.admin import agreements, merchants, partnerships, places, reference

__all__ = ["agreements", "merchants", "partnerships", "places", "reference"]
