"""The card on a lead's page that says what it lacks to count as valid."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.models import User
from leads.admin.panels import Panel, panel
from leads.domain import validity
from leads.models import Lead


@panel(order=90)
def valid(lead: Lead, user: User, at: datetime) -> Panel | None:
    """What is missing, while the lead is open; a valid lead needs no card."""
    if not lead.is_open or not (missing := validity.missing(lead)):
        return None
    return Panel(
        _("Not a valid lead yet"),
        "leads/validity.html",
        {"missing": [validity.MISSING[part] for part in missing], "merchant": lead.merchant},
        anchor="validity",
    )
