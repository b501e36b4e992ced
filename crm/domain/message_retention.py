"""What a message said is let go of some time after it was sent or given up; that it was sent, to
whom and when, stays. A line in an inbox is its reader's and stays as well."""

from datetime import datetime, timedelta

from django.db.models import F

from crm.command import command
from crm.domain import delivery_parameters
from crm.models import Delivery, DeliveryPart, HeldNotice

BATCH = 500


@command
def let_go(*, at: datetime, limit: int = BATCH) -> int:
    """Empty up to `limit` messages that have rested long enough; returns how many.

    Sessions that run at the same time take different rows. Run again it finds the next ones, and
    in the end none.
    """
    rested = at - timedelta(days=delivery_parameters.TEXT_KEPT_DAYS.value)
    ids = list(
        Delivery.objects.settled()
        .filter(text_kept=True, updated_at__lt=rested)
        .order_by("updated_at", "id")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("pk", flat=True)[:limit]
    )
    if not ids:
        return 0
    DeliveryPart.objects.filter(delivery__in=ids).delete()
    HeldNotice.objects.filter(delivery__in=ids).update(text="")
    return Delivery.objects.filter(pk__in=ids).update(
        text="", html="", text_kept=False, version=F("version") + 1
    )
