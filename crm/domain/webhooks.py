"""What happens is told to the bank's other systems: which events there are, and who hears of one.

An event is written as one delivery for each system that listens, in the transaction in which it
happens: what is undone was never said, and what is said did happen. The outbox hands it over. An
event carries ids and stable codes only, nothing by which a person could be known.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import structlog
from django.db import transaction

from crm import queue
from crm.domain.reminders import DELIVER_DUE
from crm.domain.webhook_parameters import KEPT_WHILE_DISABLED_DAYS
from crm.errors import Sentence
from crm.ids import uuid7
from crm.models import Channel, Delivery, DeliveryState, OrgUnit, WebhookEndpoint

log = structlog.get_logger()

MOST_BYTES = 20_000
"""The largest body; the specification recommends less than 20 KB."""
SILENCE_SECONDS = 5
"""So long a process does not look again after it found nobody listening; whoever begins to listen
hears of everything that happens later than that."""
BATCH = 1000
DISABLED = "endpoint_disabled"
"""The code of what was not said because the webhook was disabled."""
GONE = "gone"
"""The code of the message whose answer was 410."""


@dataclass(frozen=True)
class EventKind:
    """A kind of event: its stable name, and what people call it."""

    name: str
    label: Sentence


EVENTS: dict[str, EventKind] = {}


def event(name: str, label: Sentence) -> EventKind:
    """Declare a kind of event. `name` is dotted, the noun first (`lead.moved`), and never changes
    its meaning."""
    EVENTS[name] = EventKind(name, label)
    return EVENTS[name]


@dataclass(frozen=True)
class Event:
    """One thing that happened at a unit; `data` is ids and codes."""

    kind: str
    data: Mapping[str, object]
    unit_id: UUID
    at: datetime
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True)
class Listener:
    """A webhook as publishing needs to know it."""

    id: UUID
    unit_id: UUID
    kinds: frozenset[str]
    disabled_because: str | None

    def wants(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


_quiet_until = 0.0


def listeners(*, at: datetime) -> list[Listener]:
    """Every webhook for which messages are written, in one statement; none at all where this
    process saw a moment ago that there is none.

    One that is disabled counts for some weeks: its messages are kept for when it is enabled.
    """
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return []
    rows = list(
        WebhookEndpoint.objects.values_list(
            "pk", "unit_id", "kinds", "disabled_at", "disabled_because"
        )
    )
    since = at - timedelta(days=KEPT_WHILE_DISABLED_DAYS.value) if rows else at
    found = [
        Listener(pk, unit_id, frozenset(kinds), because if disabled_at else None)
        for pk, unit_id, kinds, disabled_at, because in rows
        if disabled_at is None or disabled_at >= since
    ]
    if not found:
        _quiet_until = time.monotonic() + SILENCE_SECONDS
    return found


def look_anew() -> None:
    """Somebody begins to listen: this process notices at once, and again when that is committed."""
    forget()
    transaction.on_commit(forget)


def forget() -> None:
    """Ask at the next event whether anybody listens."""
    global _quiet_until
    _quiet_until = 0.0


def publish(kind: str, data: Mapping[str, object], *, unit_id: UUID, at: datetime) -> int:
    """Tell whoever listens at the unit or above it; returns to how many."""
    found = listeners(at=at)
    return tell(found, [Event(kind, data, unit_id, at)]) if found else 0


def tell(found: Sequence[Listener], events: Iterable[Event]) -> int:
    """Write the deliveries of many events; returns how many. Three statements, however many
    events there are (up to a thousand deliveries)."""
    wanted = [one for one in events if any(listener.wants(one.kind) for listener in found)]
    units = {one.unit_id for one in wanted}
    above = dict(OrgUnit.objects.filter(pk__in=units).values_list("pk", "ancestors"))
    rows = []
    for one in wanted:
        hearing = [
            listener
            for listener in found
            if listener.wants(one.kind) and listener.unit_id in above.get(one.unit_id, ())
        ]
        if hearing and (text := _sound_body(one)):
            rows += [_delivery(listener, one, text) for listener in hearing]
    if rows:
        Delivery.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        queue.after_commit(DELIVER_DUE)
    return len(rows)


def _sound_body(one: Event) -> str:
    """The message; nothing, and a line in the log, for an event that cannot be said. What happened
    did happen: nobody's work is refused because another system cannot be told of it."""
    try:
        return body(one)
    except (ValueError, TypeError):
        log.exception("webhook_event_not_said", kind=one.kind, id=str(one.id))
        return ""


def _delivery(listener: Listener, one: Event, text: str) -> Delivery:
    kept = listener.disabled_because is not None
    return Delivery(
        key=f"webhook:{listener.id}:{one.id}",
        channel=Channel.WEBHOOK,
        endpoint_id=listener.id,
        kind=one.kind,
        subject=one.kind,
        text=text,
        state=DeliveryState.DEAD if kept else DeliveryState.QUEUED,
        failure=f"{DISABLED}: {listener.disabled_because}"[:500] if kept else "",
        next_try_at=one.at,
        created_at=one.at,
        updated_at=one.at,
    )


def body(one: Event) -> str:
    """The message, byte for byte as it will be signed. Raises ValueError if it is too large."""
    moment = one.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = orjson.dumps({"type": one.kind, "timestamp": moment, "data": dict(one.data)})
    if len(text) >= MOST_BYTES:
        raise ValueError(f"an event {one.kind} of {len(text)} bytes")
    return text.decode()
