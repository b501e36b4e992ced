"""Card fees: who earns what on a sale, under the regulated prices in force since 6 September 2016.

Pure arithmetic: amounts in fen, rates in millionths (0.45 % = 4,500). Each component is rounded
half up to the fen by itself, and what is left of the merchant discount is the acquirer's, so that
issuer + acquirer + scheme is the merchant discount to the fen. Source: domain page, 6.

The 7:2:1 split of older material was abolished in 2016. Sales by wallet have prices of their own.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MILLION = 1_000_000


@dataclass(frozen=True)
class FeeTable:
    """Ceilings of the regulated fees. Rates in millionths, caps in fen a transaction."""

    issuer_credit: int = 4_500
    issuer_debit: int = 3_500
    issuer_debit_cap_fen: int = 1_300
    network_each_side: int = 325
    network_cap_fen: int = 325


REGULATED = FeeTable()
"""Since 6 September 2016."""


@dataclass(frozen=True)
class Fees:
    """What one sale brings to whom (fen)."""

    merchant_discount: int
    issuer_gross: int
    network_each: int
    issuer_net: int
    acquirer_net: int
    scheme: int


def of_sale(
    amount_fen: int,
    *,
    merchant_rate: int,
    credit: bool = True,
    exempt: bool = False,
    table: FeeTable = REGULATED,
) -> Fees:
    """Split the merchant discount of a sale (fen; the rate in millionths).

    issuer net = issuer fee − network fee; acquirer net = merchant discount − issuer fee − network
    fee. Non-profit hospitals and the like are `exempt` from issuer and network fees. A credit sale
    of 10,000.00 at 0.60 %: 60.00 = issuer 41.75 + acquirer 11.75 + scheme 6.50.
    """
    discount = _half_up(Decimal(amount_fen * merchant_rate) / MILLION)
    issuer = 0 if exempt else _half_up(issuer_fee(amount_fen, credit=credit, table=table))
    network = 0 if exempt else _half_up(network_fee(amount_fen, table=table))
    return Fees(
        merchant_discount=discount,
        issuer_gross=issuer,
        network_each=network,
        issuer_net=issuer - network,
        acquirer_net=discount - issuer - network,
        scheme=2 * network,
    )


def issuer_fee(amount_fen: int, *, credit: bool = True, table: FeeTable = REGULATED) -> Decimal:
    """What the acquirer pays the issuer for a sale (fen, exact): debit cards have a cap."""
    if credit:
        return Decimal(amount_fen * table.issuer_credit) / MILLION
    exact = Decimal(amount_fen * table.issuer_debit) / MILLION
    return min(exact, Decimal(table.issuer_debit_cap_fen))


def network_fee(amount_fen: int, *, table: FeeTable = REGULATED) -> Decimal:
    """What the scheme takes from each side of a sale (fen, exact), capped."""
    exact = Decimal(amount_fen * table.network_each_side) / MILLION
    return min(exact, Decimal(table.network_cap_fen))


def issuer_net(amount_fen: int, *, credit: bool = True, table: FeeTable = REGULATED) -> Decimal:
    """Net interchange: what the issuing bank keeps of a sale (fen, exact)."""
    return issuer_fee(amount_fen, credit=credit, table=table) - network_fee(amount_fen, table=table)


def network_cap_reached_at(table: FeeTable = REGULATED) -> int:
    """The sale (fen) from which the network fee does not grow any more: 10,000.00."""
    return _half_up(Decimal(table.network_cap_fen * MILLION) / table.network_each_side)


def debit_cap_reached_at(table: FeeTable = REGULATED) -> int:
    """The sale (fen) from which the issuer fee of a debit card does not grow: 3,714.29."""
    return _half_up(Decimal(table.issuer_debit_cap_fen * MILLION) / table.issuer_debit)


def spend_that_pays_back(subsidy_fen: int, table: FeeTable = REGULATED) -> Decimal:
    """How much more card spend (yuan, two decimals) earns back a subsidy by interchange alone.

    At 0.4175 % net, 20.00 asks for 4,790.42: interchange alone never pays for a campaign.
    """
    net = table.issuer_credit - table.network_each_side
    exact = Decimal(subsidy_fen * MILLION) / net / 100
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _half_up(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
