"""What the tick looks after in campaigns."""

from datetime import datetime

from campaigns.domain import approval_tiers, approvals
from crm.domain import ticking


@ticking.step
def every_bank_has_approval_tiers(at: datetime) -> None:
    """A bank that set no tier of its own works by those that it starts with."""
    approval_tiers.make_missing(at=at)


@ticking.step
def approvals_that_nothing_comes_of(at: datetime) -> None:
    """What was asked for a campaign that was called off or is over is taken back."""
    approvals.lapse_all(at=at)
