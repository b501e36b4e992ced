"""The admin's lists and pages about merchants."""

from merchants.admin import imports, merchants, places, reference

__all__ = ["imports", "merchants", "places", "reference"]
from merchants.admin import insights, rivals, swot

__all__ = ["insights", "merchants", "places", "reference", "rivals", "swot"]
