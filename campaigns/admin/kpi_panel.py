"""The card of card figures on a campaign's page: what it brought in new cards and redemptions."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.admin.kpi_board import percent
from campaigns.admin.panels import Panel, panel
from campaigns.domain import campaign_figures
from campaigns.models import Campaign
from crm.models import User
from crm.presentation import money


@panel(order=80)
def card_figures(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """New cards, activations and redemptions of the campaign's days up to today."""
    found = campaign_figures.of(campaign, on=timezone.localdate(at))
    if found is None:
        return None
    offers = found.offers
    return Panel(
        title=_("Card figures"),
        template="campaigns/kpi_panel.html",
        context={
            "facts": [
                (_("New cards issued"), f"{found.cards_issued:,}"),
                (_("Attributed new cards"), f"{found.cards_attributed:,}"),
                (_("Cards activated"), f"{found.cards_activated:,}"),
                (_("Spend"), money(found.spend_fen)),
                (_("Claim rate"), percent(offers.claim_rate)),
                (_("Redemption rate, of those claimed"), percent(offers.redeemed_of_claimed)),
                (_("Redemption rate, of those issued"), percent(offers.redeemed_of_issued)),
            ],
            "campaign": campaign,
        },
        anchor="card-figures",
    )
