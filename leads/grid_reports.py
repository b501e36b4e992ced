"""What the needs interview adds to the pipeline report: how far the pains are, and where stuck.

As of the end of the period, like every section: the steps of a pain are kept.
"""

from typing import Any

from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.models import GridColumn, Pain, PainStatus, PainStep
from leads.models.grid_words import COSTED

PAINS = "/admin/leads/pain/"


def pains_of(audience: Audience) -> Any:
    """The pains that an audience is shown."""
    return audience.narrow(
        Pain.objects.visible_to(audience.viewer), unit="merchant__unit", owner="merchant__owner"
    )


def _standing(audience: Audience, period: Period) -> Any:
    return pains_of(audience).as_of(period.end).order_by()


def _newly_critical(audience: Audience, period: Period) -> Any:
    """The steps of the period by which a pain became critical."""
    steps = _steps(audience, period).filter(to_status__in=COSTED)
    return steps.exclude(from_status__in=COSTED)


def _steps(audience: Audience, period: Period) -> Any:
    return (
        PainStep.objects.between(period.start, period.end)
        .filter(pain__in=pains_of(audience).order_by().values("pk"))
        .exclude(from_status=F("to_status"))
        .order_by()
    )


@counted("pains", Pain)
def _pains(audience: Audience, period: Period) -> Any:
    return _standing(audience, period)


@counted("pains_newly_critical", Pain)
def _pains_newly_critical(audience: Audience, period: Period) -> Any:
    return Pain.objects.filter(pk__in=_newly_critical(audience, period).values("pain"))


def _on_rung(rung: PainStatus) -> Any:
    def rows(audience: Audience, period: Period) -> Any:
        return _standing(audience, period).filter(status_then=rung)

    return rows


def _stuck_in(column: GridColumn) -> Any:
    def rows(audience: Audience, period: Period) -> Any:
        return _standing(audience, period).filter(stuck_then=column)

    return rows


for _rung in PainStatus:
    counted(f"pains_{_rung}", Pain)(_on_rung(_rung))
for _column in GridColumn:
    counted(f"pains_stuck_{_column}", Pain)(_stuck_in(_column))


@section("nine_grid", _("Nine-grid progress"), order=46)
def progress(audience: Audience, period: Period) -> Table:
    """How many pains stand on each rung, and how many came to it in the period."""
    standing = dict(
        _standing(audience, period).values_list("status_then").annotate(count=Count("pk"))
    )
    came = dict(
        _steps(audience, period)
        .values_list("to_status")
        .annotate(count=Count("pain", distinct=True))
    )
    newly_critical = _newly_critical(audience, period).aggregate(
        count=Count("pain", distinct=True)
    )["count"]
    rows = [
        {
            "link": address(PAINS, f"pains_{rung}", audience, period),
            "status": rung.label,
            "count": standing.get(rung, 0),
            "entered": came.get(rung, 0),
        }
        for rung in PainStatus
    ]
    link = address(PAINS, "pains_newly_critical", audience, period)
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
        link=address(PAINS, "pains", audience, period),
        bar="count",
    )


@section("nine_grid_stuck", _("Where interviews are stuck"), order=47)
def stuck(audience: Audience, period: Period) -> Table:
    """The columns whose agreement is missing, the one that holds up most pains first."""
    counts = dict(_standing(audience, period).values_list("stuck_then").annotate(count=Count("pk")))
    found = sorted(GridColumn, key=lambda column: -counts.get(column, 0))
    return Table(
        columns=(Column("column", _("Column")), Column("count", _("Pains"), Kind.COUNT)),
        rows=[
            {
                "link": address(PAINS, f"pains_stuck_{column}", audience, period),
                "column": column.label,
                "count": counts[column],
            }
            for column in found
            if counts.get(column)
        ],
        link=address(PAINS, "pains", audience, period),
        bar="count",
    )
