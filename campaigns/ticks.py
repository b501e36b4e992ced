"""What the tick looks after in campaigns."""

from datetime import datetime

from campaigns.domain import outcome_filing
from crm.domain import ticking

OUTCOMES_RECKONED = 200
"""Outcomes that one tick reckons at the most; the next tick goes on."""


@ticking.step
def reckon_outcomes(at: datetime) -> None:
    """Open outcomes, once a day, with the redemptions that came in."""
    outcome_filing.reckon_due(at=at, most=OUTCOMES_RECKONED)
