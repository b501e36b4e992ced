"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, simulator

__all__ = ["campaigns", "simulator"]
