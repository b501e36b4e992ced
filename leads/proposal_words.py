"""A proposal in the words of people: what the customer gets, when, how often, who pays.

Used by the page for the merchant and by the screens; it decides nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from campaigns.domain import shares as share_rules
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
from campaigns.models import Party
from leads.models import ProposalVersion


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


def weekdays(days: list[int]) -> str:
    """Monday to Thursday; Saturday, Sunday; every day."""
    names = {
        1: _("Monday"),
        2: _("Tuesday"),
        3: _("Wednesday"),
        4: _("Thursday"),
        5: _("Friday"),
        6: _("Saturday"),
        7: _("Sunday"),
    }
    if not days or len(days) == 7:
        return _("Every day")
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return _("%(first)s to %(last)s") % {"first": names[days[0]], "last": names[days[-1]]}
    return pgettext("between weekdays", ", ").join(names[day] for day in days)


def hours(version: ProposalVersion) -> str:
    """17:00–21:00, or nothing where the whole day counts."""
    if version.opens_at is None or version.closes_at is None:
        return ""
    return f"{version.opens_at:%H:%M}–{version.closes_at:%H:%M}"


def caps(version: ProposalVersion) -> list[str]:
    """How often it can be used, a sentence for each cap."""
    said = []
    if count := version.uses_per_customer_day:
        said.append(
            _counted(
                ngettext("Once a day per customer", "%(count)s times a day per customer", count),
                count,
            )
        )
    if count := version.uses_per_customer_month:
        said.append(
            _counted(
                ngettext(
                    "Once a month per customer", "%(count)s times a month per customer", count
                ),
                count,
            )
        )
    if count := version.uses_per_customer:
        said.append(
            _counted(ngettext("Once per customer", "%(count)s times per customer", count), count)
        )
    if count := version.uses_per_day:
        said.append(_("The first %(count)s customers a day") % {"count": f"{count:,}"})
    if count := version.uses_in_total:
        said.append(_("%(count)s times in all") % {"count": f"{count:,}"})
    return said


def _counted(sentence: str, count: int) -> str:
    return sentence % {"count": f"{count:,}"} if "%(" in sentence else sentence


@dataclass(frozen=True)
class Line:
    """One line of the example purchase."""

    label: str
    value: str
    tone: str = ""
    """`less` for what comes off, `sum` for what is paid, `yours` for what the merchant gets."""


@dataclass(frozen=True)
class Part:
    """One party's part of the benefit in the example."""

    party: str
    label: str
    share: str
    value: str
    width: str
    """Of the bar, in per cent."""


@dataclass(frozen=True)
class Example:
    """A purchase by which the offer is explained."""

    amount: str
    lines: list[Line]
    parts: list[Part]
    to_divide: str
    """What the parts add up to."""


def example(version: ProposalVersion, offer: Offer) -> Example:
    """The average purchase if the offer counts for it, else a round one."""
    amount = version.ticket_fen or 0
    if offer.benefit(amount) == 0:
        amount = offer.example_amount
    benefit = offer.benefit(amount)
    divided = offer.prize_cost if isinstance(offer, Lottery) else benefit
    parts = share_rules.split(divided, version.shares) if version.shares else {}
    lines = [Line(_("The customer buys for"), price(amount))]
    if offer.off_the_bill:
        lines.append(Line(_("The offer takes off"), f"− {price(benefit)}", "less"))
    lines.append(Line(_("The customer pays"), price(amount - offer.discount(amount)), "sum"))
    if isinstance(offer, CashBack):
        lines.append(Line(_("The customer gets back later"), price(benefit), "less"))
    if isinstance(offer, Instalment):
        lines.append(
            Line(
                _("Each month (%(count)s times)") % {"count": offer.months},
                price(offer.parts(amount)[0]),
            )
        )
        lines.append(Line(_("Fee that the customer does not pay"), price(benefit), "less"))
    if isinstance(offer, Lottery):
        lines.append(Line(_("All prizes together"), price(divided), "less"))
    own = parts.get(Party.MERCHANT, 0)
    lines += (
        [Line(_("You receive"), price(amount - own), "yours")]
        if offer.off_the_bill
        else [
            Line(_("You receive at the till"), price(amount), "yours"),
            Line(_("Your part, settled later"), price(own)),
        ]
    )
    return Example(
        amount=price(amount),
        lines=lines,
        parts=[
            Part(
                party=party,
                label=str(Party(party).label),
                share=per_cent(version.shares[party]),
                value=price(part),
                width=f"{Decimal(version.shares[party]) / 100:f}",
            )
            for party, part in parts.items()
        ],
        to_divide=price(divided),
    )


def terms(version: ProposalVersion) -> dict[str, Any]:
    """What the screens show of an offer: its sentence, its days and hours, its caps."""
    return {
        "days": weekdays(version.weekdays),
        "hours": hours(version),
        "caps": caps(version),
    }
