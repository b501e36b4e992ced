"""What is known of a campaign that ran: its redemptions, the sales of merchants, what was filed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Sum

from campaigns.domain.outcomes import Groups, Measured
from campaigns.models import CampaignOutcome, Party, Redemption, RedemptionState
from merchants.models import Merchant, SalesDay

NET = (RedemptionState.REDEEMED, RedemptionState.PARTIALLY_REVERSED)
"""Redemptions that stand, at least in part."""


@dataclass(frozen=True)
class Redeemed:
    """What the redemptions of a campaign came to, net of refunds. Sums in fen."""

    redemptions: int = 0
    spend: int = 0
    subsidy: dict[str, int] = field(default_factory=dict)
    """Party → what it paid."""


def redeemed(campaign_id: UUID) -> Redeemed:
    """The redemptions of a campaign that stand, in one statement."""
    parts = {f"{party}_net": Sum(F(f"{party}_fen") - F(f"returned_{party}_fen")) for party in Party}
    found = Redemption.objects.filter(campaign=campaign_id, state__in=NET).aggregate(
        count=Count("pk"), spend=Sum(F("amount_fen") - F("refunded_fen")), **parts
    )
    return Redeemed(
        found["count"],
        found["spend"] or 0,
        {str(party): paid for party in Party if (paid := found[f"{party}_net"])},
    )


def sales(merchant_ids: Iterable[UUID], first: date, last: date) -> int | None:
    """What merchants sold with our cards from day to day (fen); none if no day was filed."""
    days = SalesDay.objects.between(first, last).filter(
        partnership__merchant__any_of=list(merchant_ids)
    )
    total: int | None = days.aggregate(total=Sum("sales_fen"))["total"]
    return total


def sales_of_groups(outcome: CampaignOutcome) -> dict[str, int]:
    """The sums of sales that the days of both groups give, by column; what no day was filed for is
    left out."""
    groups = {
        "test": Merchant.objects.filter(campaigns=outcome.campaign_id),
        "control": Merchant.objects.filter(controls_of=outcome.pk),
    }
    periods = {
        "before": (outcome.baseline_first, outcome.baseline_last),
        "after": (outcome.measured_first, outcome.measured_last),
    }
    found = {}
    for group, merchants in groups.items():
        ids = list(merchants.order_by().values_list("pk", flat=True))
        for period, (first, last) in periods.items():
            total = sales(ids, first, last)
            if total is not None:
                found[f"{group}_{period}_fen"] = total
    return found


def measured(outcome: CampaignOutcome) -> Measured:
    """All that an outcome is reckoned from."""
    actual = redeemed(outcome.campaign_id)
    days = {"days_before": outcome.days_before, "days_after": outcome.days_after}
    return Measured(
        redemptions=actual.redemptions,
        redeemed_spend=actual.spend,
        subsidy=actual.subsidy,
        purchases=Groups(
            test_before=outcome.test_before,
            test_after=outcome.test_after,
            control_before=outcome.control_before,
            control_after=outcome.control_after,
            **days,
        ),
        spend=Groups(
            test_before=outcome.test_before_fen,
            test_after=outcome.test_after_fen,
            control_before=outcome.control_before_fen,
            control_after=outcome.control_after_fen,
            **days,
        ),
        operating_cost_fen=outcome.operating_cost_fen,
        first_swipe_cards=outcome.first_swipe_cards,
        reactivated_cards=outcome.reactivated_cards,
        card_contribution_fen=outcome.card_contribution_fen,
        gross_margin=outcome.gross_margin,
        merchant_rate=outcome.merchant_rate,
    )
