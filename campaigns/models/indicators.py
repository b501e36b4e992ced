"""The indicators: what people are measured by, in which unit, and which of them count volume."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Indicator(models.TextChoices):
    """What can be reckoned, aimed at, and weighed in a scheme."""

    CARDS_ISSUED = "cards_issued", _("New cards issued")
    CARDS_ATTRIBUTED = "cards_attributed", _("Attributed new cards")
    ROLLING_ISSUANCE = "rolling_issuance", _("Rolling issuance, 30 days")
    CARDS_ACTIVATED = "cards_activated", _("Cards activated")
    ACTIVATION_RATE = "activation_rate", _("Activation rate")
    FIRST_SWIPE_30 = "first_swipe_30", _("First-swipe rate, 30 days")
    FIRST_SWIPE_60 = "first_swipe_60", _("First-swipe rate, 60 days")
    FIRST_SWIPE_90 = "first_swipe_90", _("First-swipe rate, 90 days")
    ACTIVE_CARD_RATE = "active_card_rate", _("Active-card rate")
    ACTIVE_ACCOUNT_RATE = "active_account_rate", _("Active-account rate")
    SLEEPING_CARD_RATE = "sleeping_card_rate", _("Sleeping-card rate")
    TRANSACTIONS = "transactions", _("Transactions")
    SPEND = "spend", _("Spend")
    SPEND_PER_ACTIVE_CARD = "spend_per_active_card", _("Spend per active card")
    SPEND_PER_CARD = "spend_per_card", _("Spend per card in force")
    LEADS_COLLECTED = "leads_collected", _("Team leads collected")
    LEAD_VALID_RATE = "lead_valid_rate", _("Valid leads")
    LEAD_QUALIFIED_RATE = "lead_qualified_rate", _("Leads that qualified")
    LEAD_SIGNED_RATE = "lead_signed_rate", _("Leads that signed")
    SELL_THROUGH = "sell_through", _("Merchant sell-through")
    CLAIM_RATE = "claim_rate", _("Claim rate")
    REDEMPTION_RATE = "redemption_rate", _("Redemption rate, of those claimed")
    REDEMPTION_RATE_ISSUED = "redemption_rate_issued", _("Redemption rate, of those issued")
    CUSTOMERS = "customers", _("Number of customers")
    MARKET_SHARE = "market_share", _("Market share")
    MARKET_RANK = "market_rank", _("Market rank")
    OTHER = "other", _("Another indicator")


class Measure(models.TextChoices):
    """The unit in which an indicator is counted."""

    CARDS = "cards", _("cards")
    LEADS = "leads", _("leads")
    TIMES = "times", _("times")
    FEN = "fen", _("fen")
    BASIS_POINTS = "basis_points", _("basis points")
    POINTS = "points", _("points")


class IndicatorGroup(models.TextChoices):
    """What an indicator of a scheme is about; volume is never the main thing."""

    VOLUME = "volume", _("Volume")
    USE = "use", _("Use of cards")
    SPEND = "spend", _("Spend")
    MERCHANTS = "merchants", _("Merchants and leads")
    CAMPAIGNS = "campaigns", _("Campaigns")
    RISK = "risk", _("Risk and compliance")
    SERVICE = "service", _("Service")


@dataclass(frozen=True)
class Nature:
    """What an indicator is: its unit, its group, and whether a period adds it up day by day."""

    measure: Measure
    group: IndicatorGroup
    adds_up: bool = False


_RATE = Measure.BASIS_POINTS
NATURES: dict[str, Nature] = {
    Indicator.CARDS_ISSUED: Nature(Measure.CARDS, IndicatorGroup.VOLUME, adds_up=True),
    Indicator.CARDS_ATTRIBUTED: Nature(Measure.CARDS, IndicatorGroup.VOLUME, adds_up=True),
    Indicator.ROLLING_ISSUANCE: Nature(Measure.CARDS, IndicatorGroup.VOLUME),
    Indicator.CARDS_ACTIVATED: Nature(Measure.CARDS, IndicatorGroup.USE, adds_up=True),
    Indicator.ACTIVATION_RATE: Nature(_RATE, IndicatorGroup.USE),
    Indicator.FIRST_SWIPE_30: Nature(_RATE, IndicatorGroup.USE),
    Indicator.FIRST_SWIPE_60: Nature(_RATE, IndicatorGroup.USE),
    Indicator.FIRST_SWIPE_90: Nature(_RATE, IndicatorGroup.USE),
    Indicator.ACTIVE_CARD_RATE: Nature(_RATE, IndicatorGroup.USE),
    Indicator.ACTIVE_ACCOUNT_RATE: Nature(_RATE, IndicatorGroup.USE),
    Indicator.SLEEPING_CARD_RATE: Nature(_RATE, IndicatorGroup.RISK),
    Indicator.TRANSACTIONS: Nature(Measure.TIMES, IndicatorGroup.SPEND, adds_up=True),
    Indicator.SPEND: Nature(Measure.FEN, IndicatorGroup.SPEND, adds_up=True),
    Indicator.SPEND_PER_ACTIVE_CARD: Nature(Measure.FEN, IndicatorGroup.SPEND),
    Indicator.SPEND_PER_CARD: Nature(Measure.FEN, IndicatorGroup.SPEND),
    Indicator.LEADS_COLLECTED: Nature(Measure.LEADS, IndicatorGroup.MERCHANTS, adds_up=True),
    Indicator.LEAD_VALID_RATE: Nature(_RATE, IndicatorGroup.MERCHANTS),
    Indicator.LEAD_QUALIFIED_RATE: Nature(_RATE, IndicatorGroup.MERCHANTS),
    Indicator.LEAD_SIGNED_RATE: Nature(_RATE, IndicatorGroup.MERCHANTS),
    Indicator.SELL_THROUGH: Nature(_RATE, IndicatorGroup.MERCHANTS),
    Indicator.CLAIM_RATE: Nature(_RATE, IndicatorGroup.CAMPAIGNS),
    Indicator.REDEMPTION_RATE: Nature(_RATE, IndicatorGroup.CAMPAIGNS),
    Indicator.REDEMPTION_RATE_ISSUED: Nature(_RATE, IndicatorGroup.CAMPAIGNS),
    Indicator.CUSTOMERS: Nature(Measure.POINTS, IndicatorGroup.VOLUME),
    Indicator.MARKET_SHARE: Nature(_RATE, IndicatorGroup.VOLUME),
    Indicator.MARKET_RANK: Nature(Measure.POINTS, IndicatorGroup.VOLUME),
    Indicator.OTHER: Nature(Measure.POINTS, IndicatorGroup.SERVICE),
}

PACED = tuple(one for one in Indicator if NATURES[one].adds_up)
"""Indicators that a period adds up, so that a target for them can be kept in step with time."""
VOLUME = frozenset(one for one in Indicator if NATURES[one].group == IndicatorGroup.VOLUME)
"""Issuance, customers, market share and rank: never the sole or the main thing to be judged by."""
