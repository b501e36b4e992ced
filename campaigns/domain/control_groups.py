"""Merchants that show how trade went without a campaign: like those that have it, and without one.

The same MCC, the same district, no campaign in the periods compared, and of a similar size. Source:
domain page, 5.7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Exists, OuterRef

from campaigns.domain import outcome_parameters as numbers
from campaigns.models import Campaign
from crm.actors import Actor
from merchants.models import Merchant

MOST = 50
LOOKED_AT = 2_000
"""A district has no more merchants of one kind than this, and if it has, the newest will do."""


@dataclass(frozen=True)
class Suggestion:
    """A merchant for the control group, and how its size compares (none: not known)."""

    merchant: Merchant
    size_ratio: Decimal | None


def suggest(
    campaign: Campaign, *, first: date, last: date, by: Actor, most: int = MOST
) -> list[Suggestion]:
    """Merchants that could be the control group of a campaign, the most alike in size first; those
    whose size nobody knows come last. A constant number of statements."""
    own = list(campaign.merchants.order_by().values_list("pk", "category_id", "division_id"))
    size = campaign.merchants.aggregate(size=Avg("monthly_turnover_fen"))["size"]
    candidates = (
        Merchant.objects.seen_by(by)
        .filter(
            category__in={category for _pk, category, _place in own if category},
            division__in={place for _pk, _category, place in own if place},
        )
        .exclude(pk__in=[pk for pk, _category, _place in own])
        .filter(~Exists(_busy(first, last)))
        .select_related("category", "division")
        .defer("search_grams", "search_text")
        .order_by("-created_at", "-id")[:LOOKED_AT]
    )
    factor = numbers.SIZE_FACTOR.value
    found = []
    for merchant in candidates:
        ratio = _ratio(merchant.monthly_turnover_fen, size)
        if ratio is None or 1 / factor <= ratio <= factor:
            found.append(Suggestion(merchant, ratio))
    found.sort(key=_unlike)
    return [
        Suggestion(one.merchant, one.size_ratio and one.size_ratio.quantize(Decimal("0.01")))
        for one in found[:most]
    ]


def with_a_campaign(merchant_ids: Iterable[UUID], first: date, last: date) -> list[Merchant]:
    """Which of these merchants had a campaign between two days."""
    return list(
        Merchant.objects.filter(pk__in=list(merchant_ids)).filter(Exists(_busy(first, last)))
    )


def _busy(first: date, last: date) -> Any:
    """Whether a merchant took part in a campaign that ran between two days."""
    return Campaign.merchants.through.objects.filter(
        merchant=OuterRef("pk"),
        campaign__in=Campaign.objects.order_by()
        .went_live()
        .filter(starts_on__lte=last, ends_on__gte=first),
    )


def _ratio(size: int | None, usual: float | None) -> Decimal | None:
    if not size or not usual:
        return None
    return Decimal(size) / Decimal(usual)


def _unlike(one: Suggestion) -> tuple[bool, Decimal]:
    """How far from the same size; a factor of two counts the same in both directions."""
    if not one.size_ratio:
        return True, Decimal()
    return False, max(one.size_ratio, 1 / one.size_ratio)
