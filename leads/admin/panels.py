"""What a lead's page shows: each subject brings a card of its own."""

from crm.admin.panels import Panel, Panels
from leads.models import Lead

_PANELS = Panels[Lead]()
panel = _PANELS.panel
of = _PANELS.of

__all__ = ["Panel", "of", "panel"]
