"""The admin's lists and pages about campaigns."""

from campaigns.admin import budgets, campaigns, funds, ledger_panel

__all__ = ["budgets", "campaigns", "funds", "ledger_panel"]
