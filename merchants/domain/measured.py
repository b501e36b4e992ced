"""What the steps of a partnership take from its figures, where there are any.

Whatever stands in the figures counts and needs no paper; of a partnership without figures nothing
is said here, and the evidence that people put on file decides.
"""

from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum
from django.utils import timezone

from merchants.domain import partnership_facts, wavering
from merchants.models import HealthReading, Partnership, SalesDay, StepReason
from merchants.models.partnership import PartnershipQuerySet
from merchants.models.partnership_numbers import SILENT_DAYS

_DAY = timedelta(days=1)


@wavering.wavering_rule(StepReason.NO_SALES)
def silent(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    """Sales are filed, but none of the last 30 whole days has a qualifying one.

    Whoever came back to active is given as many days, or it would waver again at once.
    """
    today = timezone.localdate(at)
    first = today - SILENT_DAYS.value * _DAY
    filed = SalesDay.objects.order_by().filter(partnership=OuterRef("pk"))
    return rows.filter(
        Exists(filed.filter(day__lt=first)),
        ~Exists(filed.filter(day__gte=first, qualifying_sales__gte=1)),
        evidence_since__lte=at - SILENT_DAYS.value * _DAY,
    )


@partnership_facts.supplies_silence
def days_without_a_sale(partnership: Partnership, at: datetime) -> int | None:
    """Whole days since the last qualifying sale, or since the first day that was filed at all."""
    found = SalesDay.objects.filter(partnership=partnership).aggregate(
        first=Min("day"), last=Max("day", filter=Q(qualifying_sales__gte=1))
    )
    if found["first"] is None:
        return None
    today = timezone.localdate(at)
    first: date = found["first"]
    last: date | None = found["last"]
    return max(0, (today - first).days if last is None else (today - last).days - 1)


@partnership_facts.supplies_health
def healthy_since(partnership: Partnership, score: int, days: int, at: datetime) -> bool | None:
    """Whether each of the last so many days was reckoned and none was below the score.

    The days end with the newest reading, of today or of yesterday if today is not reckoned yet.
    """
    today = timezone.localdate(at)
    readings = HealthReading.objects.filter(partnership=partnership).order_by()
    newest = (
        readings.between(today - days * _DAY, today)
        .filter(score__isnull=False)
        .aggregate(newest=Max("day"))["newest"]
    )
    if newest is None:
        return None
    if newest < today - _DAY:
        return False
    good = readings.between(newest - (days - 1) * _DAY, newest).filter(score__gte=score)
    return good.aggregate(count=Count("pk"))["count"] >= days  # type: ignore[no-any-return]


@partnership_facts.supplies_redemptions
def redemptions_in_stage(partnership: Partnership, at: datetime) -> int | None:
    """Redemptions filed for the days since the stage began, a suspension not counted as an end."""
    first = timezone.localdate(partnership.evidence_since)
    found = (
        SalesDay.objects.between(first, timezone.localdate(at))
        .filter(partnership=partnership)
        .aggregate(redeemed=Sum("redemptions"))
    )
    redeemed: int | None = found["redeemed"]
    return redeemed
