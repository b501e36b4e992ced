"""What the card system says of one campaign: over all units, merchants and sources."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Sum

from campaigns.domain.kpis import Offers
from campaigns.models import Campaign, CardFigure


@dataclass(frozen=True)
class CampaignFigures:
    """Sums of a campaign's lines from its first line to a day."""

    cards_issued: int
    cards_attributed: int
    cards_activated: int
    spend_fen: int
    offers: Offers


def of(campaign: Campaign, *, on: date) -> CampaignFigures | None:
    """The figures of a campaign up to a day; none if nothing was filed for it. One statement.

    Lines of the campaign as a whole count where there are some, else those of its merchants.
    """
    rows = (
        CardFigure.objects.filter(campaign=campaign, day__lte=on)
        .annotate(is_whole=ExpressionWrapper(Q(merchant=None), BooleanField()))
        .order_by("-is_whole")
        .values("is_whole")
        .annotate(
            issued=Sum("cards_issued"),
            attributed=Sum("cards_attributed"),
            activated=Sum("cards_activated"),
            spent=Sum(F("spend_fen") - F("reversed_fen")),
            handed_out=Sum("offers_issued"),
            claimed=Sum("offers_claimed"),
            redeemed=Sum("offers_redeemed"),
            reversed=Sum("offers_reversed"),
        )
    )
    row = rows.first()
    if row is None:
        return None
    return CampaignFigures(
        int(row["issued"]),
        int(row["attributed"]),
        int(row["activated"]),
        int(row["spent"]),
        Offers(
            int(row["handed_out"]),
            int(row["claimed"]),
            int(row["redeemed"]),
            int(row["reversed"]),
        ),
    )
