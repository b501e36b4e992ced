"""The admin's lists and pages about campaigns."""

from campaigns.admin import (
    approval_panel,
    approval_tiers,
    approvals,
    budgets,
    campaigns,
    funds,
    ledger_panel,
    campaigns,
    card_figures,
    kpi_panel,
    kpi_schemes,
    targets,
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
from campaigns.admin import approval_panel, approval_tiers, approvals, campaigns, simulator

__all__ = ["approval_panel", "approval_tiers", "approvals", "campaigns", "simulator"]
from campaigns.admin import campaigns, claims, outcome_panels, outcomes

__all__ = ["campaigns", "claims", "outcome_panels", "outcomes"]
    "campaigns",
    "card_figures",
    "kpi_panel",
    "kpi_schemes",
    "targets",
    campaigns,
    discrepancies,
    redemption_intakes,
    redemption_panel,
    redemptions,
    settlement_panel,
    simulator,
    statements,
)

__all__ = [
    "campaigns",
    "discrepancies",
    "redemption_intakes",
    "redemption_panel",
    "redemptions",
    "settlement_panel",
    "simulator",
    "statements",
]
