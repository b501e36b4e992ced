"""Two-way contacts with merchants: what counts towards the engagement of a partnership."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from leads.models import Activity, ActivityKind
from merchants.domain import engagement

TWO_WAY = (ActivityKind.CALL, ActivityKind.VISIT, ActivityKind.MEETING)
"""A message may go unread and a note is one's own: neither is a conversation."""


@engagement.source
def two_way_contacts(
    merchant_ids: Collection[UUID], since: datetime, before: datetime
) -> Mapping[UUID, int]:
    """Calls, visits and meetings with each of the merchants."""
    return dict(
        Activity.objects.filter(
            merchant__in=merchant_ids,
            kind__in=TWO_WAY,
            occurred_at__gte=since,
            occurred_at__lt=before,
        )
        .order_by()
        .values_list("merchant_id")
        .annotate(count=Count("pk"))
    )
