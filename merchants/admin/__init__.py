"""The admin's lists and pages about merchants."""

from merchants.admin import merchants, places, reference

__all__ = ["merchants", "places", "reference"]
