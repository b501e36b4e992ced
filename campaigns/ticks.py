"""What the tick looks after in campaigns."""

from datetime import datetime

from campaigns.domain import budget_alerts, reconciliation
from crm.domain import ticking


@ticking.step
def budgets_agree_with_the_ledger(at: datetime) -> None:
    """Budgets are compared with the ledger once a day; one that differs is frozen."""
    reconciliation.reconcile_due(at=at)


@ticking.step
def budgets_that_run_out(at: datetime) -> None:
    """Whoever looks after a budget is told when much of it is used."""
    budget_alerts.tell(at=at)
