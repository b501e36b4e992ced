"""The official days of autumn 2026: what is off, and which weekend days are worked for it."""

from datetime import date, datetime, timedelta

from crm.domain import calendar
from crm.domain.working_days import WorkingDays
from crm.models import SpecialDay

OFF = [
    *(date(2026, 9, 25) + timedelta(days=n) for n in range(3)),
    *(date(2026, 10, 1) + timedelta(days=n) for n in range(7)),
]
WORKED = [date(2026, 9, 20), date(2026, 10, 10)]
OCTOBER = WorkingDays({**dict.fromkeys(OFF, False), **dict.fromkeys(WORKED, True)})


def keep(at: datetime) -> None:
    """Put them into the bank's calendar."""
    SpecialDay.objects.bulk_create(
        SpecialDay(day=day, is_working_day=worked, name="…", created_at=at, updated_at=at)
        for day, worked in OCTOBER.special.items()
    )
    calendar.forget()
