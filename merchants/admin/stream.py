"""The timeline of a merchant as a stream that people read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import User
from merchants.domain import timeline
from merchants.models import TimelineEntry

SHOWN = 30


@dataclass(frozen=True)
class Stream:
    entries: list[dict[str, Any]]
    earlier: str
    """Where the next older part begins, if there is one."""


def of(merchant_id: UUID, viewer: User, *, before: str = "") -> Stream:
    """What happened, newest first; `before` is the `earlier` of the part read last."""
    rows = TimelineEntry.objects.filter(merchant_id=merchant_id).visible_to(viewer)
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
            }
            for one in found[:SHOWN]
        ],
        f"{last.at.isoformat()}~{last.pk}" if last else "",
    )


def _place(before: str) -> tuple[datetime, UUID] | None:
    """An address somebody typed by hand shows the newest part."""
    at, _mark, pk = before.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(pk)) if moment.tzinfo else None
    except ValueError:
        return None
