"""Terms and purchases to try rules on, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from campaigns.domain.eligibility import CHINA, Purchase

MALL, OTHER = UUID(int=1), UUID(int=2)
"""Two merchants."""
GROUND_FLOOR, ROOF = UUID(int=11), UUID(int=12)
"""Two shops of the mall."""


@dataclass(frozen=True)
class AShare:
    party: str
    basis_points: int
    ceiling_fen: int | None = None
    fallback: str = ""


FOUR = (
    AShare("bank", 5_000),
    AShare("merchant", 3_000),
    AShare("scheme", 1_500),
    AShare("platform", 500),
)


@dataclass(frozen=True, kw_only=True)
class SomeTerms:
    """100 off 20 in November 2026, everything else unlimited."""

    starts_on: date = date(2026, 11, 1)
    ends_on: date = date(2026, 11, 30)
    budget_fen: int = 1_000_000
    mechanic: str = "threshold_off"
    terms: Mapping[str, Any] = field(
        default_factory=lambda: {"threshold_fen": 10_000, "off_fen": 2_000}
    )
    limits: Mapping[str, Any] = field(default_factory=dict)
    shares: tuple[AShare, ...] = FOUR
    merchant_ids: tuple[UUID, ...] = (MALL,)
    outlet_ids: tuple[UUID, ...] = ()


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
