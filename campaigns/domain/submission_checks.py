"""What a campaign must have before it can be submitted.

Each subject registers what it asks for; the page shows what is missing, and the verb refuses for
the same reasons.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils import timezone
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
    """All that stands in the way of submitting a campaign, in order."""
    checks = sorted(_CHECKS.items(), key=lambda item: (item[1][0], item[0]))
    found = [problem for _name, (_order, asked) in checks for problem in asked(campaign, at)]
    return [*found, *lifecycle.missing(campaign, CampaignStage.SUBMITTED, at)]


@check(order=10)
def merchants_take_part(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """At least one merchant."""
    if not campaign.merchants.exists():
        yield Problem("merchants_missing", _("No merchant takes part in it yet."), attr="merchants")


@check(order=20)
def there_is_an_offer(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """A mechanic whose numbers make an offer, and limits that can be read."""
    if not campaign.mechanic:
        yield Problem("offer_missing", _("It has no offer yet."), attr="mechanic")
        return
    try:
        terms_checking.terms(campaign_terms.of(campaign))
    except DomainError as refusal:
        yield from refusal.problems


@check(order=30)
def its_days_are_to_come(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """It does not end before anybody can take part."""
    if campaign.ends_on < timezone.localdate(at):
        yield Problem("campaign_over", _("Its last day is over already."), attr="ends_on")


@check(order=40)
def the_bank_pays_from_a_fund(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """What the bank pays comes out of a fund that may pay for this campaign."""
    if not campaign_money.parts_of(campaign).get(Party.BANK):
        return
    try:
        campaign_money.require_fund(campaign)
    except DomainError as refusal:
        yield from refusal.problems
