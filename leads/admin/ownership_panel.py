"""The card on a lead's page that says whose it was, and when it goes back to the pool."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.models import User
from leads import policies
from leads.admin.panels import Panel, panel
from leads.domain import recycling
from leads.models import Lead, LeadOwnership

SHOWN = 10


@panel(order=90)
def ownership(lead: Lead, user: User, at: datetime) -> Panel | None:
    """Who had the lead, from when to when; claim it, or return it."""
    periods = LeadOwnership.objects.filter(lead=lead).select_related("owner", "actor")
    in_pool = lead.is_open and lead.owner_id is None and lead.pooled_at is not None
    return Panel(
        _("Owners"),
        "leads/ownership_panel.html",
        {
            "lead": lead,
            "periods": list(periods[:SHOWN]),
            "in_pool": in_pool,
            "pool": lead.pool,
            "may_claim": in_pool and policies.may_claim(user, lead),
            "may_return": lead.is_open
            and lead.owner_id is not None
            and policies.may_work(user, lead),
            "goes_back": recycling.day_of_loss(lead, at=at),
        },
        anchor="owners",
        folded=True,
    )
