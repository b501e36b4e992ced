"""The maturity of a partnership: from 0 to the four stages of the business, 1.0 to 4.0.

Every level is a list of criteria, and cumulative: a level counts only if all criteria of the levels
below are met as well. That is what "no level is skipped" means here; a partnership that meets
everything at its first evaluation is as mature as it is.

Evaluated once a month. A level is lost only after two evaluations in a row below its bar: one bad
month changes nothing, and after the second the partnership falls to what both of them still
support.

Source: section 4.5 of the partnership method.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

TOP = 4


class Criterion(StrEnum):
    """One thing that a level asks for."""

    SIGNED_AGREEMENT = "signed_agreement"
    LIVE_OFFER = "live_offer"
    REDEMPTION = "redemption"
    NEW_CARDS = "new_cards"
    FIRST_SWIPE = "first_swipe"
    LIFTED_CAMPAIGNS = "lifted_campaigns"
    SEGMENTED_CAMPAIGN = "segmented_campaign"
    BANK_ROI = "bank_roi"
    FURTHER_PRODUCTS = "further_products"
    JOINT_PLAN = "joint_plan"
    MERCHANT_SHARE = "merchant_share"


CRITERIA = MappingProxyType(
    {
        1: (Criterion.SIGNED_AGREEMENT, Criterion.LIVE_OFFER, Criterion.REDEMPTION),
        2: (Criterion.NEW_CARDS, Criterion.FIRST_SWIPE),
        3: (Criterion.LIFTED_CAMPAIGNS, Criterion.SEGMENTED_CAMPAIGN, Criterion.BANK_ROI),
        4: (Criterion.FURTHER_PRODUCTS, Criterion.JOINT_PLAN, Criterion.MERCHANT_SHARE),
    }
)
"""What each level asks for, besides all that the levels below it ask for."""

BARS = MappingProxyType(
    {
        Criterion.SIGNED_AGREEMENT: 1,
        Criterion.LIVE_OFFER: 1,
        Criterion.REDEMPTION: 1,
        Criterion.NEW_CARDS: 30,
        Criterion.FIRST_SWIPE: 5000,
        Criterion.LIFTED_CAMPAIGNS: 2,
        Criterion.SEGMENTED_CAMPAIGN: 1,
        Criterion.BANK_ROI: 0,
        Criterion.FURTHER_PRODUCTS: 2,
        Criterion.JOINT_PLAN: 1,
        Criterion.MERCHANT_SHARE: 3000,
    }
)
"""The least that meets a criterion; rates and shares in basis points. Start values, which the bank
is free to change."""

REDEMPTION_DAYS = 90
NEW_CARD_MONTHS = 3
CAMPAIGN_MONTHS = 6
"""How far back is looked: the method's 90 and 180 days, as whole months where figures are filed by
month."""


@dataclass(frozen=True)
class Facts:
    """What is known of a partnership at an evaluation; none means that nothing was filed, which
    meets no criterion. Rates, shares and returns in basis points (1 % = 100)."""

    signed_agreement: bool = False
    live_offers: int | None = None
    redemptions: int | None = None
    """In the last 90 days."""
    new_cards: int | None = None
    """Attributed to the merchant in the last 90 days."""
    first_swipe: int | None = None
    """The 30-day first-swipe rate of those cards."""
    lifted_campaigns: int | None = None
    """Campaigns with measured positive lift in the last 180 days."""
    segmented_campaigns: int | None = None
    """Of those, the ones aimed at a segment."""
    bank_roi: int | None = None
    """The bank's return on the latest campaign."""
    further_products: int | None = None
    joint_plan: bool | None = None
    merchant_share: int | None = None
    """What the merchant pays of the campaigns."""


@dataclass(frozen=True)
class Finding:
    """A criterion with what was found; a value of none means no data."""

    criterion: Criterion
    value: int | None

    @property
    def bar(self) -> int:
        return BARS[self.criterion]

    @property
    def met(self) -> bool:
        return self.value is not None and self.value >= self.bar


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Every criterion in the order of the levels, with what the facts say of it."""
    values: dict[Criterion, int | bool | None] = {
        Criterion.SIGNED_AGREEMENT: facts.signed_agreement,
        Criterion.LIVE_OFFER: facts.live_offers,
        Criterion.REDEMPTION: facts.redemptions,
        Criterion.NEW_CARDS: facts.new_cards,
        Criterion.FIRST_SWIPE: facts.first_swipe,
        Criterion.LIFTED_CAMPAIGNS: facts.lifted_campaigns,
        Criterion.SEGMENTED_CAMPAIGN: facts.segmented_campaigns,
        Criterion.BANK_ROI: facts.bank_roi,
        Criterion.FURTHER_PRODUCTS: facts.further_products,
        Criterion.JOINT_PLAN: facts.joint_plan,
        Criterion.MERCHANT_SHARE: facts.merchant_share,
    }
    return tuple(
        Finding(one, None if (value := values[one]) is None else int(value))
        for level in CRITERIA
        for one in CRITERIA[level]
    )


def measured(facts: Facts) -> int:
    """The highest level whose criteria, and those of every level below it, are met."""
    met = {one.criterion for one in findings(facts) if one.met}
    reached = 0
    for level, asked in CRITERIA.items():
        if not met.issuperset(asked):
            break
        reached = level
    return reached


def held(measured: int, *, before: int | None, measured_before: int | None) -> int:
    """The level that a partnership has after an evaluation.

    `before` is the level that it had, `measured_before` what the evaluation before this one found;
    none at the first evaluation, which counts as it is. Up at once, to what the criteria say; down
    only from a level whose bar was missed by both evaluations.
    """
    if before is None or measured_before is None:
        return measured
    return max(measured, min(before, max(measured, measured_before)))


def shown(level: int) -> Decimal:
    """A level as people write it: 3 is 3.0."""
    return Decimal(level).quantize(Decimal("0.1"))


class Side(StrEnum):
    """The three sides of the ecosystem around a scenario."""

    BANK = "bank"
    MERCHANT = "merchant"
    CUSTOMER = "customer"


HIGHEST_SIDE = 2
"""Each side is judged 0, 1 or 2: the bank's smart tools, the merchant's use of the scenario, the
customer's mobile experience."""


def weakest(bank: int | None, merchant: int | None, customer: int | None) -> tuple[Side, ...]:
    """The weakest side, or sides if several are equally weak.

    None of them if all three are as good as can be, or if one was not judged yet: then nobody can
    say which is the weakest.
    """
    scores = {Side.BANK: bank, Side.MERCHANT: merchant, Side.CUSTOMER: customer}
    judged = [score for score in scores.values() if score is not None]
    if len(judged) < len(scores) or min(judged) == HIGHEST_SIDE:
        return ()
    return tuple(side for side, score in scores.items() if score == min(judged))
