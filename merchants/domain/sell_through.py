"""Sell-through: the share of contracted merchants in which our cardholders bought at all.

Live contracted merchants with at least one qualifying sale in a period, of all live contracted
merchants; section 7.1 of the partnership method, worked there: 180 of 240 are 75.00 %.
"""

from datetime import date

from django.db.models import Exists, OuterRef

from merchants.models import PartnershipStage, SalesDay
from merchants.models.partnership import PartnershipQuerySet

LIVE = (
    PartnershipStage.PILOT,
    PartnershipStage.ACTIVE,
    PartnershipStage.WAVERING,
    PartnershipStage.RENEWAL,
)
"""Stages in which cardholders can use an offer."""


def rate(selling: int, live: int) -> int | None:
    """In basis points, rounded half-up; none, never zero, where no merchant is live."""
    return (selling * 20_000 + live) // (2 * live) if live else None


def selling(live: PartnershipQuerySet, *, first: date, last: date) -> PartnershipQuerySet:
    """Those with a qualifying sale between two days, both included."""
    sales = SalesDay.objects.between(first, last).filter(
        partnership=OuterRef("pk"), qualifying_sales__gte=1
    )
    return live.filter(Exists(sales.order_by()))
