"""The proposal's card on a lead's page."""

from datetime import datetime

from django.utils.translation import pgettext_lazy

from crm.models import User
from leads import policies
from leads.admin import proposal_shown as shown
from leads.admin.panels import Panel, panel
from leads.domain import proposals
from leads.models import Lead, Proposal


@panel(order=50)
def proposal(lead: Lead, user: User, at: datetime) -> Panel | None:
    """Where the proposal stands, what all three get, and what is missing."""
    found = Proposal.objects.filter(lead=lead).prefetch_related("versions").first()
    may_draft = found is None and lead.is_open and policies.may_work(user, lead)
    if found is None and not may_draft:
        return None
    return Panel(
        title=pgettext_lazy("document", "Proposal"),
        template="leads/proposal_panel.html",
        context={
            "lead": lead,
            "proposal": found,
            "newest": shown.summary(proposals.shown(found, None)) if found else None,
            "may_draft": may_draft,
        },
        anchor="proposal",
    )
