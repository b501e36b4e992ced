"""What is wrong with an offer, in words; and what its numbers are called."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.domain import offers
from campaigns.domain.offers import ImpossibleOffer, Offer
from crm.errors import InvalidInput, Problem, Sentence

TERMS: Mapping[str, Sentence] = {
    "threshold_fen": _("Smallest purchase"),
    "off_fen": _("Money off"),
    "every": _("For every full threshold"),
    "cap_fen": _("At most per purchase"),
    "rate_off": _("Percentage off"),
    "agreed_price_fen": _("Agreed price"),
    "rate_back": _("Percentage back"),
    "month_cap_fen": _("At most a month"),
    "points": pgettext_lazy("offer", "Points"),
    "unit_cost_fen": _("Cost of a point"),
    "monthly_rate": _("Fee a month"),
    "months": _("Months"),
    "principal_cap_fen": _("Largest sum in instalments"),
    "prizes": _("Prizes"),
    "draws": _("Draws"),
}
"""The name of every number that a mechanic may have."""

FLAWS: Mapping[str, Sentence] = {
    "mechanic_unknown": _("Choose a mechanic."),
    "term_unknown": _("This mechanic does not know this number."),
    "term_required": _("This mechanic needs this number."),
    "term_not_a_number": _("Write a whole number; money is counted in whole fen."),
    "term_below_zero": _("A number of an offer is not below zero."),
    "term_not_above_zero": _("This number is above zero."),
    "term_too_large": _("This number is too large."),
    "off_above_threshold": _("No more comes off than the purchase that it asks for."),
    "cap_required": _("Say how much comes off a single purchase at the most."),
    "rate_above_whole": _("A percentage is at most 100 %."),
    "price_not_above_one_yuan": _("The agreed price is above one yuan."),
    "threshold_above_price": _("The smallest purchase is within the agreed price."),
    "too_many_months": _("Instalments run for 60 months at the most."),
    "monthly_rate_too_high": _("The fee is at most 10 % a month."),
    "threshold_above_principal": _("The smallest purchase is within the largest sum."),
    "more_prizes_than_draws": _("There are no more prizes than draws."),
    "prize_above_ceiling": _("By law a single prize is worth 50,000 yuan at the most."),
}


def read(mechanic: str, terms: Mapping[str, Any]) -> Offer:
    """The offer that a mechanic and its numbers make.

    Raises InvalidInput with a sentence for each flaw, about the term `terms.<name>`.
    """
    try:
        return offers.read(mechanic, terms)
    except ImpossibleOffer as impossible:
        problems = [
            Problem(
                flaw.code,
                FLAWS[flaw.code],
                "mechanic" if flaw.term == "mechanic" else f"terms.{flaw.term[:40]}",
            )
            for flaw in impossible.flaws[:20]
        ]
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems) from None
