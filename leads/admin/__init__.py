"""The admin's lists and pages about leads."""

from leads.admin import activities, follow_ups, leads, needs_panel, pains, questions

__all__ = ["activities", "follow_ups", "leads", "needs_panel", "pains", "questions"]
from leads.admin import objections, plays

__all__ = ["activities", "follow_ups", "leads", "objections", "plays"]
from leads.admin import activities, follow_ups, leads, proposal_panel, proposals

__all__ = ["activities", "follow_ups", "leads", "proposal_panel", "proposals"]
from leads.admin import activities, follow_ups, leads, visit_panel, visits

__all__ = ["activities", "follow_ups", "leads", "visit_panel", "visits"]
