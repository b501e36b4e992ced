"""The card on a won lead's page: the partnership that began, and the draft of its campaign."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from crm.models import User
from leads.admin.panels import Panel, panel
from leads.models import Lead, Stage
from merchants.models import Partnership


@panel(order=5)
def won(lead: Lead, user: User, at: datetime) -> Panel | None:
    """Where the work goes on once the agreement is signed."""
    if lead.stage != Stage.WON:
        return None
    partnerships = Partnership.objects.visible_to(user).filter(merchant=lead.merchant_id)
    campaigns = Campaign.objects.visible_to(user).filter(origin_id=lead.pk)
    return Panel(
        _("Won: this is where it goes on"),
        "leads/won_panel.html",
        {
            "partnership": partnerships.order_by("-created_at", "-pk").first(),
            "campaign": campaigns.first(),
        },
        anchor="won",
        first=True,
    )
