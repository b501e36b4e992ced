"""Our acquisition beside that of our peers.

Pure arithmetic over published figures; a comparison with nothing is None. Source: domain page, 0.1
and 5.9.
"""

from decimal import ROUND_HALF_UP, Decimal

_TWO, _THREE = Decimal("0.01"), Decimal("0.001")


def revenue_multiple(own: Decimal, peer: Decimal) -> Decimal | None:
    """Own revenue per customer as a multiple of the peers', two decimals."""
    return _over(own, peer, _TWO)


def cost_ratio(own: Decimal, industry: Decimal) -> Decimal | None:
    """Own CAC over that of the industry, two decimals: 0.60 is 60 %."""
    return _over(own, industry, _TWO)


def payback_from_peers(
    peer_months: Decimal, *, cost_ratio: Decimal, revenue_multiple: Decimal
) -> Decimal | None:
    """Own payback in months (by revenue, margins being equal), three decimals.

    Peers' payback x CAC ratio / revenue multiple: 3 months x 0.60 / 1.9 = 0.947, which is how three
    published figures of one bank agree with one another.
    """
    return _over(peer_months * cost_ratio, revenue_multiple, _THREE)


def _over(part: Decimal, whole: Decimal, places: Decimal) -> Decimal | None:
    if part < 0 or whole < 0:
        raise ValueError("below zero")
    return (part / whole).quantize(places, ROUND_HALF_UP) if whole else None
