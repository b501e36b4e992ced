"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, settlement_panel, statements

__all__ = ["campaigns", "settlement_panel", "statements"]
from campaigns.admin import (
    campaigns,
    discrepancies,
    redemption_intakes,
    redemption_panel,
    redemptions,
    simulator,
)

__all__ = [
    "campaigns",
    "discrepancies",
    "redemption_intakes",
    "redemption_panel",
    "redemptions",
    "simulator",
]
