"""What every tick looks after in this room."""

from datetime import datetime

from crm.domain import ticking
from merchants.domain import retention


@ticking.step
def keep_no_longer_than_promised(at: datetime) -> None:
    """People's data whose time is over are erased, or restricted while a law keeps them."""
    while retention.settle_overdue(at=at):
        pass
