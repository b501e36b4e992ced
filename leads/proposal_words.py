"""A proposal in the words of people: what the customer gets, when, how often, who pays.

Used by the page for the merchant and by the screens; it decides nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from campaigns.domain import limit_sentences
from campaigns.domain import shares as share_rules
from campaigns.domain.offer_sentences import headline, per_cent, price
from campaigns.domain.offers import CashBack, Instalment, Lottery, Offer
from campaigns.models import Party
from leads.domain import proposal_content
from leads.models import ProposalVersion

__all__ = ["headline", "per_cent", "price"]
# What an offer says, the campaigns say; the pages of proposals find all their words here.


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
    limits = proposal_content.limits_of(version)
    return {
        "days": limit_sentences.weekdays(limits.weekdays),
        "hours": limit_sentences.hours(limits),
        "caps": limit_sentences.caps(limits),
    }
