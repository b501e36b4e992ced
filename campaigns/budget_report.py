"""What budgets add to the reports: how fast they burn."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Budget, Campaign
from campaigns.models.campaign_stages import AGREED
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
CAMPAIGNS = "/admin/campaigns/campaign/"
FROZEN = "/admin/campaigns/budget/?frozen=yes"


@section("budget_burn", _("Budget burn"), order=72)
def budget_burn(audience: Audience, period: Period) -> Table:
    """Campaigns that are agreed or run, the furthest burnt first: what all parties gave, what is
    spent or held, what is left. As it stands now: a pot keeps no history but its ledger."""
    campaigns = Campaign.objects.visible_to(audience.viewer).filter(
        stage__in=AGREED, created_at__lt=period.end
    )
    if audience.unit_ids is not None:
        campaigns = campaigns.filter(unit__in=audience.unit_ids)
    pots = Budget.objects.filter(campaign__in=campaigns.order_by(), allocated_fen__gt=0).order_by()
    used = F("reserved_fen") + F("committed_fen") + F("consumed_fen")
    total = pots.aggregate(
        count=Count("campaign", distinct=True),
        allocated=Sum("allocated_fen"),
        used=Sum(used),
        frozen=Count("pk", filter=Q(frozen_at__isnull=False)),
    )
    burnt = (
        pots.values("campaign", "campaign__name", "campaign__ends_on")
        .annotate(allocated=Sum("allocated_fen"), used=Sum(used))
        .annotate(burn=F("used") * 10_000 / F("allocated"))
        .order_by("-burn", "campaign__ends_on", "campaign")
    )
    return Table(
        columns=(
            Column("name", _("Campaign")),
            Column("allocated", _("Budget"), Kind.MONEY),
            Column("used", _("Used"), Kind.MONEY),
            Column("left", pgettext_lazy("money", "Left"), Kind.MONEY),
            Column("burn", _("Used, %"), Kind.PERCENT),
            Column("ends_on", _("Ends"), Kind.DAY),
        ),
        rows=[_row(one) for one in burnt[:SHOWN]],
        figures=(
            Figure(
                "allocated", _("Agreed budgets"), total["allocated"] or 0, Kind.MONEY, CAMPAIGNS
            ),
            Figure("used", _("Used of them"), total["used"] or 0, Kind.MONEY, CAMPAIGNS),
            Figure("frozen", _("Frozen budgets"), total["frozen"], link=FROZEN),
        )
        if total["count"]
        else (),
        link=CAMPAIGNS,
        left_out=max(0, total["count"] - SHOWN),
        bar="burn",
    )


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "link": f"{CAMPAIGNS}{one['campaign']}/change/",
        "name": one["campaign__name"],
        "allocated": one["allocated"],
        "used": one["used"],
        "left": one["allocated"] - one["used"],
        "burn": one["burn"],
        "ends_on": one["campaign__ends_on"],
    }
