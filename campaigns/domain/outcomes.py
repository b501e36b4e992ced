"""What a campaign brought: what came because of it, and what that was worth to all three sides.

Pure arithmetic: sums in fen, percentages with two decimals, half up. A number that was not filed
is None, “no data”, and so is everything that rests on it: nothing unknown counts as zero.
Source: domain page, 5.7 and 5.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from campaigns.domain import fees
from campaigns.domain.fees import REGULATED, FeeTable
from campaigns.domain.forecasts import (
    ForBank,
    ForMerchant,
    bank_side,
    half_up,
    merchant_side,
    per_cent,
    ratio,
)


class Method(StrEnum):
    """How it is known what would have come anyway."""

    CONTROL_GROUP = "control_group"
    """Merchants without the campaign show how trade went (ratio form)."""
    NO_CONTROL = "no_control"
    """Before and after only: it overstates what the campaign brought, and is labelled so."""
    NO_DATA = "no_data"


@dataclass(frozen=True, kw_only=True)
class Groups:
    """One figure (purchases, or spend in fen) of the campaign's merchants and of the control
    group, before and during the campaign. None was not filed."""

    test_before: int | None = None
    test_after: int | None = None
    control_before: int | None = None
    control_after: int | None = None
    days_before: int = 1
    days_after: int = 1
    """Days that the figures cover. With a control group their proportion cancels out."""


@dataclass(frozen=True)
class Effect:
    """What came because of the campaign, in the unit of the figure."""

    method: Method
    expected: int | None = None
    incremental: int | None = None
    lift: Decimal | None = None
    """Per cent."""
    difference: int | None = None
    """Difference in differences, absolute. It is another number than `incremental` where the groups
    are of different size; None where the periods are of different length."""


def effect(groups: Groups) -> Effect:
    """What came because of a campaign.

    With a control group: expected = test before x control after / control before, incremental =
    test after - expected, lift = incremental / expected. Without one expected is what came before,
    for as many days. Test 10,000 -> 16,000 beside control 20,000 -> 22,000: expected 11,000,
    incremental 5,000, lift 45.45 %, absolute difference in differences 4,000.
    Raises ValueError for numbers below zero and for periods without a day.
    """
    _sound(groups)
    before, after = groups.test_before, groups.test_after
    if before is None or after is None:
        return Effect(Method.NO_DATA)
    method = Method.NO_CONTROL
    exact = Decimal(before * groups.days_after) / groups.days_before
    difference = None
    # A control group that sold nothing before says nothing of how trade went.
    if groups.control_before and groups.control_after is not None:
        method = Method.CONTROL_GROUP
        exact = Decimal(before * groups.control_after) / groups.control_before
        if groups.days_before == groups.days_after:
            difference = (after - before) - (groups.control_after - groups.control_before)
    expected = half_up(exact)
    return Effect(
        method,
        expected,
        after - expected,
        _per_cent_of(after - exact, exact),
        difference,
    )


def _per_cent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    if not whole:
        return None
    return (part * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _sound(groups: Groups) -> None:
    figures = (groups.test_before, groups.test_after, groups.control_before, groups.control_after)
    if any(figure is not None and figure < 0 for figure in figures):
        raise ValueError("below zero")
    if min(groups.days_before, groups.days_after) < 1:
        raise ValueError("a period without a day")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of a campaign. Sums in fen; None was not filed."""

    redemptions: int
    """Net of reversals."""
    redeemed_spend: int
    """The purchases that were redeemed, before the discount."""
    subsidy: Mapping[str, int]
    """Party -> what it paid of the discounts, net of what refunds gave back."""
    purchases: Groups
    spend: Groups
    operating_cost_fen: int | None = None
    first_swipe_cards: int | None = None
    reactivated_cards: int | None = None
    card_contribution_fen: int | None = None
    """What an activated card contributes in twelve months."""
    gross_margin: int | None = None
    """The merchants', in basis points."""
    merchant_rate: int | None = None
    """Merchant discount rate in millionths: 0.60 % is 6,000."""


@dataclass(frozen=True)
class Outcome:
    """All three sides of a campaign that ran, as far as they are known."""

    method: Method
    purchases: Effect
    spend: Effect
    redemptions: int
    subsidy: int
    """All discounts together."""
    ticket: int | None
    """An average purchase."""
    incremental_purchases: int | None
    incremental_spend: int | None
    lift: Decimal | None
    """Of spend where it was filed, else of purchases."""
    precision: Decimal | None
    """Additional purchases in per cent of all redemptions."""
    return_on_subsidy: Decimal | None
    """iROAS: additional spend per yuan of subsidy."""
    spend_that_pays_back: Decimal | None
    """Additional card spend (yuan) that an average discount needs to pay for itself by
    interchange."""
    interchange_line: ForBank | None
    """First line: the bank's value by interchange alone."""
    bank: ForBank | None
    """Second line: with what activated cards contribute."""
    merchant: ForMerchant | None
    customer_benefit: int
    customer_rate: Decimal | None
    """Discount in per cent of the spend before it."""
    missing: tuple[str, ...]
    """What was not filed and would say more, by name."""

    @property
    def bank_wins(self) -> bool | None:
        """Of what is known: a loss by interchange alone is no loss until cards are counted."""
        if self.bank is not None:
            return self.bank.net > 0
        return True if self.interchange_line and self.interchange_line.net > 0 else None

    @property
    def merchant_wins(self) -> bool | None:
        return None if self.merchant is None else self.merchant.net > 0

    @property
    def customer_wins(self) -> bool | None:
        """Where nothing was redeemed, nothing can be said of the customers."""
        return self.customer_benefit > 0 if self.redemptions else None

    @property
    def everybody_wins(self) -> bool | None:
        """The win-win test: passed, failed, or not to be said yet."""
        sides = (self.bank_wins, self.merchant_wins, self.customer_wins)
        if any(side is False for side in sides):
            return False
        return None if any(side is None for side in sides) else True


def reckon(measured: Measured, *, table: FeeTable = REGULATED) -> Outcome:
    """Reckon all three sides of a campaign that ran.

    Additional spend is that of the spend filed, else additional purchases x average ticket; the
    other way round where purchases were not filed. Net interchange is that of an average ticket,
    for the additional spend. Raises ValueError for numbers below zero.
    """
    _not_below_zero(measured)
    purchases, spend = effect(measured.purchases), effect(measured.spend)
    method = spend.method if spend.method != Method.NO_DATA else purchases.method
    ticket = _ticket(measured)
    more, more_spend = purchases.incremental, spend.incremental
    if more_spend is None and more is not None and ticket is not None:
        more_spend = more * ticket
    if more is None and more_spend is not None and ticket:
        more = half_up(Decimal(more_spend) / ticket)
    subsidy = sum(measured.subsidy.values())
    interchange = _interchange(more_spend, ticket, table)
    return Outcome(
        method=method,
        purchases=purchases,
        spend=spend,
        redemptions=measured.redemptions,
        subsidy=subsidy,
        ticket=ticket,
        incremental_purchases=more,
        incremental_spend=more_spend,
        lift=spend.lift if spend.method != Method.NO_DATA else purchases.lift,
        precision=None if more is None else per_cent(more, measured.redemptions),
        return_on_subsidy=None if more_spend is None else ratio(more_spend, subsidy),
        spend_that_pays_back=(
            fees.spend_that_pays_back(half_up(Decimal(subsidy) / measured.redemptions), table)
            if measured.redemptions
            else None
        ),
        interchange_line=_bank(
            measured,
            more,
            interchange,
            activations=0,
            contribution=measured.card_contribution_fen or 0,
        ),
        bank=_with_activation(measured, more, interchange),
        merchant=_merchant(measured, more_spend),
        customer_benefit=subsidy,
        customer_rate=per_cent(subsidy, measured.redeemed_spend),
        missing=tuple(_missing(measured)),
    )


def _ticket(measured: Measured) -> int | None:
    """An average purchase while the campaign ran: of all purchases, else of the redeemed ones."""
    if measured.spend.test_after is not None and measured.purchases.test_after:
        return half_up(Decimal(measured.spend.test_after) / measured.purchases.test_after)
    if measured.redemptions:
        return half_up(Decimal(measured.redeemed_spend) / measured.redemptions)
    return None


def _interchange(more_spend: int | None, ticket: int | None, table: FeeTable) -> int | None:
    if more_spend is None or not ticket:
        return None
    return half_up(fees.issuer_net(ticket, table=table) * more_spend / ticket)


def _bank(
    measured: Measured,
    more: int | None,
    interchange: int | None,
    *,
    activations: int,
    contribution: int,
) -> ForBank | None:
    if more is None or interchange is None or measured.operating_cost_fen is None:
        return None
    useful = min(max(more, 0), measured.redemptions)
    return bank_side(
        share=measured.subsidy.get("bank", 0),
        operating_cost=measured.operating_cost_fen,
        redemptions=measured.redemptions,
        wasted=measured.redemptions - useful,
        net_interchange=interchange,
        activations=activations,
        contribution=contribution,
    )


def _with_activation(
    measured: Measured, more: int | None, interchange: int | None
) -> ForBank | None:
    first, again = measured.first_swipe_cards, measured.reactivated_cards
    contribution = measured.card_contribution_fen
    if first is None or again is None or contribution is None:
        return None
    return _bank(measured, more, interchange, activations=first + again, contribution=contribution)


def _merchant(measured: Measured, more_spend: int | None) -> ForMerchant | None:
    if more_spend is None or measured.gross_margin is None or measured.merchant_rate is None:
        return None
    return merchant_side(
        share=measured.subsidy.get("merchant", 0),
        spend=more_spend,
        gross_margin=measured.gross_margin,
        merchant_rate=measured.merchant_rate,
    )


NEEDED = (
    "operating_cost_fen",
    "first_swipe_cards",
    "reactivated_cards",
    "card_contribution_fen",
    "gross_margin",
    "merchant_rate",
)


def _missing(measured: Measured) -> list[str]:
    missing = []
    if not measured.redemptions:
        missing.append("redemptions")
    groups = (measured.purchases, measured.spend)
    if not any(one.test_before is not None and one.test_after is not None for one in groups):
        missing.append("test_figures")
    if not any(one.control_before and one.control_after is not None for one in groups):
        missing.append("control_figures")
    return missing + [name for name in NEEDED if getattr(measured, name) is None]


def _not_below_zero(measured: Measured) -> None:
    numbers = (
        measured.redemptions,
        measured.redeemed_spend,
        *measured.subsidy.values(),
        *(getattr(measured, name) for name in NEEDED),
    )
    if any(number is not None and number < 0 for number in numbers):
        raise ValueError("below zero")
