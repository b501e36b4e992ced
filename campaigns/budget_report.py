"""What budgets add to the reports: how fast they burn."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Budget, Campaign
from campaigns.models.campaign_stages import AGREED
from campaigns.models.fund_parameters import NEARLY_USED
from campaigns.pots_then import pots_then
from campaigns.report_rows import CAMPAIGNS, campaigns_of
from crm.report_lists import address, counted
from crm.sections import (
    Action,
    Actions,
    Audience,
    Column,
    Figure,
    Kind,
    Period,
    Table,
    Urgency,
    section,
)

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
BUDGETS = "/admin/campaigns/budget/"


def _pots(audience: Audience, period: Period) -> Any:
    """The pots of the campaigns that were agreed or ran at the end of the period."""
    campaigns = campaigns_of(audience, period).filter(stage_then__in=AGREED)
    pots = Budget.objects.filter(campaign__in=campaigns.order_by().values("pk")).order_by()
    return pots_then(pots, period.end).filter(allocated_then__gt=0)


def _frozen(period: Period) -> Q:
    return Q(frozen_at__isnull=False, frozen_at__lt=period.end)


def _by_campaign(pots: Any) -> Any:
    return (
        pots.values("campaign", "campaign__name", "campaign__ends_on")
        .annotate(allocated=Sum("allocated_then"), used=Sum("used_then"))
        .annotate(burn=F("used") * 10_000 / F("allocated"))
    )


def _nearly(by_campaign: Any) -> Any:
    return by_campaign.filter(burn__gt=NEARLY_USED.value * 100)


@counted("budgets", Campaign)
def _with_budget(audience: Audience, period: Period) -> Any:
    return Campaign.objects.filter(pk__in=_pots(audience, period).values("campaign"))


@counted("budgets_nearly_used", Campaign)
def _nearly_used(audience: Audience, period: Period) -> Any:
    found = _nearly(_by_campaign(_pots(audience, period)))
    return Campaign.objects.filter(pk__in=found.values("campaign"))


@counted("budgets_frozen", Budget)
def _frozen_pots(audience: Audience, period: Period) -> Any:
    return _pots(audience, period).filter(_frozen(period))


@section("budget_burn", _("Budget burn"), order=72)
def budget_burn(audience: Audience, period: Period) -> Table:
    """Campaigns that were agreed or ran at the end of the period, the furthest burnt first: what
    all parties gave, what was spent or held, what was left of it then."""
    pots = _pots(audience, period)
    total = pots.aggregate(
        count=Count("campaign", distinct=True),
        allocated=Sum("allocated_then"),
        used=Sum("used_then"),
        frozen=Count("pk", filter=_frozen(period)),
    )
    by_campaign = _by_campaign(pots)
    burnt = list(by_campaign.order_by("-burn", "campaign__ends_on", "campaign")[:SHOWN])
    limit = NEARLY_USED.value
    nearly = sum(one["burn"] > limit * 100 for one in burnt)
    if nearly == SHOWN:  # The furthest burnt come first: there may be more of them.
        nearly = _nearly(by_campaign).count()
    link = address(CAMPAIGNS, "budgets", audience, period)
    return Table(
        columns=(
            Column("name", _("Campaign")),
            Column("allocated", _("Budget"), Kind.MONEY),
            Column("used", _("Used"), Kind.MONEY),
            Column("left", pgettext_lazy("money", "Left"), Kind.MONEY),
            Column("burn", _("Used, %"), Kind.PERCENT),
            Column("ends_on", _("Ends"), Kind.DAY),
        ),
        rows=[_row(one) for one in burnt],
        figures=(
            Figure("allocated", _("Agreed budgets"), total["allocated"] or 0, Kind.MONEY, link),
            Figure("used", _("Used of them"), total["used"] or 0, Kind.MONEY, link),
            Figure(
                "frozen",
                _("Frozen budgets"),
                total["frozen"],
                link=address(BUDGETS, "budgets_frozen", audience, period),
            ),
            Figure(
                "nearly_used",
                _("Budgets used above %(limit)s %%") % {"limit": limit},
                nearly,
                link=address(CAMPAIGNS, "budgets_nearly_used", audience, period),
            ),
        )
        if total["count"]
        else (),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
        bar="burn",
        actions=Actions(
            Urgency.MONEY,
            tuple(
                Action(
                    one["campaign__name"],
                    "",
                    _("%(percent)s %% of the budget is used") % {"percent": one["burn"] // 100},
                    f"{CAMPAIGNS}{one['campaign']}/change/",
                    one["campaign__ends_on"],
                )
                for one in burnt
                if one["burn"] > limit * 100
            ),
            nearly,
        ),
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
