"""How the machinery does, in figures: for the watcher's metrics and for the operations page.

Every figure is counted from an index that holds only what is unsettled, given up or recent, so that
the count stays cheap however much was sent in all the years before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from crm.domain import ticking
from crm.models import (
    Channel,
    Delivery,
    DeliveryState,
    HeldNotice,
    Reminder,
    SuppressedAddress,
    WebhookEndpoint,
)

LATE = timedelta(seconds=ticking.LATE_SECONDS)
"""What waits longer than this beyond its time is late."""
RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class Figures:
    """What waits, what is late, what went out lately, what was given up."""

    heartbeat_age: float | None
    """Seconds since the last tick; none if there was never one."""
    oldest_due_age: float
    """Seconds that the oldest due row has been waiting beyond its time."""
    reminders_due: int
    reminders_late: int
    unsettled: Mapping[tuple[str, str], int]
    """(channel, state) → messages that are still under way."""
    due: Mapping[str, int]
    late: Mapping[str, int]
    sent: Mapping[str, int]
    """Channel → messages sent within the last hour."""
    retried: Mapping[str, int]
    """Of those, how many needed more than one try."""
    dead: Mapping[str, int]
    held: int
    suppressed: int
    webhooks_stopped: int
    webhooks_failing: int
    """Webhooks that still listen and have a message waiting for another try."""

    @property
    def is_healthy(self) -> bool:
        return (
            self.heartbeat_age is not None
            and self.heartbeat_age < ticking.SILENT_SECONDS
            and self.oldest_due_age <= ticking.LATE_SECONDS
        )


def figures(*, at: datetime) -> Figures:
    """Count everything once."""
    health = ticking.health(at=at)
    waiting = Delivery.objects.unsettled().order_by()
    recent = Delivery.objects.settled().filter(text_kept=True, updated_at__gte=at - RECENT)
    sent = recent.filter(state=DeliveryState.SENT).order_by()
    due = Reminder.objects.due(at).aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at - LATE))
    )
    beside = waiting.filter(state=DeliveryState.RETRY, endpoint__disabled_at=None)
    return Figures(
        heartbeat_age=health["last_tick_seconds_ago"],
        oldest_due_age=health["oldest_due_seconds"] or 0.0,
        reminders_due=due["all"],
        reminders_late=due["late"],
        unsettled={
            (channel, state): count
            for channel, state, count in waiting.values_list("channel", "state").annotate(
                count=Count("pk")
            )
        },
        due=_by_channel(waiting.filter(next_try_at__lte=at)),
        late=_by_channel(waiting.filter(next_try_at__lt=at - LATE)),
        sent=_by_channel(sent),
        retried=_by_channel(sent.filter(attempts__gt=1)),
        dead=_by_channel(Delivery.objects.dead().order_by()),
        held=HeldNotice.objects.waiting().count(),
        suppressed=SuppressedAddress.objects.standing().count(),
        webhooks_stopped=WebhookEndpoint.objects.filter(disabled_at__isnull=False).count(),
        webhooks_failing=beside.filter(channel=Channel.WEBHOOK)
        .values("endpoint")
        .distinct()
        .count(),
    )


def _by_channel(rows: object) -> dict[str, int]:
    counted = rows.values_list("channel").annotate(count=Count("pk"))  # type: ignore[attr-defined]
    return dict(counted)
