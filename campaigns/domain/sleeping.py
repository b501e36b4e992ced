"""Sleeping cards: how close a unit and the bank are to the limit, and whether it stops campaigns.

More than a fifth of all cards asleep, and no new card may be issued; so no campaign that wins new
cards goes out either. The limit holds for the whole bank and for every unit on the way down: one
that is above it stops those below.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from campaigns.domain import kpi_parameters, kpis
from campaigns.domain.kpis import Gauge
from campaigns.models import CardSnapshot
from crm.models import OrgUnit


@dataclass(frozen=True)
class Sleepers:
    """The gauge of a unit with everything below it, and the day of the oldest figure in it."""

    unit_id: UUID
    gauge: Gauge | None
    """None where no figures are on file."""
    day: date | None
    is_old: bool
    """Whether some of it is older than figures should be; what stops, stops all the same."""


@dataclass(frozen=True)
class _Latest:
    line: frozenset[UUID]
    snapshot: CardSnapshot


def of(unit_id: UUID, *, on: date) -> Sleepers:
    """The gauge of one unit as of a day. Two statements."""
    return of_each([unit_id], on=on)[0]


def of_each(unit_ids: Sequence[UUID], *, on: date) -> list[Sleepers]:
    """The gauges of several units as of a day, in two statements."""
    latest = list(_latest(unit_ids, on=on))
    return [_reckoned(one, latest, on) for one in unit_ids]


def stopping(unit_id: UUID, *, on: date) -> Sleepers | None:
    """The unit itself or the lowest one above it whose sleeping cards are above the limit, if any
    is."""
    line = list(OrgUnit.objects.filter(pk=unit_id).values_list("ancestors", flat=True))
    nodes = list(reversed(line[0])) if line else [unit_id]
    gauges = of_each(nodes, on=on)
    return next((one for one in gauges if one.gauge is not None and one.gauge.stops), None)


def stops_acquisition(unit_id: UUID, at: datetime) -> bool:
    """Whether a unit may start no campaign that wins new cards at a moment."""
    return stopping(unit_id, on=timezone.localdate(at)) is not None


def _latest(unit_ids: Collection[UUID], *, on: date) -> Iterable[_Latest]:
    """The newest figures of every unit below, from each source."""
    below = dict(OrgUnit.objects.under(unit_ids).values_list("pk", "ancestors"))
    rows = (
        CardSnapshot.objects.filter(unit__any_of=list(below), day__lte=on)
        .order_by("unit_id", "source", "-day")
        .distinct("unit_id", "source")
    )
    for row in rows:
        yield _Latest(frozenset(below[row.unit_id]), row)


def latest_below(unit_id: UUID, *, on: date) -> list[CardSnapshot]:
    """The newest figures of a unit and of every unit below it, from each source."""
    return [one.snapshot for one in _latest([unit_id], on=on)]


def _reckoned(unit_id: UUID, latest: Iterable[_Latest], on: date) -> Sleepers:
    rows = [one.snapshot for one in latest if unit_id in one.line]
    return gauge_of(unit_id, rows, on=on)


def gauge_of(unit_id: UUID, rows: Sequence[CardSnapshot], *, on: date) -> Sleepers:
    """The gauge of the newest figures that are on file."""
    if not rows:
        return Sleepers(unit_id, None, None, is_old=False)
    day = min(row.day for row in rows)
    return Sleepers(
        unit_id,
        kpis.gauge(
            sleeping=sum(row.sleeping_cards for row in rows),
            issued=sum(row.cards_issued for row in rows),
            policy_cards=sum(row.policy_cards for row in rows),
            limit=kpi_parameters.SLEEPING_LIMIT.value,
        ),
        day,
        is_old=day < on - timedelta(days=kpi_parameters.STALE_DAYS.value),
    )
