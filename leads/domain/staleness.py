"""When a lead is stale: no activity *and* too long in its stage, counted in working days."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.domain import calendar as calendars
from crm.domain.working_days import WorkingDays
from leads.models import Stage
from leads.models.lead import LeadQuerySet
from leads.models.pipeline_parameters import stage_limits


def stale_now(leads: LeadQuerySet, *, at: datetime) -> LeadQuerySet:
    """Of these leads the ones that are stale at the end of today, as the report counts them."""
    since = resting_since(
        timezone.localdate(at),
        zone=ZoneInfo(timezone.get_current_timezone_name()),
        calendar=calendars.load(),
    )
    return leads.stale(since)


def resting_since(
    last_day: date,
    *,
    zone: ZoneInfo,
    calendar: WorkingDays,
    limits: Mapping[Stage, int] | None = None,
) -> dict[Stage, datetime]:
    """For each stage the moment since which nothing has happened with a lead that is stale at the
    end of a day: more working days ago than a lead may stay there.

    The limits are those that are set now, unless others are given. Nothing that is not written into
    a stage or an activity counts: a corrected value or phone keeps no lead fresh.
    """
    following = last_day + timedelta(days=1)
    return {
        stage: datetime.combine(calendar.before(following, limit + 1), time(), zone)
        for stage, limit in (limits or stage_limits()).items()
    }
