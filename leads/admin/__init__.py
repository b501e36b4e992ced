"""The admin's lists and pages about leads."""

from leads.admin import activities, follow_ups, leads, suggestions

__all__ = ["activities", "follow_ups", "leads", "suggestions"]
from leads.admin import activities, follow_ups, leads, needs_panel, pains, questions

__all__ = ["activities", "follow_ups", "leads", "needs_panel", "pains", "questions"]
from leads.admin import objections, plays

__all__ = ["activities", "follow_ups", "leads", "objections", "plays"]
