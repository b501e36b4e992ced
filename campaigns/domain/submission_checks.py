"""What a campaign must have before it can be submitted.

Each subject registers what it asks for; the page shows what is missing, and the verb refuses for
the same reasons.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.domain import campaign_money, campaign_terms, lifecycle, terms_checking
from campaigns.models import Campaign, CampaignStage, Party
from crm.errors import DomainError, Problem

type Check = Callable[[Campaign, datetime], Iterable[Problem]]
"""(campaign, moment) → what is missing. Asks a constant number of statements."""

_CHECKS: dict[str, tuple[int, Check]] = {}


def check(*, order: int) -> Callable[[Check], Check]:
    """Let a subject say what a campaign lacks before it can be submitted, the lowest order first.

    Checks stand in the domain; a module that has one is imported where campaigns begin to work
    (`campaigns/meta.py` or one of the doors).
    """

    def register(asked: Check) -> Check:
        _CHECKS[f"{asked.__module__}.{asked.__name__}"] = (order, asked)
        return asked

    return register


def missing(campaign: Campaign, *, at: datetime) -> list[Problem]:
    """All that stands in the way of submitting a campaign, in order; each reason once."""
    checks = sorted(_CHECKS.items(), key=lambda item: (item[1][0], item[0]))
    found = [problem for _name, (_order, asked) in checks for problem in asked(campaign, at)]
    asked_by_the_road = lifecycle.missing(campaign, CampaignStage.SUBMITTED, at)
    return list({problem.code: problem for problem in (*asked_by_the_road, *found)}.values())


@check(order=10)
def merchants_take_part(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """At least one merchant."""
    if not campaign.merchants.exists():
        yield Problem("merchants_missing", _("No merchant takes part in it yet."), attr="merchants")


@check(order=20)
def its_offer_can_be(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """A mechanic whose numbers make an offer, limits that can be read, shares that make the whole.
    That there is a mechanic at all, planning asks for."""
    if not campaign.mechanic:
        return
    try:
        terms_checking.terms(campaign_terms.of(campaign))
    except DomainError as refusal:
        yield from refusal.problems


@check(order=40)
def its_fund_may_pay(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """A fund that is named pays for campaigns of this unit and of these days. That one is named,
    planning asks for."""
    if campaign.fund_id is None or not campaign_money.parts_of(campaign).get(Party.BANK):
        return
    try:
        campaign_money.require_fund(campaign)
    except DomainError as refusal:
        yield from refusal.problems
