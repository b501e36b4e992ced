"""The admin's lists and pages about campaigns."""

from campaigns.admin import (
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
