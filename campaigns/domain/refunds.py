"""What goes back to each party when a purchase is refunded, in whole or in parts. Pure; fen.

Source: domain page, 5.4.
"""

from collections.abc import Mapping

from campaigns.domain import shares


class RefundAboveOriginal(ValueError):
    """More is refunded than was bought."""


def refund_parts(
    given: Mapping[str, int],
    returned: Mapping[str, int],
    refund_fen: int,
    *,
    amount_fen: int,
    refunded_before_fen: int,
    to_funder_first: bool,
) -> dict[str, int]:
    """What goes back to each party when this much of a purchase is refunded (fen).

    `given` is what each party paid of the purchase of `amount_fen`, `returned` what it got back
    already, `refunded_before_fen` what was refunded of the purchase before. With `to_funder_first`
    the discount goes back before the customer gets anything: of an order with 20.00 off, a refund
    of 30.00 brings the funders 20.00 and the customer 10.00, one of 15.00 the funders all of it.
    Otherwise the discount goes back in proportion to what of the purchase is refunded, so that many
    small refunds bring back what one large refund does.

    Nobody ever gets back more than it gave, and after the whole purchase everybody has got back
    everything. Raises RefundAboveOriginal, and ValueError for sums below zero.
    """
    if refund_fen < 0 or refunded_before_fen < 0:
        raise ValueError((refund_fen, refunded_before_fen))
    refunded = refunded_before_fen + refund_fen
    if refunded > amount_fen:
        raise RefundAboveOriginal((refund_fen, refunded_before_fen, amount_fen))
    left = {party: part - returned.get(party, 0) for party, part in given.items()}
    discount = sum(given.values())
    if refunded == amount_fen:
        due = discount
    elif to_funder_first:
        due = min(refunded, discount)
    else:
        due = (2 * discount * refunded + amount_fen) // (2 * amount_fen)  # half up
    back = min(max(0, due - sum(returned.values())), sum(left.values()))
    return shares.by_weight(back, left)
