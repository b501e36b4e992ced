"""The admin's lists and pages about leads."""

from leads.admin import (
    activities,
    follow_ups,
    leads,
    needs_panel,
    objections,
    pains,
    plays,
    proposal_panel,
    proposals,
    questions,
    steps,
    visit_panel,
    visits,
)

__all__ = [
    "activities",
    "follow_ups",
    "leads",
    "needs_panel",
    "objections",
    "pains",
    "plays",
    "proposal_panel",
    "proposals",
    "questions",
    "steps",
    "visit_panel",
    "visits",
]
