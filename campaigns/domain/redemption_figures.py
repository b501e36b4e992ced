"""What the redemptions of a campaign came to: day by day, and who funded what."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum

from campaigns.models import Party, RedemptionDay
from campaigns.models.party_parts import PART_COLUMNS


@dataclass(frozen=True)
class DaySum:
    """The redemptions of one day of purchases; fen, the parts net of what came back."""

    day: date
    uses: int
    amount_fen: int
    discount_fen: int
    returned_fen: int


@dataclass(frozen=True)
class CampaignSums:
    """All redemptions of a campaign, those that wait for their clearing among them."""

    uses: int
    amount_fen: int
    discount_fen: int
    returned_fen: int
    parts: dict[str, int]

    @property
    def net_fen(self) -> int:
        return self.discount_fen - self.returned_fen


_SUMS = ("uses", "amount_fen", "discount_fen", "returned_fen")


def by_day(campaign_id: UUID, *, newest: int) -> list[DaySum]:
    """The newest days on which something was bought, the newest first."""
    days = (
        RedemptionDay.objects.filter(campaign=campaign_id, uses__gt=0)
        .values("day")
        .annotate(**{f"all_{name}": Sum(name) for name in _SUMS})
        .order_by("-day")
    )
    return [DaySum(line["day"], *(line[f"all_{name}"] for name in _SUMS)) for line in days[:newest]]


def of_campaign(campaign_id: UUID) -> CampaignSums:
    """The sums of a campaign, in one statement."""
    found = RedemptionDay.objects.filter(campaign=campaign_id).aggregate(
        **{f"all_{name}": Sum(name) for name in (*_SUMS, *PART_COLUMNS)}
    )
    parts = {str(party): found[f"all_{party}_fen"] or 0 for party in Party}
    return CampaignSums(
        *(found[f"all_{name}"] or 0 for name in _SUMS),
        parts={party: fen for party, fen in parts.items() if fen},
    )
