"""Whether a purchase gets the offer, what it is worth, and who pays which part of it.

Pure and cheap: `Rules.of(terms)` prepares a campaign's terms once, and `decide` is then asked for
every purchase of a file. Nothing is looked up, translated or written here. Amounts are integer fen.

The order of asking is the order of `RefusalCode`; the first that says no is the one that is kept.
Source: domain page, 5.1–5.5.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.domain import limits as limit_rules
from campaigns.domain import offers, shares
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.domain.limits import Limits
from campaigns.domain.offers import CashBack, Lottery, Offer
from campaigns.models.refusal_codes import RefusalCode

CHINA = ZoneInfo("Asia/Shanghai")
"""One time holds in the whole country."""
UNLIMITED = 1 << 62
_MOST_REMEMBERED = 10_000


class Purchase(NamedTuple):
    """What was bought, when, where and with which card.

    `card_prefix` is six to eight digits at the most. What is not known (an empty prefix, `None` for
    a new cardholder) does not fulfil a limit that asks for it. `prize_fen` is what a prize draw
    brought this purchase, 0 for nothing; without it, its expected share of the prizes is taken.
    """

    amount_fen: int
    occurred_at: datetime
    merchant_id: UUID
    outlet_id: UUID | None = None
    category: str = ""
    card_prefix: str = ""
    card_product: str = ""
    cardholder_is_new: bool | None = None
    prize_fen: int | None = None


@dataclass(slots=True)
class Used:
    """What was used before this purchase: counts, and fen of discounts.

    A customer is whoever shares a card, an identity, an account, a phone or a device. Uses that
    were given back still count as uses: nobody regains one by a refund. Money that came back does
    not count as spent. `left` is what each party still has (fen); a party that is not in it pays
    without a ceiling. `customer_month_fen` matters to cash back with a cap of the month alone.
    """

    customer_day: int = 0
    customer_week: int = 0
    customer_month: int = 0
    customer_total: int = 0
    store_day: int = 0
    campaign_day: int = 0
    campaign_total: int = 0
    customer_month_fen: int = 0
    day_fen: int = 0
    total_fen: int = 0
    left: Mapping[str, int] = field(default_factory=dict)


class Decision(NamedTuple):
    """A refusal, or what the purchase is worth and who pays it.

    `discount_fen` is what the funders pay, `parts` says who (they sum to it), `customer_pays_fen`
    what is left to pay at the till: where the benefit comes in another way (cash back, instalments,
    prizes), the whole purchase.
    """

    refusal: RefusalCode | None
    discount_fen: int
    parts: Mapping[str, int]
    customer_pays_fen: int


_NOTHING: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The terms of a campaign, prepared so that a purchase is decided in a few comparisons."""

    offer: Offer
    limits: Limits
    zone: tzinfo
    starts_on: date
    ends_on: date
    weekdays: frozenset[int]
    first_minute: int
    last_minute: int
    days_out: Collection[date]
    only_days: Collection[date] | None
    prefixes: tuple[str, ...]
    products: frozenset[str]
    cardholder_is_new: bool | None
    merchants: frozenset[UUID]
    outlets: frozenset[UUID]
    categories: frozenset[str]
    budget_fen: int
    day_budget_fen: int
    caps: tuple[int, ...]
    """A customer's day, week, month, all; a store's day; the campaign's day, all."""
    shares: Mapping[str, int]
    ceilings: Mapping[str, int]
    """Fen that a party pays in all; those without a ceiling are not in it."""
    fallback: Mapping[str, str]
    month_cap_fen: int
    remembered: dict[int, dict[str, int]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, terms: CampaignTerms, *, holidays: Collection[date] = frozenset(), zone: tzinfo = CHINA
    ) -> "Rules":
        """Prepare terms. `holidays` are the public holidays, for offers that ask for them.

        Raises ValueError (ImpossibleOffer, ImpossibleLimits) for terms that make no offer.
        """
        offer = offers.read(terms.mechanic, terms.terms)
        limits = limit_rules.read(terms.limits)
        opens, closes = limits.opens_at, limits.closes_at
        never = holidays if limits.holidays == "never" else ()
        return cls(
            offer=offer,
            limits=limits,
            zone=zone,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            weekdays=frozenset(limits.weekdays or limit_rules.EVERY_DAY),
            first_minute=opens.hour * 60 + opens.minute if opens else 0,
            last_minute=closes.hour * 60 + closes.minute if closes else 24 * 60,
            days_out=frozenset([*limits.blackout_days, *never]),
            only_days=frozenset(holidays) if limits.holidays == "only" else None,
            prefixes=limits.card_prefixes,
            products=frozenset(limits.card_products),
            cardholder_is_new={"new": True, "existing": False}.get(limits.cardholders),
            merchants=terms.merchant_ids,
            outlets=terms.outlet_ids,
            categories=frozenset(limits.categories),
            budget_fen=terms.budget_fen,
            day_budget_fen=_cap(limits.day_budget_fen),
            caps=tuple(
                _cap(getattr(limits, name))
                for name in (
                    "uses_per_customer_day",
                    "uses_per_customer_week",
                    "uses_per_customer_month",
                    "uses_per_customer",
                    "uses_per_store_day",
                    "uses_per_day",
                    "uses_in_total",
                )
            ),
            shares=terms.basis_points,
            ceilings=terms.ceilings,
            fallback=terms.fallbacks,
            month_cap_fen=_cap(offer.month_cap_fen) if isinstance(offer, CashBack) else UNLIMITED,
        )

    def holds_on(self, occurred_at: datetime) -> bool:
        """Whether the offer holds at a moment."""
        local = occurred_at.astimezone(self.zone)
        day = local.date()
        return (
            self.starts_on <= day <= self.ends_on
            and day.isoweekday() in self.weekdays
            and self.first_minute <= local.hour * 60 + local.minute <= self.last_minute
            and day not in self.days_out
            and (self.only_days is None or day in self.only_days)
        )

    def takes_card(self, purchase: Purchase) -> bool:
        """Whether the card, its product and its holder are in the offer."""
        return (
            (not self.prefixes or purchase.card_prefix.startswith(self.prefixes))
            and (not self.products or purchase.card_product in self.products)
            and (
                self.cardholder_is_new is None
                or purchase.cardholder_is_new is self.cardholder_is_new
            )
        )

    def takes_place(self, purchase: Purchase) -> bool:
        """Whether merchant, shop and category are in the offer."""
        return (
            purchase.merchant_id in self.merchants
            and (not self.outlets or purchase.outlet_id in self.outlets)
            and (not self.categories or purchase.category in self.categories)
        )

    def parts_of(self, fen: int) -> dict[str, int]:
        """Each party's part of a discount without regard to ceilings. Not to be changed."""
        parts = self.remembered.get(fen)
        if parts is None:
            parts = shares.split(fen, self.shares)
            if len(self.remembered) < _MOST_REMEMBERED:
                self.remembered[fen] = parts
        return parts


def decide(rules: Rules, purchase: Purchase, used: Used) -> Decision:
    """Whether a purchase gets the offer, after what was used before it.

    A discount is given whole or not at all, except that cash back gives what the month's cap has
    left. Where a party's money does not suffice, its fallback pays; where nobody does, the purchase
    is refused with `party_budget`.
    """
    amount = purchase.amount_fen
    refusal: RefusalCode | None = None
    parts, discount = _NOTHING, 0
    if not rules.holds_on(purchase.occurred_at):
        refusal = RefusalCode.WINDOW
    elif not rules.takes_card(purchase):
        refusal = RefusalCode.CARD
    elif not rules.takes_place(purchase):
        refusal = RefusalCode.STORE
    else:
        discount = worth(rules.offer, purchase)
        refusal = RefusalCode.THRESHOLD if discount < 0 else _used_up(rules, used)
        discount = min(discount, rules.month_cap_fen - used.customer_month_fen)
    if refusal is None:
        if used.day_fen + discount > rules.day_budget_fen:
            refusal = RefusalCode.DAY_BUDGET
        elif used.total_fen + discount > rules.budget_fen:
            refusal = RefusalCode.TOTAL_BUDGET
        else:
            found = _paid_by(rules, discount, used.left)
            if found is None:
                refusal = RefusalCode.PARTY_BUDGET
            else:
                parts = found
    if refusal is not None:
        return Decision(refusal, 0, _NOTHING, amount)
    return Decision(
        None, discount, parts, amount - discount if rules.offer.off_the_bill else amount
    )


def worth(offer: Offer, purchase: Purchase) -> int:
    """What a purchase is worth before any cap (fen); −1 where it does not reach the offer."""
    amount = purchase.amount_fen
    if amount < 0:
        raise ValueError(amount)
    if isinstance(offer, Lottery):
        if amount < offer.threshold_fen:
            return -1
        drawn = purchase.prize_fen
        return offer.benefit(amount) if drawn is None else min(max(drawn, 0), offer.largest_benefit)
    return offer.benefit(amount) or -1


def _used_up(rules: Rules, used: Used) -> RefusalCode | None:
    """The first number of uses, or of a customer's cash back, that is used up."""
    day, week, month, total, store_day, campaign_day, campaign_total = rules.caps
    if used.customer_day >= day:
        return RefusalCode.CUSTOMER_DAY
    if used.customer_week >= week:
        return RefusalCode.CUSTOMER_WEEK
    if used.customer_month >= month or used.customer_month_fen >= rules.month_cap_fen:
        return RefusalCode.CUSTOMER_MONTH
    if used.customer_total >= total:
        return RefusalCode.CUSTOMER_TOTAL
    if used.store_day >= store_day or used.campaign_day >= campaign_day:
        return RefusalCode.DAY_QUOTA
    return RefusalCode.TOTAL_QUOTA if used.campaign_total >= campaign_total else None


def _paid_by(rules: Rules, fen: int, left: Mapping[str, int]) -> Mapping[str, int] | None:
    """Who pays what of a discount; nothing where somebody's money does not suffice."""
    parts = rules.parts_of(fen)
    for party, part in parts.items():
        if part > left.get(party, UNLIMITED):
            break
    else:
        return parts
    covered = shares.split_within(fen, rules.shares, left=left, fallback=rules.fallback)
    return None if covered.uncovered else covered.parts


def _cap(number: int | None) -> int:
    return UNLIMITED if number is None else number
