"""What the tick looks after in campaigns."""

from datetime import datetime

from campaigns.domain import (
    approval_tiers,
    approvals,
    budget_alerts,
    campaign_ticking,
    outcome_filing,
    reconciliation,
    reservations,
)
from crm.domain import ticking


@ticking.step
def every_bank_has_approval_tiers(at: datetime) -> None:
    """A bank that set no tier of its own works by those that it starts with."""
    approval_tiers.make_missing(at=at)


@ticking.step
def approvals_that_nothing_comes_of(at: datetime) -> None:
    """What was asked for a campaign that was called off or is over is taken back."""
    approvals.lapse_all(at=at)


@ticking.step
def budgets_agree_with_the_ledger(at: datetime) -> None:
    """Budgets are compared with the ledger once a day; one that differs is frozen."""
    reconciliation.reconcile_due(at=at)


@ticking.step
def budgets_that_run_out(at: datetime) -> None:
    """Whoever looks after a budget is told when much of it is used."""
    budget_alerts.tell(at=at)


@ticking.step
def campaigns_start(at: datetime) -> None:
    """What is scheduled and ready starts on its first day."""
    campaign_ticking.start_due(at=at)


@ticking.step
def campaigns_end(at: datetime) -> None:
    """What runs ends after its last day."""
    campaign_ticking.end_due(at=at)


@ticking.step
def campaigns_pause(at: datetime) -> None:
    """What cannot pay for another purchase pauses."""
    campaign_ticking.pause_spent(at=at)


@ticking.step
def campaigns_return_money(at: datetime) -> None:
    """What is left goes back once no claim may come any more."""
    campaign_ticking.return_due_money(at=at)


OUTCOMES_RECKONED = 200
"""Outcomes that one tick reckons at the most; the next tick goes on."""


@ticking.step
def reckon_outcomes(at: datetime) -> None:
    """Open outcomes, once a day, with the redemptions that came in."""
    outcome_filing.reckon_due(at=at, most=OUTCOMES_RECKONED)


@ticking.step
def reservations_let_go(at: datetime) -> None:
    """What was authorised and never cleared holds no money any more."""
    reservations.sweep(at=at)
