"""The admin's lists and pages about merchants."""

from merchants.admin import merchants, merging, places, reference

__all__ = ["merchants", "merging", "places", "reference"]
