"""Two-way contacts with merchants: what counts towards the engagement of a partnership."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from leads.models import Activity
from merchants.domain import engagement


@engagement.source
def two_way_contacts(
    merchant_ids: Collection[UUID], since: datetime, before: datetime
) -> Mapping[UUID, int]:
    """The contacts with each of the merchants in which the other side had a say."""
    return dict(
        Activity.objects.two_way()
        .filter(merchant__in=merchant_ids, occurred_at__gte=since, occurred_at__lt=before)
        .order_by()
        .values_list("merchant_id")
        .annotate(count=Count("pk"))
    )
