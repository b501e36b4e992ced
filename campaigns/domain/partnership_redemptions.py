"""What redemptions say about a partnership: how many there were, and when the last one was.

A purchase whose discount stands, at least in part, is a qualifying sale; one that was given back
whole is none. Of a merchant at which nothing was ever redeemed nothing is said here.
"""

from datetime import datetime

from django.utils import timezone

from campaigns.models import Redemption, RedemptionState
from campaigns.models.redemption import RedemptionQuerySet
from merchants.domain import partnership_facts
from merchants.models import Partnership

STANDING = (RedemptionState.REDEEMED, RedemptionState.PARTIALLY_REVERSED)


def _at(partnership: Partnership, at: datetime) -> RedemptionQuerySet:
    rows = Redemption.objects.filter(merchant=partnership.merchant_id, state__in=STANDING)
    return rows.filter(occurred_at__lte=at)


@partnership_facts.supplies_redemptions
def redeemed_in_stage(partnership: Partnership, at: datetime) -> int | None:
    """Redemptions since the stage began, a suspension not counted as an end; none known where
    there was not a single one."""
    since = _at(partnership, at).filter(occurred_at__gte=partnership.evidence_since)
    return since.count() or None


@partnership_facts.supplies_silence
def days_without_a_redemption(partnership: Partnership, at: datetime) -> int | None:
    """Whole days since the last redemption."""
    newest = _at(partnership, at).order_by("-occurred_at", "-pk").values_list("day", flat=True)
    last = newest.first()
    return None if last is None else max(0, (timezone.localdate(at) - last).days - 1)
