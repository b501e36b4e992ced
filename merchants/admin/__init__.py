"""The admin's lists and pages about merchants."""

from merchants.admin import contacts, merchants, places, reference

__all__ = ["contacts", "merchants", "places", "reference"]
