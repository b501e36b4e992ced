"""Terms and purchases to try rules on, without a database."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from campaigns.domain.campaign_terms import CampaignTerms, Share
from campaigns.domain.eligibility import CHINA, Purchase

MALL, OTHER = UUID(int=1), UUID(int=2)
"""Two merchants."""
GROUND_FLOOR, ROOF = UUID(int=11), UUID(int=12)
"""Two shops of the mall."""


FOUR = (
    Share("bank", 5_000),
    Share("merchant", 3_000),
    Share("scheme", 1_500),
    Share("platform", 500),
)


def some_terms(**said: Any) -> CampaignTerms:
    """100 off 20 in November 2026, everything else unlimited, unless said otherwise."""
    usual: dict[str, Any] = {
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "budget_fen": 1_000_000,
        "mechanic": "threshold_off",
        "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
        "shares": FOUR,
        "merchant_ids": frozenset({MALL}),
    }
    return CampaignTerms(**usual | said)


def bought(
    amount_fen: int = 10_000, *, on: tuple[int, ...] = (2026, 11, 18, 12, 0), **facts: Any
) -> Purchase:
    """A purchase at the mall, at noon of a Wednesday unless said otherwise."""
    year, month, day, *clock = on
    return Purchase(
        amount_fen=amount_fen,
        occurred_at=datetime(year, month, day, *clock, tzinfo=CHINA),
        **{"merchant_id": MALL, "outlet_id": GROUND_FLOOR, **facts},
    )
