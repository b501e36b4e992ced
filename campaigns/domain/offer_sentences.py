"""An offer in the words of people: what the customer gets, and the sums and shares in it."""

from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.domain.offers import (
    ONE_YUAN,
    CashBack,
    Instalment,
    Lottery,
    Offer,
    OneYuan,
    Points,
    RateOff,
    ThresholdOff,
)


def price(fen: int) -> str:
    """Fen as a price in the active language: ¥1,234.50 or 1,234.50 元; round sums without fen."""
    amount = f"{Decimal(fen) / 100:,.2f}".removesuffix(".00")
    if (get_language() or "").startswith("zh"):
        return f"{amount} 元"
    return f"−¥{amount[1:]}" if amount.startswith("-") else f"¥{amount}"


def per_cent(basis_points: int) -> str:
    """Basis points as per cent: 5000 → 50%, 1250 → 12.5%."""
    return f"{(Decimal(basis_points) / 100).normalize():f}%"


def headline(offer: Offer) -> str:
    """What the customer gets, in one sentence."""
    match offer:
        case ThresholdOff(every=True):
            said = _("%(off)s off for every %(threshold)s spent, at most %(cap)s a purchase")
            numbers = {
                "off": price(offer.off_fen),
                "threshold": price(offer.threshold_fen),
                "cap": price(offer.largest_benefit),
            }
        case ThresholdOff():
            said = _("%(off)s off purchases of %(threshold)s or more")
            numbers = {"off": price(offer.off_fen), "threshold": price(offer.threshold_fen)}
        case RateOff():
            said = _("%(rate)s off, at most %(cap)s a purchase")
            numbers = {"rate": per_cent(offer.rate_off), "cap": price(offer.cap_fen)}
        case OneYuan():
            said = _("%(pays)s instead of %(agreed)s")
            numbers = {"pays": price(ONE_YUAN), "agreed": price(offer.agreed_price_fen)}
        case CashBack():
            said = _("%(rate)s cash back, at most %(cap)s a purchase")
            numbers = {"rate": per_cent(offer.rate_back), "cap": price(offer.largest_benefit)}
        case Points():
            said = _("%(points)s points pay for %(worth)s")
            numbers = {"points": f"{offer.points:,}", "worth": price(offer.largest_benefit)}
        case Instalment():
            said = _("%(months)s monthly parts without interest, up to %(sum)s")
            numbers = {"months": f"{offer.months}", "sum": price(offer.principal_cap_fen)}
        case Lottery():
            said = _("A prize draw with prizes up to %(prize)s")
            numbers = {"prize": price(offer.largest_benefit)}
        case _:
            raise TypeError(offer)
    sentence = said % numbers
    if offer.threshold_fen and not isinstance(offer, ThresholdOff):
        sentence = _("%(offer)s, from %(threshold)s") % {
            "offer": sentence,
            "threshold": price(offer.threshold_fen),
        }
    return sentence
