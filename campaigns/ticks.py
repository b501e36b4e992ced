"""What the tick looks after in campaigns."""

from datetime import datetime

from campaigns.domain import reservations
from crm.domain import ticking


@ticking.step
def reservations_let_go(at: datetime) -> None:
    """What was authorised and never cleared holds no money any more."""
    reservations.sweep(at=at)
