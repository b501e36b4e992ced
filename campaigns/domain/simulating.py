"""The simulator: a purchase is tried on a campaign's terms, and nothing is written.

It answers what the customer pays, who pays which part, and where the money goes; or why the
purchase gets nothing. Money in fen, the merchant's rate in millionths.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain import campaign_terms, limit_words, offer_words, prepared_rules, shares
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.domain.eligibility import Purchase, Rules, Used, decide
from campaigns.domain.offers import (
    LARGEST_FEN,
    LEGAL_PRIZE_CEILING_FEN,
    Instalment,
    Lottery,
    Offer,
)
from campaigns.domain.refusal_words import SENTENCES
from campaigns.domain.shares import Flow
from campaigns.models import Budget, Campaign, Party, RefusalCode
from crm.actors import Actor
from crm.errors import InvalidInput, NotFound, RuleBroken, Sentence
from merchants.models import Merchant, Outlet

LARGEST_RATE = 100_000
"""Ten per cent in millionths; nobody charges a merchant more."""
LONGEST_PREFIX = 8
CUSTOMER, ACQUIRER = "customer", "acquirer"
NAMES: Mapping[str, Sentence] = {
    **{party.value: party.label for party in Party},
    CUSTOMER: _("Customer"),
    ACQUIRER: _("Acquirer"),
}
"""Everybody between whom money goes."""


@dataclass(frozen=True)
class Transfer:
    """Money that goes from one to another (fen)."""

    payer: str
    payee: str
    fen: int


@dataclass(frozen=True)
class Monthly:
    """What instalments cost the customer, as it must be shown: a rate a year."""

    months: int
    first_fen: int
    last_fen: int
    annual_rate: Decimal
    """In per cent; nothing, for it is free of interest."""
    annual_rate_without: Decimal
    """In per cent, simple: what it would cost without the subsidy."""


@dataclass(frozen=True)
class Draw:
    """The prizes of a draw, and what the law allows for one of them (fen)."""

    highest_fen: int
    ceiling_fen: int
    prizes_fen: int
    draws: int


@dataclass(frozen=True)
class Simulation:
    """What became of the purchase. `version_number` 0: the terms as they are being written."""

    version_number: int
    terms: CampaignTerms
    offer: Offer
    purchase: Purchase
    refusal: RefusalCode | None
    flow: Flow
    transfers: tuple[Transfer, ...]
    monthly: Monthly | None
    draw: Draw | None

    @property
    def because(self) -> Sentence:
        """Why it gets nothing, in words."""
        return SENTENCES[self.refusal] if self.refusal else ""

    @property
    def comes_later_fen(self) -> int:
        """What the customer gets in another way than off the bill."""
        return self.flow.discount - (self.flow.amount - self.flow.customer_pays)


def simulate(
    campaign_id: UUID,
    *,
    amount_fen: int,
    by: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    merchant_id: UUID | None = None,
    outlet_id: UUID | None = None,
    category: str = "",
    card_prefix: str = "",
    card_product: str = "",
    cardholder_is_new: bool | None = None,
    prize_fen: int | None = None,
    used: Used | None = None,
    merchant_rate: int = 0,
    rate_on_paid: bool = True,
) -> Simulation:
    """Try a purchase on the terms that hold at its moment (now, unless said otherwise).

    Without a shop it is one of the campaign's only merchant. `used` is what was used before; where
    it does not say what the parties have left, it is what stands in the campaign's pots, or the
    ceilings of the shares while there are none. Raises NotFound, InvalidInput for sums that cannot
    be and for more of a card's number than its beginning, RuleBroken with code `offer_missing`.
    """
    campaign = Campaign.objects.seen_by(by).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound(_("There is no such row."))
    _possible(amount_fen, prize_fen, merchant_rate, card_prefix)
    moment = occurred_at or at
    number, terms = campaign_terms.terms_at(campaign.pk, moment)
    rules = _rules(terms)
    merchant_id, category = _place(terms, merchant_id, outlet_id, category)
    purchase = Purchase(
        amount_fen=amount_fen,
        occurred_at=moment,
        merchant_id=merchant_id,
        outlet_id=outlet_id,
        category=category,
        card_prefix=card_prefix,
        card_product=card_product,
        cardholder_is_new=cardholder_is_new,
        prize_fen=prize_fen,
    )
    before = used or Used()
    if not before.left:
        before = replace(before, left=_left(campaign, rules))
    decision = decide(rules, purchase, before)
    flow = shares.flow_of(
        amount_fen,
        decision.discount_fen,
        decision.parts,
        merchant_rate=merchant_rate,
        rate_on_paid=rate_on_paid,
        off_the_bill=rules.offer.off_the_bill,
    )
    return Simulation(
        version_number=number,
        terms=terms,
        offer=rules.offer,
        purchase=purchase,
        refusal=decision.refusal,
        flow=flow,
        transfers=tuple(_transfers(flow, rules.offer)),
        monthly=_monthly(rules.offer, amount_fen) if not decision.refusal else None,
        draw=_draw(rules.offer),
    )


def _possible(amount_fen: int, prize_fen: int | None, rate: int, card_prefix: str) -> None:
    for name, number, largest in (
        ("amount", amount_fen, LARGEST_FEN),
        ("prize", prize_fen or 0, LARGEST_FEN),
        ("merchant_rate", rate, LARGEST_RATE),
    ):
        if number < 0:
            raise InvalidInput(
                _("A number of a purchase is not below zero."), code="below_zero", attr=name
            )
        if number > largest:
            raise InvalidInput(_("This number is too large."), code="too_large", attr=name)
    if len(card_prefix) > LONGEST_PREFIX or not (card_prefix.isdecimal() or not card_prefix):
        raise InvalidInput(
            _("Only the first six to eight digits of a card are typed here, never its number."),
            code="card_number",
            attr="card_prefix",
        )


def _rules(terms: CampaignTerms) -> Rules:
    """The rules of terms. The doors' own words for what is wrong with them come first."""
    if not terms.mechanic:
        raise RuleBroken(_("This campaign has no offer yet."), code="offer_missing")
    offer_words.read(terms.mechanic, terms.terms)
    limit_words.read(terms.limits)
    return prepared_rules.of(terms)


def _place(
    terms: CampaignTerms, merchant_id: UUID | None, outlet_id: UUID | None, category: str
) -> tuple[UUID, str]:
    """Whose shop it is and of which category, of the campaign's own merchants only."""
    if outlet_id is not None:
        shops = Outlet.objects.filter(pk=outlet_id, merchant__in=terms.merchant_ids)
        owner = shops.values_list("merchant_id", flat=True).first()
        if owner is None or merchant_id not in (None, owner):
            raise NotFound(_("Choose a shop of the campaign's merchants."), attr="outlet")
        merchant_id = owner
    elif merchant_id is None:
        if len(terms.merchant_ids) != 1:
            raise InvalidInput(
                _("Choose the merchant: this campaign has several."),
                code="merchant_missing",
                attr="merchant",
            )
        (merchant_id,) = terms.merchant_ids
    if not category and merchant_id in terms.merchant_ids:
        known = Merchant.objects.filter(pk=merchant_id).values_list("category_id", flat=True)
        category = known.first() or ""
    return merchant_id, category


def _left(campaign: Campaign, rules: Rules) -> dict[str, int]:
    """What each party still has: in its pot, or under its ceiling while no pot is open."""
    pots = {
        str(pot.party): pot.available_fen for pot in Budget.objects.filter(campaign=campaign.pk)
    }
    return {party: pots.get(party, 0) for party in rules.shares} if pots else dict(rules.ceilings)


def _transfers(flow: Flow, offer: Offer) -> list[Transfer]:
    """Who pays whom. What a party owes itself does not move."""
    payee = Party.MERCHANT.value
    if isinstance(offer, Instalment):
        payee = Party.BANK.value  # the fee that the customer is spared
    elif not offer.off_the_bill:
        payee = CUSTOMER
    listed = [
        Transfer(CUSTOMER, Party.MERCHANT.value, flow.customer_pays),
        *(Transfer(party, payee, part) for party, part in flow.parts.items() if party != payee),
        Transfer(Party.MERCHANT.value, ACQUIRER, flow.merchant_fee),
    ]
    return [one for one in listed if one.fen]


def _monthly(offer: Offer, amount_fen: int) -> Monthly | None:
    if not isinstance(offer, Instalment):
        return None
    parts = offer.parts(amount_fen)
    return Monthly(offer.months, parts[0], parts[-1], Decimal("0.00"), offer.without_subsidy())


def _draw(offer: Offer) -> Draw | None:
    if not isinstance(offer, Lottery):
        return None
    return Draw(offer.largest_benefit, LEGAL_PRIZE_CEILING_FEN, offer.prize_cost, offer.draws)
