"""Whose partnerships the report shows, as they were at its end."""

from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Subquery, When

from crm.sections import Audience, Period
from merchants.models import HealthReading, Partnership, PartnershipStep

PARTNERSHIPS = "/admin/merchants/partnership/"


def partnerships_then(audience: Audience, period: Period) -> Any:
    """The partnerships that an audience is shown, with `stage_then` and `health_then`."""
    rows = audience.narrow(
        Partnership.objects.visible_to(audience.viewer), unit="unit", owner="merchant__owner"
    )
    steps = PartnershipStep.objects.filter(partnership=OuterRef("pk"), at__lt=period.end)
    readings = HealthReading.objects.filter(partnership=OuterRef("pk"), day__lte=period.last_day)
    return (
        rows.order_by()
        .annotate(
            # Every step says since when: only what moved since is looked up.
            stage_then=Case(
                When(stage_entered_at__lt=period.end, then=F("stage")),
                default=Subquery(steps.order_by("-at", "-pk").values("to_stage")[:1]),
                output_field=CharField(null=True),
            ),
            health_then=Subquery(readings.order_by("-day").values("score")[:1]),
        )
        .filter(stage_then__isnull=False)
    )
