"""By when a statement is paid.

Pure: days in, a day out. Source: domain page, 5.6 (保障中小企业款项支付条例 2025, Art. 9 and 10):
with periodic settlement the time to pay runs from the day on which both sides confirm the amount,
is at most 60 days, does not wait for anybody else's money, and runs all the same where the payer is
slow to accept.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

LONGEST_DAYS = 60


class Basis(StrEnum):
    """What the agreed days are counted from."""

    STATEMENT = "statement"
    INVOICE = "invoice"
    MONTH_END = "month_end"


def clock_from(confirmed_on: date, *, received_on: date | None, acceptance_days: int) -> date:
    """The day from which the time to pay runs: the confirmation; or, where the merchant had handed
    in its own list, at the latest so many days after that."""
    if received_on is None:
        return confirmed_on
    return min(confirmed_on, received_on + timedelta(days=acceptance_days))


def due_on(
    clock: date, days: int, *, basis: str = Basis.STATEMENT, invoice_received_on: date | None = None
) -> date:
    """The last day to pay: the agreed days from what they are counted from, and never later than
    60 days after the clock began. Before an invoice is there, those 60 days are the last."""
    latest = clock + timedelta(days=LONGEST_DAYS)
    match basis:
        case Basis.INVOICE:
            begins = invoice_received_on
        case Basis.MONTH_END:
            begins = clock.replace(day=monthrange(clock.year, clock.month)[1])
        case _:
            begins = clock
    return latest if begins is None else min(begins + timedelta(days=days), latest)
