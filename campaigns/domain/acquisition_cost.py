"""What a new customer costs, and after how many months the cost has come back.

Pure arithmetic: sums in fen, months with two decimals, half up. What cannot be said is None, “no
data”. Source: domain page, 5.9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from campaigns.domain.forecasts import half_up

_CENT = Decimal("0.01")


def per_customer(cost_fen: int, customers: int) -> int | None:
    """CAC: total acquisition cost / approved customers, or / customers with a first swipe; name
    which. 12,000.00 over 100 approved is 120.00, over 75 activated 160.00."""
    if cost_fen < 0 or customers < 0:
        raise ValueError("below zero")
    return half_up(Decimal(cost_fen) / customers) if customers else None


def months_simple(cost_fen: int, contribution_fen: int) -> Decimal | None:
    """Payback in months: CAC / monthly contribution per customer. 160.00 at 80.00 is 2.00."""
    return _months(cost_fen, contribution_fen)


def months_by_revenue(cost_fen: int, revenue_fen: int) -> Decimal | None:
    """Payback in months: CAC / monthly revenue per customer. It flatters: revenue is no gain."""
    return _months(cost_fen, revenue_fen)


@dataclass(frozen=True)
class Payback:
    """When the cost had come back. Without months it had not, in the data that there is."""

    months: Decimal | None
    still_missing_fen: int = 0

    @property
    def recovered(self) -> bool:
        return self.months is not None


def by_curve(cost_fen: int, contributions_fen: Sequence[int]) -> Payback:
    """The first month in which the cumulative contribution reaches CAC, interpolated.

    160.00 with 60, 80, 90 a month is 2 + 20/90 = 2.22 months; with 60 and 80 it is not recovered.
    """
    if cost_fen < 0:
        raise ValueError("below zero")
    missing = cost_fen
    for month, contribution in enumerate(contributions_fen):
        if missing <= 0:
            return Payback(Decimal(month).quantize(_CENT))
        if contribution >= missing:
            exact = month + Decimal(missing) / contribution
            return Payback(exact.quantize(_CENT, ROUND_HALF_UP))
        missing -= contribution
    return Payback(None, missing) if missing > 0 else Payback(Decimal("0.00"))


def _months(cost_fen: int, a_month_fen: int) -> Decimal | None:
    if cost_fen < 0:
        raise ValueError("below zero")
    if a_month_fen <= 0:
        return None
    return (Decimal(cost_fen) / a_month_fen).quantize(_CENT, ROUND_HALF_UP)
