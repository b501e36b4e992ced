"""What merchants add to the pipeline report: how the partnerships stand.

As of the end of the period, from the steps and the readings: a report that is written late says
what it would have said on time.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Avg, Count, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from merchants.domain import health, sell_through
from merchants.models import HealthReading, Partnership, PartnershipStage, PartnershipStep
from merchants.models.partnership_numbers import ALARMING_HEALTH

PARTNERSHIPS = "/admin/merchants/partnership/"


def partnerships_then(audience: Audience, period: Period) -> Any:
    """The partnerships that an audience is shown, with `stage_then` and `health_then`."""
    rows = Partnership.objects.visible_to(audience.viewer)
    if audience.unit_ids is not None:
        rows = rows.filter(unit__in=audience.unit_ids)
    steps = PartnershipStep.objects.filter(partnership=OuterRef("pk"), at__lt=period.end)
    readings = HealthReading.objects.filter(partnership=OuterRef("pk"), day__lte=period.last_day)
    return (
        rows.order_by()
        .annotate(
            stage_then=Subquery(steps.order_by("-at", "-pk").values("to_stage")[:1]),
            health_then=Subquery(readings.order_by("-day").values("score")[:1]),
        )
        .filter(stage_then__isnull=False)
    )


@section("partnerships", _("Partnerships"), order=55)
def partnerships(audience: Audience, period: Period) -> Table:
    """How many partnerships stand in each stage, how healthy they are, how many alarmingly little.

    Sell-through: of the live ones, the share with a qualifying sale in the period.
    """
    found = partnerships_then(audience, period)
    alarming = Q(health_then__lt=ALARMING_HEALTH.value)
    counted = {
        stage: (count, average, low)
        for stage, count, average, low in found.values_list("stage_then").annotate(
            count=Count("pk"), average=Avg("health_then"), low=Count("pk", filter=alarming)
        )
    }
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
                "link": f"{PARTNERSHIPS}?stage={stage}",
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
                link=PARTNERSHIPS,
            ),
            Figure(
                "sell_through",
                _("Sell-through"),
                sell_through.rate(selling.count(), sum(count for count, _average, _low in of_live)),
                Kind.PERCENT,
                PARTNERSHIPS,
            ),
        ),
        link=PARTNERSHIPS,
        bar="count",
    )


def _average(health_score: Decimal | None) -> str | None:
    return None if health_score is None else str(health.rounded(Fraction(health_score), 1))
