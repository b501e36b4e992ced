"""What campaigns add to the pipeline report: those that run, and what they cost the bank."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from campaigns import (
    approval_report,
    budget_report,
    ending_report,
    kpi_report,
    outcome_report,
    settlement_report,
)
from campaigns.domain import shares
from campaigns.models import Budget, Campaign, Party
from campaigns.models.campaign_stages import LIVE, OVER
from campaigns.pots_then import spent_between, spent_in
from campaigns.report_rows import CAMPAIGNS, campaigns_of, narrowed
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
ENDING_SOON_DAYS = 30
BY_PARTY = {str(party): place for place, party in enumerate(Party)}


@counted("campaigns_running", Campaign)
def _running(audience: Audience, period: Period) -> Any:
    day = period.last_day
    return campaigns_of(audience, period).filter(
        Q(ended_on=None) | Q(ended_on__gte=day),
        stage_then__in=(*LIVE, *OVER),
        starts_on__lte=day,
        ends_on__gte=day,
    )


def _ends_soon(period: Period) -> Q:
    return Q(ends_on__lte=period.last_day + timedelta(days=ENDING_SOON_DAYS))


@counted("campaigns_running_ending", Campaign)
def _running_ending(audience: Audience, period: Period) -> Any:
    return _running(audience, period).filter(_ends_soon(period))


@counted("campaigns_spending", Campaign)
def _spending(audience: Audience, period: Period) -> Any:
    """The campaigns that spent, or got back, money in the period."""
    moved = spent_in(_pots(audience), period.start, period.end)
    return Campaign.objects.filter(pk__in=moved.values("budget__campaign"))


@section("campaigns", _("Running campaigns"), order=70)
def running(audience: Audience, period: Period) -> Table:
    """The campaigns that ran on the last day of the period, the first to end first.

    The bank's part is its share of the whole budget, to the last fen.
    """
    campaigns = _running(audience, period)
    link = address(CAMPAIGNS, "campaigns_running", audience, period)
    soon = address(CAMPAIGNS, "campaigns_running_ending", audience, period)
    total = campaigns.order_by().aggregate(
        count=Count("pk"),
        ending=Count("pk", filter=_ends_soon(period)),
        budget=Sum("budget_fen"),
    )
    first = campaigns.prefetch_related("shares").order_by("ends_on", "id")[:SHOWN]
    return Table(
        columns=(
            Column("name", _("Campaign")),
            Column("budget", _("Budget"), Kind.MONEY),
            Column("bank_part", _("Paid by the bank"), Kind.MONEY),
            Column("ends_on", _("Ends"), Kind.DAY),
            Column("days_left", _("Days left"), Kind.COUNT),
        ),
        rows=[_row(campaign, period) for campaign in (first if total["count"] else ())],
        figures=(
            Figure("running", _("Campaigns running"), total["count"], link=link),
            Figure("ending", _("Ending within 30 days"), total["ending"], link=soon),
            Figure("budget", _("Running budget"), total["budget"] or 0, Kind.MONEY, link),
            Figure(
                "spent",
                _("Spent by campaigns"),
                _spent(audience, period),
                Kind.MONEY,
                address(CAMPAIGNS, "campaigns_spending", audience, period),
                is_headline=True,
            ),
        ),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
    )


def _spent(audience: Audience, period: Period) -> int:
    """What all parties together spent in the period, in whatever stage the campaigns are by now."""
    return spent_between(_pots(audience), period.start, period.end)


def _pots(audience: Audience) -> Any:
    visible = narrowed(audience, Campaign.objects.visible_to(audience.viewer))
    return Budget.objects.filter(campaign__in=visible.order_by().values("pk"))


def _row(campaign: Campaign, period: Period) -> dict[str, Any]:
    listed = sorted(campaign.shares.all(), key=lambda share: BY_PARTY[share.party])
    parts = shares.split(campaign.budget_fen, {share.party: share.basis_points for share in listed})
    return {
        "link": f"{CAMPAIGNS}{campaign.pk}/change/",
        "name": campaign.name,
        "budget": campaign.budget_fen,
        "bank_part": parts.get(Party.BANK, 0),
        "ends_on": campaign.ends_on,
        "days_left": (campaign.ends_on - period.last_day).days,
    }


# Sections that stand in modules of their own.
__all__ = [
    "approval_report",
    "budget_report",
    "ending_report",
    "kpi_report",
    "outcome_report",
    "running",
    "settlement_report",
]
