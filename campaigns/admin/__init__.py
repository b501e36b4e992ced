"""The admin's lists and pages about campaigns."""

from campaigns.admin import (
    approval_panel,
    approval_tiers,
    approvals,
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
    "campaigns",
    "card_figures",
    "kpi_panel",
    "kpi_schemes",
    "targets",
]
