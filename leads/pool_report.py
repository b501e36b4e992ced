"""What the pool adds to the pipeline report: what goes back soon, while it can still be saved."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.models import Lead
from leads.models.lead import RECYCLED_STAGES
from leads.report_rows import LEADS, MERCHANT, OWNER, SHOWN, leads_of

AHEAD = timedelta(days=7)


@counted("going_back", Lead)
def _soon(audience: Audience, period: Period) -> Any:
    return leads_of(audience).filter(
        owner__isnull=False,
        stage__in=RECYCLED_STAGES,
        recycle_on__gt=period.last_day,
        recycle_on__lte=period.last_day + AHEAD,
    )


@section("going_back", _("Going back to the pool soon"), order=45)
def going_back(audience: Audience, period: Period) -> Table:
    """Leads whose owners were warned and that go back within a week, the soonest first. It is read
    as it stands: a lead that was saved meanwhile is no news."""
    soon = _soon(audience, period)
    link = address(LEADS, "going_back", audience, period)
    count = soon.order_by().count()
    first = soon.select_related("merchant", "owner").order_by("recycle_on", "id")[:SHOWN]
    return Table(
        columns=(MERCHANT, OWNER, Column("goes_back_on", _("Goes back on"), Kind.DAY)),
        rows=[
            {
                "link": f"{LEADS}{lead.pk}/change/",
                "merchant": lead.merchant.name,
                "owner": lead.owner.full_name if lead.owner else "",
                "goes_back_on": lead.recycle_on,
            }
            for lead in first
        ],
        figures=(Figure("going_back", _("Going back to the pool soon"), count, link=link),)
        if count
        else (),
        link=link,
        left_out=max(0, count - SHOWN),
    )
