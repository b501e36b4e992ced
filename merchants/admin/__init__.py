"""The admin's lists and pages about merchants."""

from merchants.admin import insights, merchants, places, reference, rivals, swot

__all__ = ["insights", "merchants", "places", "reference", "rivals", "swot"]
