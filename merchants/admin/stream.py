"""The timeline of a merchant as a stream that people read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import User
from merchants.domain import timeline
from merchants.models import TimelineEntry
from merchants.models.timeline import TimelineEntryQuerySet

SHOWN = 30
SYSTEM = "system"


@dataclass(frozen=True)
class Stream:
    entries: list[dict[str, Any]]
    earlier: str
    """Where the next older part begins, if there is one."""


@dataclass(frozen=True)
class Narrowing:
    """What somebody wants to read of a timeline."""

    groups: tuple[str, ...] = ()
    actor: str = ""
    """Somebody's id, or `system`."""
    first: date | None = None
    last: date | None = None
    """Days in the reader's time zone, both included."""

    def of(self, rows: TimelineEntryQuerySet) -> TimelineEntryQuerySet:
        """The entries that are left."""
        if self.groups:
            rows = rows.filter(kind__in=timeline.kinds_in(*self.groups))
        if self.actor:
            rows = rows.filter(actor=None if self.actor == SYSTEM else UUID(self.actor))
        if self.first:
            rows = rows.filter(at__gte=_midnight(self.first))
        if self.last and self.last < date.max:
            rows = rows.filter(at__lt=_midnight(self.last + timedelta(days=1)))
        return rows


EVERYTHING = Narrowing()


def of(
    merchant_id: UUID, viewer: User, *, before: str = "", narrowing: Narrowing = EVERYTHING
) -> Stream:
    """What happened, newest first; `before` is the `earlier` of the part read last."""
    rows = TimelineEntry.objects.filter(merchant_id=merchant_id).visible_to(viewer)
    rows = narrowing.of(rows)
    if place := _place(before):
        at, pk = place
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    found = list(rows.select_related("actor").order_by("-at", "-id")[: SHOWN + 1])
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    return Stream(
        [
            {
                "at": one.at,
                "who": one.actor.full_name if one.actor else _("System"),
                "sentence": timeline.sentence(one.kind, one.facts),
                "group": timeline.group_of(one.kind),
            }
            for one in found[:SHOWN]
        ],
        f"{last.at.isoformat()}~{last.pk}" if last else "",
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _place(before: str) -> tuple[datetime, UUID] | None:
    """An address somebody typed by hand shows the newest part."""
    at, _mark, pk = before.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(pk)) if moment.tzinfo else None
    except ValueError:
        return None
