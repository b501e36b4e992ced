"""Where the money of claims comes from: the bank's pot of the campaign."""

from datetime import datetime

from campaigns.models import Claim
from crm.actors import Actor


def spend(claim: Claim, *, by: Actor, at: datetime) -> None:
    """Take what was approved out of the pot, once."""


def give_back(claim: Claim, *, by: Actor, at: datetime) -> None:
    """Put back what is taken back from the merchant, once."""
