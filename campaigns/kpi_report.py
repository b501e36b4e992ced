"""What indicators add to the pipeline report: targets, and how far they are in step with time."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.domain import targets
from campaigns.domain.targets import Progress
from campaigns.models import Indicator, Target
from crm.domain import calendar
from crm.presentation import money
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
MOST = 500
"""Targets that are reckoned; more of them run at once in no bank."""
TARGETS = "/admin/campaigns/target/"


def _running(audience: Audience, period: Period) -> list[Progress]:
    """The targets that ran on the last day of the period, with their pace, furthest behind first.
    Targets are those of units; one's own book has none."""
    if audience.owner_id is not None:
        return []
    on = period.last_day
    rows = Target.objects.visible_to(audience.viewer).filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gte=period.end),
        created_at__lt=period.end,
        first_day__lte=on,
        last_day__gte=on,
    )
    if audience.unit_ids is not None:
        rows = rows.filter(unit__in=audience.unit_ids)
    found = list(rows.select_related("unit").order_by("last_day", "id")[:MOST])
    if not found:
        return []
    reckoned = targets.progress(found, calendar.load(), on=on)
    return sorted((one for one in reckoned if one.pace is not None), key=_rate)


@counted("targets", Target)
def _targets(audience: Audience, period: Period) -> Any:
    found = [one.target.pk for one in _running(audience, period)]
    return Target.objects.filter(pk__in=found)


@counted("targets_behind", Target)
def _targets_behind(audience: Audience, period: Period) -> Any:
    found = [one.target.pk for one in _running(audience, period) if _is_behind(one)]
    return Target.objects.filter(pk__in=found)


@section("kpi_targets", _("KPIs against paced targets"), order=75)
def against_targets(audience: Audience, period: Period) -> Table:
    """The targets that ran on the last day of the period, those furthest behind first.

    The paced rate is what was reached over the part of the target that the elapsed days ask for.
    """
    reckoned = _running(audience, period)
    if not reckoned:
        return Table(columns=())
    link = address(TARGETS, "targets", audience, period)
    late = address(TARGETS, "targets_behind", audience, period)
    behind = sum(_is_behind(one) for one in reckoned)
    return Table(
        columns=(
            Column("unit", _("Unit")),
            Column("indicator", _("Indicator")),
            Column("target", _("Target")),
            Column("reached", pgettext_lazy("target", "Reached")),
            Column("paced_rate", _("Paced rate"), Kind.PERCENT),
            Column("achieved", _("Achieved"), Kind.PERCENT),
            Column("last_day", _("Until"), Kind.DAY),
        ),
        rows=[_row(one) for one in reckoned[:SHOWN]],
        figures=(
            Figure("targets", _("Targets running"), len(reckoned), link=link),
            Figure("behind", _("Targets behind their pace"), behind, link=late),
        ),
        link=link,
        left_out=max(0, len(reckoned) - SHOWN),
    )


def _rate(one: Progress) -> Any:
    assert one.pace is not None
    # Those whose time has not begun have no rate, and stand last.
    return (one.pace.paced_rate is None, one.pace.paced_rate or 0, str(one.target.pk))


def _is_behind(one: Progress) -> bool:
    rate = one.pace.paced_rate if one.pace else None
    return rate is not None and rate < 100


def _row(one: Progress) -> dict[str, Any]:
    assert one.pace is not None
    target, pace = one.target, one.pace
    return {
        "link": f"/admin/kpis/?unit={target.unit_id}",
        "unit": target.unit.name,
        "indicator": target.get_indicator_display(),
        "target": shown(target.indicator, target.value),
        "reached": shown(target.indicator, pace.actual),
        "paced_rate": _basis_points(pace.paced_rate),
        "achieved": _basis_points(pace.achieved),
        "last_day": target.last_day,
    }


def shown(indicator: str, value: int) -> str:
    """A value of an indicator as people read it."""
    return money(value) if indicator == Indicator.SPEND else f"{value:,}"


def _basis_points(rate: Any) -> int | None:
    return None if rate is None else int(rate * 100)
