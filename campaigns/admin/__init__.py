"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, simulator

__all__ = ["campaigns", "simulator"]
from campaigns.admin import approval_panel, approval_tiers, approvals, campaigns

__all__ = ["approval_panel", "approval_tiers", "approvals", "campaigns"]
