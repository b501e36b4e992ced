"""What a campaign brings to bank, merchant and customer, before it runs or after.

Pure arithmetic: sums in fen, percentages with two decimals, half up. A ratio whose denominator is
zero is None, “no data”, and never zero. Source: domain page, 5.8, with its worked campaign.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from campaigns.domain import fees
from campaigns.domain import shares as share_rules
from campaigns.domain.fees import REGULATED, FeeTable

MILLION = 1_000_000
WHOLE = 10_000


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a campaign is expected to do. Sums in fen."""

    redemptions: int
    """Purchases that get the discount, net of reversals."""
    purchases_without: int
    """Purchases that would have come without the campaign."""
    ticket_fen: int
    """An average purchase before the discount."""
    discount_fen: int
    """The discount of an average purchase."""
    shares: Mapping[str, int]
    """Party → basis points; they make the whole."""
    operating_cost_fen: int = 0
    """What running the campaign costs the bank."""
    first_swipe_cards: int = 0
    reactivated_cards: int = 0
    card_contribution_fen: int = 0
    """What an activated card contributes in twelve months."""
    gross_margin: int
    """The merchant's, in basis points."""
    merchant_rate: int
    """Merchant discount rate in millionths: 0.60 % is 6,000."""


@dataclass(frozen=True)
class ForBank:
    """The bank's side: interchange alone, which never pays, and with activation, as two lines."""

    share: int
    cost: int
    net_interchange: int
    interchange_only_roi: Decimal | None
    activations: int
    activation_value: int
    value: int
    net: int
    roi: Decimal | None
    cost_per_activation: int | None
    deadweight: int
    """The bank's share that went to purchases which would have come anyway."""
    break_even_activations: int | None
    """How many activated cards pay for it; None if none ever do."""


@dataclass(frozen=True)
class ForMerchant:
    """The merchant's side: margin on additional sales, against its share and the card fee."""

    share: int
    fee: int
    gain: int
    cost: int
    net: int
    roi: Decimal | None


@dataclass(frozen=True)
class Forecast:
    """All three sides, and what they rest on."""

    subsidy: int
    """All discounts together."""
    incremental_purchases: int
    incremental_spend: int
    precision: Decimal | None
    """Additional purchases in per cent of all redemptions."""
    return_on_subsidy: Decimal | None
    """iROAS: additional spend per yuan of subsidy."""
    spend_that_pays_back: Decimal
    """Additional card spend (yuan) that one discount needs to pay for itself by interchange."""
    bank: ForBank
    merchant: ForMerchant
    customer_benefit: int
    customer_rate: Decimal | None
    """Discount in per cent of the spend before it."""

    @property
    def everybody_wins(self) -> bool:
        """Bank net, merchant net and customer benefit are all above zero."""
        return self.bank.net > 0 and self.merchant.net > 0 and self.customer_benefit > 0


def forecast(expected: Expected, *, table: FeeTable = REGULATED) -> Forecast:
    """Reckon all three sides of a campaign.

    Raises ValueError for numbers below zero, for a discount above the purchase, and for shares that
    do not make the whole. Fewer purchases than without the campaign count as a loss.
    """
    _sound(expected)
    subsidy = expected.redemptions * expected.discount_fen
    parts = share_rules.split(expected.discount_fen, expected.shares)
    more = expected.redemptions - expected.purchases_without
    spend = more * expected.ticket_fen
    return Forecast(
        subsidy=subsidy,
        incremental_purchases=more,
        incremental_spend=spend,
        precision=per_cent(more, expected.redemptions),
        return_on_subsidy=ratio(spend, subsidy),
        spend_that_pays_back=fees.spend_that_pays_back(expected.discount_fen, table),
        bank=_for_bank(expected, parts.get("bank", 0), more, table),
        merchant=_for_merchant(expected, parts.get("merchant", 0), spend),
        customer_benefit=subsidy,
        customer_rate=per_cent(subsidy, expected.redemptions * expected.ticket_fen),
    )


def _for_bank(expected: Expected, part: int, more: int, table: FeeTable) -> ForBank:
    return bank_side(
        share=expected.redemptions * part,
        operating_cost=expected.operating_cost_fen,
        redemptions=expected.redemptions,
        wasted=min(expected.purchases_without, expected.redemptions),
        net_interchange=half_up(more * fees.issuer_net(expected.ticket_fen, table=table)),
        activations=expected.first_swipe_cards + expected.reactivated_cards,
        contribution=expected.card_contribution_fen,
    )


def bank_side(
    *,
    share: int,
    operating_cost: int,
    redemptions: int,
    wasted: int,
    net_interchange: int,
    activations: int,
    contribution: int,
) -> ForBank:
    """The bank's two lines, from sums in fen; `wasted` are redemptions that would have been
    purchases anyway, `contribution` what an activated card brings in twelve months."""
    cost = share + operating_cost
    activation_value = activations * contribution
    value = net_interchange + activation_value
    return ForBank(
        share=share,
        cost=cost,
        net_interchange=net_interchange,
        interchange_only_roi=per_cent(net_interchange - cost, cost),
        activations=activations,
        activation_value=activation_value,
        value=value,
        net=value - cost,
        roi=per_cent(value - cost, cost),
        cost_per_activation=half_up(Decimal(cost) / activations) if activations else None,
        deadweight=half_up(Decimal(share * wasted) / redemptions) if redemptions else 0,
        break_even_activations=_break_even(cost - net_interchange, contribution),
    )


def _break_even(missing_fen: int, contribution_fen: int) -> int | None:
    if missing_fen <= 0:
        return 0
    return -(-missing_fen // contribution_fen) if contribution_fen else None


def _for_merchant(expected: Expected, part: int, spend: int) -> ForMerchant:
    return merchant_side(
        share=expected.redemptions * part,
        spend=spend,
        gross_margin=expected.gross_margin,
        merchant_rate=expected.merchant_rate,
    )


def merchant_side(*, share: int, spend: int, gross_margin: int, merchant_rate: int) -> ForMerchant:
    """The merchant's side, from its share and the additional spend (fen); the margin in basis
    points, the merchant discount rate in millionths."""
    fee = half_up(Decimal(spend * merchant_rate) / MILLION)
    gain = half_up(Decimal(spend * gross_margin) / WHOLE)
    cost = share + fee
    return ForMerchant(
        share=share,
        fee=fee,
        gain=gain,
        cost=cost,
        net=gain - cost,
        roi=per_cent(gain - cost, cost),
    )


def _sound(expected: Expected) -> None:
    numbers = (
        expected.redemptions,
        expected.purchases_without,
        expected.ticket_fen,
        expected.discount_fen,
        expected.operating_cost_fen,
        expected.first_swipe_cards,
        expected.reactivated_cards,
        expected.card_contribution_fen,
        expected.gross_margin,
        expected.merchant_rate,
    )
    if any(number < 0 for number in numbers):
        raise ValueError("below zero")
    if expected.discount_fen > expected.ticket_fen:
        raise ValueError("the discount is above the purchase")
    if not share_rules.make_the_whole(expected.shares):
        raise ValueError("the shares do not make the whole")


def per_cent(part: int, whole: int) -> Decimal | None:
    """`part / whole` in per cent, two decimals, half up; None, “no data”, of nothing."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def ratio(part: int, whole: int) -> Decimal | None:
    """`part / whole`, two decimals, half up; None, “no data”, of nothing."""
    if whole == 0:
        return None
    return (Decimal(part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def half_up(exact: Decimal) -> int:
    """To the whole fen."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
