"""What the tick looks after: visits nobody made, and what is kept no longer than was promised."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.actors import SYSTEM
from crm.command import command
from leads.domain.visit_parameters import MOOD_MONTHS, POSITION_DAYS
from leads.models import Activity, Visit, VisitState
from leads.models.visit import VisitQuerySet
from merchants.domain import timeline

log = structlog.get_logger()

BATCH = 200

MISSED = timeline.kind("visit.missed", _("Visit missed"), _("The visit of %(day)s was not made."))


def bank_day(at: datetime) -> date:
    """The day by the bank's clock."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def mark_missed(*, at: datetime) -> int:
    """Planned visits of days that are over count as missed. A check-in that a phone sends late
    still makes them visits. Returns how many."""
    with transaction.atomic():
        overlooked = Visit.objects.overlooked(bank_day(at)).order_by("planned_for", "id")
        free = overlooked.select_for_update(of=("self",), no_key=True, skip_locked=True)
        marked = 0
        for visit in free[:BATCH]:
            try:
                with transaction.atomic():
                    _miss(visit, at=at)
            except DatabaseError:
                log.exception("visit_not_marked", visit=str(visit.pk))
                continue
            marked += 1
        return marked


def _miss(visit: Visit, *, at: datetime) -> None:
    visit.change(at=at, state=VisitState.MISSED)
    timeline.record(
        MISSED,
        merchant_id=visit.merchant_id,
        subject_id=visit.pk,
        by=SYSTEM,
        at=at,
        day=visit.planned_for.isoformat(),
    )


@command
def forget_positions(*, at: datetime) -> int:
    """Erase where colleagues were longer ago than positions are kept. Returns how many."""
    old = Visit.objects.with_position_before(at - timedelta(days=POSITION_DAYS.value))
    free = old.order_by("checked_in_at", "id").select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    some = list(free.values_list("pk", flat=True)[:BATCH])
    return erase_positions(Visit.objects.filter(pk__in=some), at=at)


def erase_positions(visits: VisitQuerySet, *, at: datetime) -> int:
    """Erase positions; how far it was to the outlet stays."""
    ids = list(visits.for_change().values_list("pk", flat=True))
    erased = Visit.objects.filter(pk__in=ids)
    return erased.update(
        latitude=None, longitude=None, accuracy_m=None, version=F("version") + 1, updated_at=at
    )


@command
def forget_moods(*, at: datetime) -> int:
    """Erase how people took contacts longer ago than moods are kept. Returns how many."""
    day = bank_day(at)
    old = Activity.objects.with_mood_before(
        datetime.combine(
            months_before(day, MOOD_MONTHS.value),
            at.astimezone(ZoneInfo(settings.TIME_ZONE)).timetz(),
        )
    )
    free = old.order_by("occurred_at", "id").select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    some = list(free.values_list("pk", flat=True)[:BATCH])
    return Activity.objects.filter(pk__in=some).update(
        mood=None, version=F("version") + 1, updated_at=at
    )


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month if it has no such day."""
    whole = day.year * 12 + day.month - 1 - months
    year, month = divmod(whole, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(1))
