"""The admin's lists and pages about campaigns."""

from campaigns.admin import budgets, campaigns, funds, ledger_panel

__all__ = ["budgets", "campaigns", "funds", "ledger_panel"]
from campaigns.admin import approval_panel, approval_tiers, approvals, campaigns

__all__ = ["approval_panel", "approval_tiers", "approvals", "campaigns"]
