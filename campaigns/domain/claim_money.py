"""Where the money of claims comes from: the bank's pot of the campaign.

It leaves the pot when a claim is approved, so that no more is ever approved than there is, and
comes back when what was paid is taken back. Each of it happens once, whatever is sent twice.
"""

from datetime import datetime

from campaigns.domain import campaign_money
from campaigns.models import Claim, Party
from crm.actors import Actor


def spend(claim: Claim, *, by: Actor, at: datetime) -> None:
    """Take what was approved out of the pot. Raises BudgetExceeded."""
    campaign_money.consume(
        claim.campaign, _part(claim), key=f"claim:{claim.pk}:approved", by=by, at=at
    )


def give_back(claim: Claim, *, by: Actor, at: datetime) -> None:
    """Put back what the merchant returns."""
    campaign_money.give_back(
        claim.campaign, _part(claim), key=f"claim:{claim.pk}:clawed-back", by=by, at=at
    )


def _part(claim: Claim) -> dict[str, int]:
    return {str(Party.BANK): claim.amount_approved_fen or 0}
