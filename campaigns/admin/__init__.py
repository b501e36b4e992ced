"""The admin's lists and pages about campaigns."""

from campaigns.admin import (
    approval_panel,
    approval_tiers,
    approvals,
    budgets,
    campaigns,
    funds,
    ledger_panel,
)

__all__ = [
    "approval_panel",
    "approval_tiers",
    "approvals",
    "budgets",
    "campaigns",
    "funds",
    "ledger_panel",
]
