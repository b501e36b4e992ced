"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns

__all__ = ["campaigns"]
