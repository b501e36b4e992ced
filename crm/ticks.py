"""What every tick looks after of what colleagues are told."""

from datetime import datetime

from crm.domain import held_notices, ticking


@ticking.step
def say_held_notices(at: datetime) -> None:
    """Say what waited for the morning, once it has come."""
    ticking.for_a_while(lambda: held_notices.say_due(at=at))
