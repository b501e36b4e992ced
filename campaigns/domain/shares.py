"""Funding shares: they make the whole, an amount is split among them to the last fen, and money
goes from the customer and the funders to the merchant.

Pure arithmetic in integer fen; shares are basis points. Source: domain page, 5.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

WHOLE = 10_000
"""100 % in basis points."""
MILLION = 1_000_000
MERCHANT = "merchant"


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
    return by_weight(fen, shares)


def by_weight(fen: int, weights: Mapping[str, int]) -> dict[str, int]:
    """An amount in parts as large as their weights, by largest remainder; ties by listed order.

    The parts sum to the amount exactly, and each is less than a fen off its ideal; a weight of zero
    gets nothing. Where nothing weighs anything, everybody gets nothing.
    """
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    parts = {party: fen * weight // whole for party, weight in weights.items()}
    left = fen - sum(parts.values())
    if left:
        # Sorting is stable: what is listed first stays first among equals.
        for party in sorted(weights, key=lambda party: -(fen * weights[party] % whole))[:left]:
            parts[party] += 1
    return parts


@dataclass(frozen=True)
class Covered:
    """Who pays which part of an amount (fen). What nobody pays is `uncovered`: the offer pauses."""

    parts: dict[str, int]
    uncovered: int


def split_within(
    fen: int,
    shares: Mapping[str, int],
    *,
    left: Mapping[str, int],
    fallback: Mapping[str, str],
) -> Covered:
    """Split an amount where parties have ceilings.

    `left` is what a party's ceiling still allows (fen); a party without an entry has no ceiling.
    What is above it goes to the party that `fallback` names, whose own ceiling counts as well, and
    so on; where nobody is named, or the names go in a circle, it stays uncovered.
    """
    paid = dict.fromkeys(shares, 0)
    uncovered = 0
    for party, part in split(fen, shares).items():
        payer: str | None = party
        asked: set[str] = set()
        while part and payer is not None and payer not in asked:
            asked.add(payer)
            able = (
                part if payer not in left else max(0, min(part, left[payer] - paid.get(payer, 0)))
            )
            paid[payer] = paid.get(payer, 0) + able
            part -= able
            payer = fallback.get(payer)
        uncovered += part
    return Covered(paid, uncovered)


@dataclass(frozen=True)
class Flow:
    """Where the money of one purchase goes; everything in fen."""

    amount: int
    discount: int
    parts: dict[str, int]
    customer_pays: int
    merchant_receivable: int
    """Before the merchant discount rate."""
    claim_on_funders: int
    """What the others owe the merchant."""
    merchant_fee: int
    """The merchant discount, paid to the acquirer."""

    @property
    def merchant_receives(self) -> int:
        """What reaches the merchant in the end."""
        return self.merchant_receivable - self.merchant_fee


def flow(
    amount_fen: int,
    discount_fen: int,
    shares: Mapping[str, int],
    *,
    merchant_rate: int = 0,
    rate_on_paid: bool = True,
) -> Flow:
    """Who pays what for one purchase.

    customer pays = amount − discount; merchant receivable = amount − merchant's share; claim on the
    funders = discount − merchant's share. Paid by a third party alone (预充值), the merchant gets
    the whole amount; paid by the merchant alone (免充值), what the customer pays.

    `merchant_rate` is in millionths (0.60 % = 6,000), charged on what the customer pays or, where
    the contract says so, on the whole amount; half up to the fen. 100.00 less 20.00 over 50/30/15/5
    with 0.60 %: the merchant gets 94.00 − 0.48 = 93.52. Raises ValueError for a discount that is
    negative or above the amount.
    """
    parts = split(discount_fen, shares)
    return flow_of(
        amount_fen, discount_fen, parts, merchant_rate=merchant_rate, rate_on_paid=rate_on_paid
    )


def flow_of(
    amount_fen: int,
    discount_fen: int,
    parts: Mapping[str, int],
    *,
    merchant_rate: int = 0,
    rate_on_paid: bool = True,
    off_the_bill: bool = True,
) -> Flow:
    """The same where the parts are known. With `off_the_bill` false the customer pays the whole
    purchase at the till and gets the benefit later, as with cash back. Raises ValueError for a
    discount that is negative, above the amount, or not the sum of its parts.
    """
    taken_off = discount_fen if off_the_bill else 0
    if not 0 <= taken_off <= amount_fen or sum(parts.values()) != discount_fen:
        raise ValueError((amount_fen, discount_fen))
    own = parts.get(MERCHANT, 0)
    paid = amount_fen - taken_off
    charged = Decimal((paid if rate_on_paid else amount_fen) * merchant_rate) / MILLION
    return Flow(
        amount=amount_fen,
        discount=discount_fen,
        parts=dict(parts),
        customer_pays=paid,
        merchant_receivable=amount_fen - own,
        claim_on_funders=discount_fen - own,
        merchant_fee=int(charged.quantize(Decimal(1), ROUND_HALF_UP)),
    )
