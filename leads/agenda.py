"""What leads put into the calendars of their people: follow-ups and visits."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import parameters
from crm.domain import agenda
from crm.domain.agenda import Entry
from crm.models import User
from leads.models import FollowUp, Visit, VisitState

_GROUP = gettext_lazy("Calendar")

FOLLOW_UP_MINUTES = parameters.number(
    "leads.calendar.follow_up_minutes",
    gettext_lazy("Minutes that a follow-up takes in the calendar"),
    30,
    least=5,
    most=240,
    group=_GROUP,
)
VISIT_MINUTES = parameters.number(
    "leads.calendar.visit_minutes",
    gettext_lazy("Minutes that a visit takes in the calendar"),
    60,
    least=5,
    most=480,
    group=_GROUP,
)
IN_THE_CALENDAR = (VisitState.PLANNED, VisitState.CHECKED_IN, VisitState.CHECKED_OUT)


@agenda.source
def follow_ups(user: User, first: datetime, last: datetime) -> Iterable[Entry]:
    """One's open promises, at the hour at which they are due."""
    rows = FollowUp.objects.open().owned_by(user).filter(due_at__range=(first, last))
    for row in rows.select_related("merchant").order_by("due_at", "id")[: agenda.MOST]:
        yield Entry(
            key=f"follow-up:{row.pk}",
            version=row.version,
            changed_at=row.updated_at,
            starts=row.due_at,
            minutes=FOLLOW_UP_MINUTES.value,
            title=_("Follow-up: %(merchant)s") % {"merchant": row.merchant.name},
            details=row.title,
            place="",
            link=reverse("admin:leads_followup_change", args=[row.pk]),
            is_busy=False,
        )


@agenda.source
def visits(user: User, first: datetime, last: datetime) -> Iterable[Entry]:
    """One's visits, planned and made; without an hour they take the day."""
    bank = ZoneInfo(settings.TIME_ZONE)
    days = timezone.localdate(first, bank), timezone.localdate(last, bank)
    rows = Visit.objects.owned_by(user).filter(state__in=IN_THE_CALENDAR).between(*days)
    for row in rows.select_related("merchant", "outlet").in_order()[: agenda.MOST]:
        at_time = row.planned_time
        yield Entry(
            key=f"visit:{row.pk}",
            version=row.version,
            changed_at=row.updated_at,
            starts=datetime.combine(row.planned_for, at_time, bank) if at_time else row.planned_for,
            minutes=VISIT_MINUTES.value,
            title=_("Visit: %(merchant)s") % {"merchant": row.merchant.name},
            details=row.purpose,
            place=_where(row),
            link=reverse("admin:leads_visit_change", args=[row.pk]),
            is_busy=at_time is not None,
        )


def _where(visit: Visit) -> str:
    outlet = visit.outlet
    return ", ".join(part for part in (outlet.name, outlet.address) if part) if outlet else ""
