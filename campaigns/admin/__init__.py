"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, claims, outcome_panels, outcomes

__all__ = ["campaigns", "claims", "outcome_panels", "outcomes"]
