"""When a lead is stale: no activity *and* too long in its stage, counted in working days."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.domain.working_days import WorkingDays
from leads.models import Stage
from leads.models.stages import STAGE_LIMITS


def resting_since(
    last_day: date, *, zone: ZoneInfo, calendar: WorkingDays
) -> dict[Stage, datetime]:
    """For each stage the moment since which nothing has happened with a lead that is stale at the
    end of a day: more working days ago than a lead may stay there."""
    following = last_day + timedelta(days=1)
    return {
        stage: datetime.combine(calendar.before(following, limit + 1), time(), zone)
        for stage, limit in STAGE_LIMITS.items()
    }
