"""What ends soon, for the report: running campaigns with what is left of their money."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.models import Budget, Campaign, CampaignStage
from campaigns.models.campaign_stages import LIVE
from campaigns.pots_then import pots_then
from campaigns.report_rows import CAMPAIGNS, campaigns_of
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
SOON_DAYS = 14


@counted("campaigns_ending", Campaign)
def _soon(audience: Audience, period: Period) -> Any:
    last = period.last_day + timedelta(days=SOON_DAYS)
    running = campaigns_of(audience, period).filter(stage_then__in=LIVE)
    return running.filter(ends_on__gte=period.last_day, ends_on__lte=last)


@counted("campaigns_ending_paused", Campaign)
def _soon_paused(audience: Audience, period: Period) -> Any:
    return _soon(audience, period).filter(stage_then=CampaignStage.PAUSED)


@section("campaigns_ending", _("Campaigns ending"), order=71)
def ending(audience: Audience, period: Period) -> Table:
    """Campaigns that run or are paused and end within two weeks of the period's last day, the
    first to end first, with what is left of their money."""
    soon = _soon(audience, period)
    link = address(CAMPAIGNS, "campaigns_ending", audience, period)
    total = soon.order_by().aggregate(
        count=Count("pk"), paused=Count("pk", filter=Q(stage_then=CampaignStage.PAUSED))
    )
    pots = pots_then(Budget.objects.filter(campaign=OuterRef("pk")), period.end)
    by_campaign = pots.order_by().values("campaign")
    first = soon.annotate(
        given_fen=Subquery(by_campaign.annotate(sum=Sum("allocated_then")).values("sum")),
        left_fen=Subquery(
            by_campaign.annotate(sum=Sum(F("allocated_then") - F("used_then"))).values("sum")
        ),
    ).order_by("ends_on", "id")[:SHOWN]
    return Table(
        columns=(
            Column("name", _("Campaign")),
            Column("stage", _("Stage")),
            Column("ends_on", _("Ends"), Kind.DAY),
            Column("days_left", _("Days left"), Kind.COUNT),
            Column("left", _("Money left"), Kind.MONEY),
            Column("used", _("Used"), Kind.PERCENT),
        ),
        rows=[_row(campaign, period) for campaign in (first if total["count"] else ())],
        figures=(
            Figure("ending_soon", _("Ending within 14 days"), total["count"], link=link),
            Figure(
                "ending_paused",
                _("Of these paused"),
                total["paused"],
                link=address(CAMPAIGNS, "campaigns_ending_paused", audience, period),
            ),
        )
        if total["count"]
        else (),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
    )


def _row(campaign: Any, period: Period) -> dict[str, Any]:
    given, left = campaign.given_fen, campaign.left_fen
    return {
        "link": f"{CAMPAIGNS}{campaign.pk}/change/",
        "name": campaign.name,
        "stage": str(CampaignStage(campaign.stage_then).label),
        "ends_on": campaign.ends_on,
        "days_left": (campaign.ends_on - period.last_day).days,
        "left": left,
        "used": (given - left) * 10_000 // given if given else None,
    }
