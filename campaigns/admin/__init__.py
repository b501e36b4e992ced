"""The admin's lists and pages about campaigns."""

from campaigns.admin import campaigns, card_figures, kpi_panel, kpi_schemes, targets

__all__ = ["campaigns", "card_figures", "kpi_panel", "kpi_schemes", "targets"]
