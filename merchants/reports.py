"""What merchants add to the pipeline report: how the partnerships stand.

As of the end of the period, from the steps and the readings: a report that is written late says
what it would have said on time.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from merchants import renewal_report
from merchants.domain import health, sell_through
from merchants.models import Partnership, PartnershipStage
from merchants.models.partnership_numbers import ALARMING_HEALTH
from merchants.partnerships_then import PARTNERSHIPS, partnerships_then

__all__ = ["renewal_report"]
"""Sections with a module of their own; they are found through this one."""


@counted("partnerships_alarming", Partnership)
def _alarming(audience: Audience, period: Period) -> Any:
    return partnerships_then(audience, period).filter(
        stage_then__in=sell_through.LIVE, health_then__lt=ALARMING_HEALTH.value
    )


@section("partnerships", _("Partnerships"), order=55)
def partnerships(audience: Audience, period: Period) -> Table:
    """How many partnerships stand in each stage, how healthy they are, how many alarmingly little.

    Sell-through: of the live ones, the share with a qualifying sale in the period.
    """
    found = partnerships_then(audience, period)
    counted = _counted(found.values_list("stage_then", "health_then").annotate(count=Count("pk")))
    if not counted:
        return Table(columns=())
    live = found.filter(stage_then__in=sell_through.LIVE)
    selling = sell_through.selling(
        live, first=period.start.astimezone(period.zone).date(), last=period.last_day
    )
    of_live = [counted.get(stage, (0, None, 0)) for stage in sell_through.LIVE]
    return Table(
        columns=(
            Column("stage", _("Stage")),
            Column("count", _("Partnerships"), Kind.COUNT),
            Column("health", _("Average health")),
            Column("alarming", _("Health below 60"), Kind.COUNT),
        ),
        rows=[
            {
                "link": audience.address(PARTNERSHIPS, f"stage={stage}"),
                "stage": stage.label,
                "count": counted[stage][0],
                "health": _average(counted[stage][1]),
                "alarming": counted[stage][2],
            }
            for stage in PartnershipStage
            if stage in counted
        ],
        figures=(
            Figure(
                "alarming",
                _("Partnerships with a health below 60"),
                sum(low for _count, _average, low in of_live),
                link=address(PARTNERSHIPS, "partnerships_alarming", audience, period),
            ),
            Figure(
                "sell_through",
                _("Sell-through"),
                sell_through.rate(selling.count(), sum(count for count, _average, _low in of_live)),
                Kind.PERCENT,
            ),
        ),
        link=audience.address(PARTNERSHIPS),
        bar="count",
    )


def _counted(
    rows: Iterable[tuple[str, Decimal | None, int]],
) -> dict[str, tuple[int, Fraction | None, int]]:
    """For each stage how many there are, their average health, and how many are alarmingly low,
    from the number of each health score: its reading is looked up once for each partnership."""
    scores: dict[str, list[tuple[Decimal | None, int]]] = defaultdict(list)
    for stage, score, count in rows:
        scores[stage].append((score, count))
    return {stage: _together(of_stage) for stage, of_stage in scores.items()}


def _together(scores: list[tuple[Decimal | None, int]]) -> tuple[int, Fraction | None, int]:
    known = [(Fraction(score), count) for score, count in scores if score is not None]
    measured = sum(count for _score, count in known)
    whole = sum((score * count for score, count in known), Fraction(0))
    return (
        sum(count for _score, count in scores),
        whole / measured if measured else None,
        sum(count for score, count in known if score < ALARMING_HEALTH.value),
    )


def _average(health_score: Fraction | None) -> str | None:
    return None if health_score is None else str(health.rounded(health_score, 1))
