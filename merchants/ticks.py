"""What every tick looks after among merchants."""

from datetime import datetime

from crm.domain import ticking
from merchants.domain import partnership_edges


@ticking.step
def partnerships_take_due_steps(at: datetime) -> None:
    """Into renewal, into wavering."""
    partnership_edges.take_due_steps(at=at)
