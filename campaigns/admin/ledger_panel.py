"""The ledger's card on a campaign's page."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.admin.budget_shown import burn, latest, state_badge
from campaigns.admin.panels import Panel, panel
from campaigns.models import Budget, Campaign
from crm.models import User
from crm.presentation import money


@panel(order=80)
def movements(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """The pots of the parties, and how the campaign's money moved last."""
    pots = list(Budget.objects.filter(campaign=campaign).order_by("-allocated_fen", "party"))
    entries = latest(campaign=campaign)
    if not entries:
        return None
    return Panel(
        title=_("Ledger"),
        template="campaigns/ledger_panel.html",
        context={
            "pots": [(pot, money(pot.available_fen), burn(pot), state_badge(pot)) for pot in pots],
            "entries": entries,
            "campaign": campaign,
        },
        anchor="ledger",
        folded=True,
    )
