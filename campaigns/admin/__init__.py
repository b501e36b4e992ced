"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, settlement_panel, statements

__all__ = ["campaigns", "settlement_panel", "statements"]
