"""The card of redemptions on a campaign's page: how it is used day by day, who funded what."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from campaigns.admin.panels import Panel, panel
from campaigns.domain import redemption_figures
from campaigns.models import Campaign, Discrepancy, Party
from campaigns.models.campaign_stages import LIVE, OVER
from crm.models import User
from crm.presentation import yuan

DAYS = 14
WHOLE = 100


@panel(order=40)
def redemptions(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """Redemptions by day; nothing before a campaign ever ran."""
    if campaign.stage not in (*LIVE, *OVER):
        return None
    sums = redemption_figures.of_campaign(campaign.pk)
    days = redemption_figures.by_day(campaign.pk, newest=DAYS)
    waiting = Discrepancy.objects.visible_to(user).open().filter(campaign=campaign)
    today = timezone.localdate(at)
    most = max((one.uses for one in days), default=1)
    return Panel(
        title=pgettext_lazy("noun", "Redemptions"),
        template="campaigns/redemption_panel.html",
        context={
            "sums": sums,
            "amount": yuan(sums.amount_fen),
            "discount": yuan(sums.discount_fen),
            "returned": yuan(sums.returned_fen),
            "parts": [
                (Party(party).label, yuan(fen), fen * WHOLE // (sums.net_fen or 1))
                for party, fen in sums.parts.items()
            ],
            "days": [
                {
                    "day": one.day,
                    "uses": one.uses,
                    "amount": yuan(one.amount_fen),
                    "net": yuan(one.discount_fen - one.returned_fen),
                    "share": one.uses * WHOLE // most,
                }
                for one in days
            ],
            "waiting": waiting.count(),
            "overdue": waiting.overdue(today).count(),
            "links": {
                "all": f"{reverse('admin:campaigns_redemption_changelist')}"
                f"?campaign__id__exact={campaign.pk}",
                "queue": f"{reverse('admin:campaigns_discrepancy_changelist')}"
                f"?campaign__id__exact={campaign.pk}&state=open",
            },
        },
        anchor="redemptions",
    )
