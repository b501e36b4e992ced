"""Net and tax of an invoice whose gross is known. Pure; integer fen, rates in basis points."""

from decimal import ROUND_HALF_UP, Decimal

WHOLE = 10_000


def net_and_tax(gross_fen: int, rate_basis_points: int) -> tuple[int, int]:
    """net = gross / (1 + rate), half up to the fen; the tax is the rest.

    6,000.00 at 6 % is 5,660.38 and 339.62 (domain page, 5.6). Raises ValueError for a gross below
    zero or a rate that is none.
    """
    if gross_fen < 0 or not 0 <= rate_basis_points < WHOLE:
        raise ValueError((gross_fen, rate_basis_points))
    exact = Decimal(gross_fen) * WHOLE / (WHOLE + rate_basis_points)
    net = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return net, gross_fen - net
