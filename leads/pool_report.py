"""What the pool adds to the pipeline report: what goes back soon, while it can still be saved."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, DateField, DateTimeField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat, Right
from django.utils.translation import gettext_lazy as _

from crm.models import Reminder, ReminderState
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.domain.ownership import warning_key
from leads.models import Lead
from leads.models.lead import RECYCLED_STAGES
from leads.report_rows import LEADS, MERCHANT, OWNER, SHOWN, leads_then

AHEAD = 7
"""Days."""
_SOMEBODY = UUID(int=0)


@section("going_back", _("Going back to the pool soon"), order=45)
def going_back(audience: Audience, period: Period) -> Table:
    """Leads whose owners were warned, that go back within a week and that nobody had saved by the
    end of the period, the soonest first."""
    soon = _warned(audience, period)
    link = address(LEADS, "going_back", audience, period)
    count = soon.count()
    first = soon.select_related("merchant").order_by("goes_back_on", "id")[:SHOWN]
    return Table(
        columns=(MERCHANT, OWNER, Column("goes_back_on", _("Goes back on"), Kind.DAY)),
        rows=[
            {
                "link": f"{LEADS}{lead.pk}/change/",
                "merchant": lead.merchant.name,
                "owner": lead.owner_name_then or "",
                "goes_back_on": lead.goes_back_on,
            }
            for lead in first
        ],
        figures=(Figure("going_back", _("Going back to the pool soon"), count, link=link),)
        if count
        else (),
        link=link,
        left_out=max(0, count - SHOWN),
    )


@counted("going_back", Lead)
def _warned(audience: Audience, period: Period) -> Any:
    """The leads with `goes_back_on`, the day that stood at the end of the period: the row has only
    today's, and the warnings keep those before. What was done after a warning saved the lead."""
    days = [period.last_day + timedelta(days=number) for number in range(1, AHEAD + 1)]
    warnings = (
        Reminder.objects.filter(key__in=[_key(day) for day in days], created_at__lt=period.end)
        .exclude(state=ReminderState.CANCELLED, updated_at__lt=period.end)
        .order_by("-key")
    )
    leads = leads_then(audience, period).filter(
        Q(recycle_on__in=days) | Q(updated_at__gte=period.end),
        stage_then__in=RECYCLED_STAGES,
        owner_then__isnull=False,
    )
    return leads.annotate(
        goes_back_on=Subquery(
            warnings.annotate(day=Cast(Right("key", 10), DateField())).values("day")[:1]
        ),
        warned_at=Subquery(warnings.values("created_at")[:1], output_field=DateTimeField()),
    ).filter(active_then__lte=F("warned_at"), entered_then__lte=F("warned_at"))


def _key(day: Any) -> Any:
    """The key of a lead's warning of a day, in the words of whoever plans it."""
    before, _lead, after = warning_key(_SOMEBODY, day).partition(str(_SOMEBODY))
    lead = Cast(OuterRef("pk"), CharField())
    return Concat(Value(before), lead, Value(after), output_field=CharField())
