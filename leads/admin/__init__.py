"""The admin's lists and pages about leads."""

from leads.admin import (
    activities,
    follow_up_panel,
    follow_ups,
    leads,
    objections,
    plays,
    valid_panel,
    visit_panel,
    visits,
)

__all__ = [
    "activities",
    "follow_up_panel",
    "follow_ups",
    "leads",
    "objections",
    "plays",
    "valid_panel",
    "visit_panel",
    "visits",
]
