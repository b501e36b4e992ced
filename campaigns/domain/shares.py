"""Funding shares: they make the whole, and an amount is split among them to the last fen."""

from collections.abc import Mapping

WHOLE = 10_000
"""100 % in basis points."""


def make_the_whole(shares: Mapping[str, int]) -> bool:
    """Whether the shares (party → basis points) sum to exactly 100 %."""
    return (
        bool(shares)
        and all(share > 0 for share in shares.values())
        and (sum(shares.values()) == WHOLE)
    )


def split(fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Each party's part of an amount, in fen, by largest remainder; ties by listed order.

    The parts sum to the amount exactly: 19.99 over 50/30/15/5 is 9.99 / 6.00 / 3.00 / 1.00.
    """
    parts = {party: fen * share // WHOLE for party, share in shares.items()}
    listed = list(shares)
    by_remainder = sorted(
        listed, key=lambda party: (-(fen * shares[party] % WHOLE), listed.index(party))
    )
    for party in by_remainder[: fen - sum(parts.values())]:
        parts[party] += 1
    return parts
