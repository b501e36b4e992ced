"""A proposal in the words of people: what the customer gets, when, how often, who pays.

Used by the page for the merchant and by the screens; it decides nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.domain import shares as share_rules
from campaigns.domain.offer_sentences import headline, per_cent, price
from campaigns.domain.offers import CashBack, Instalment, Lottery, Offer
from campaigns.models import Party
from leads.models import ProposalVersion

__all__ = ["caps", "headline", "hours", "per_cent", "price", "weekdays"]
# What an offer says, the campaigns say; the pages of proposals find all their words here.


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
