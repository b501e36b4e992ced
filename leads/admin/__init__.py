"""The admin's lists and pages about leads."""

from leads.admin import activities, follow_ups, leads, valid_panel

__all__ = ["activities", "follow_ups", "leads", "valid_panel"]
from leads.admin import activities, follow_ups, leads, visit_panel, visits

__all__ = ["activities", "follow_ups", "leads", "visit_panel", "visits"]
from leads.admin import activities, follow_ups, leads, objections, plays

__all__ = ["activities", "follow_ups", "leads", "objections", "plays"]
