"""What the needs interview adds to the pipeline report: how far the pains are, and where stuck.

As of the end of the period, like every section: the steps of a pain are kept.
"""

from typing import Any

from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.models import GridColumn, Pain, PainStatus, PainStep
from leads.models.grid_words import COSTED

PAINS = "/admin/leads/pain/"


def pains_of(audience: Audience) -> Any:
    """The pains that an audience is shown."""
    return audience.narrow(
        Pain.objects.visible_to(audience.viewer), unit="merchant__unit", owner="merchant__owner"
    )


@section("nine_grid", _("Nine-grid progress"), order=46)
def progress(audience: Audience, period: Period) -> Table:
    """How many pains stand on each rung, and how many came to it in the period."""
    pains = pains_of(audience)
    standing = dict(
        pains.as_of(period.end).order_by().values_list("status_then").annotate(count=Count("pk"))
    )
    steps = (
        PainStep.objects.between(period.start, period.end)
        .filter(pain__in=pains.order_by().values("pk"))
        .exclude(from_status=F("to_status"))
        .order_by()
    )
    came = dict(steps.values_list("to_status").annotate(count=Count("pain", distinct=True)))
    newly = steps.filter(to_status__in=COSTED).exclude(from_status__in=COSTED)
    newly_critical = newly.aggregate(count=Count("pain", distinct=True))["count"]
    rows = [
        {
            "link": f"{PAINS}?status={rung}",
            "status": rung.label,
            "count": standing.get(rung, 0),
            "entered": came.get(rung, 0),
        }
        for rung in PainStatus
    ]
    link = f"{PAINS}?status={PainStatus.CRITICAL}"
    return Table(
        columns=(
            Column("status", pgettext_lazy("nine-grid", "Status")),
            Column("count", _("Pains"), Kind.COUNT),
            Column("entered", _("Came in"), Kind.COUNT),
        ),
        rows=rows if any(row["count"] or row["entered"] for row in rows) else [],
        figures=(Figure("newly_critical", _("Newly critical"), newly_critical, link=link),)
        if newly_critical
        else (),
        link=PAINS,
        bar="count",
    )


@section("nine_grid_stuck", _("Where interviews are stuck"), order=47)
def stuck(audience: Audience, period: Period) -> Table:
    """The columns whose agreement is missing, the one that holds up most pains first."""
    counts = dict(
        pains_of(audience)
        .as_of(period.end)
        .order_by()
        .values_list("stuck_then")
        .annotate(count=Count("pk"))
    )
    found = sorted(GridColumn, key=lambda column: -counts.get(column, 0))
    return Table(
        columns=(Column("column", _("Column")), Column("count", _("Pains"), Kind.COUNT)),
        rows=[
            {
                "link": f"{PAINS}?stuck_column={column}",
                "column": column.label,
                "count": counts[column],
            }
            for column in found
            if counts.get(column)
        ],
        link=PAINS,
        bar="count",
    )
