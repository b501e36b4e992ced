"""What a campaign's page shows: each subject brings a card of its own."""

from campaigns.models import Campaign
from crm.admin.panels import Panel, Panels

_PANELS = Panels[Campaign]()
panel = _PANELS.panel
of = _PANELS.of

__all__ = ["Panel", "of", "panel"]
