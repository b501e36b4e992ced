"""What the tick needs to know of leads."""

from datetime import date
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from leads.models import Activity
from merchants.domain import retention


@retention.last_contact
def last_activity(merchant_id: UUID) -> date | None:
    """The day of the newest call, visit or note about a merchant."""
    latest = Activity.objects.filter(merchant_id=merchant_id).aggregate(at=Max("occurred_at"))
    return timezone.localdate(latest["at"]) if latest["at"] else None
