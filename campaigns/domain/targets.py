"""Targets are set, corrected and withdrawn; and how far each is, in step with time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import kpis, team_leads
from campaigns.domain.kpis import Pace
from campaigns.domain.team_leads import Span
from campaigns.models import Indicator, Target
from crm.actors import Actor
from crm.command import command
from crm.domain.working_days import WorkingDays
from crm.errors import InvalidInput
from crm.locking import known, take
from crm.models import OrgUnit
from crm.policies import require

NOT_YOURS = _("You do not set targets for this unit.")
LONGEST_DAYS = 3 * 366
_SUMS: dict[str, str] = {
    Indicator.CARDS_ISSUED: "cards_issued",
    Indicator.CARDS_ATTRIBUTED: "cards_attributed",
    Indicator.CARDS_ACTIVATED: "cards_activated",
    Indicator.TRANSACTIONS: "transactions",
    Indicator.SPEND: "spend_fen - figure.reversed_fen",
}
"""Indicators that daily figures add up, and the column that does."""


@command
def set_target(
    target_id: UUID,
    *,
    unit_id: UUID,
    indicator: str,
    first_day: date,
    last_day: date,
    value: int,
    by: Actor,
    at: datetime,
    by_calendar_days: bool = False,
    because: str = "",
) -> Target:
    """Say what a unit, with everything below it, is to reach in a period.

    `value` counts cards, leads or transactions; spend in fen. Raises NotAllowed, NotFound for a
    unit that the actor does not know, InvalidInput for a period of more than three years,
    RuleBroken with code `target_exists`, `target_period` or `target_value`.
    """
    known(OrgUnit.objects.seen_by(by), unit_id, attr="unit")
    require(policies.may_set_targets(by, unit_id), NOT_YOURS)
    if (last_day - first_day).days > LONGEST_DAYS:
        raise InvalidInput(
            _("A period has three years at the most."), code="period_too_long", attr="last_day"
        )
    return Target.objects.create(
        pk=target_id,
        unit_id=unit_id,
        indicator=indicator,
        first_day=first_day,
        last_day=last_day,
        value=value,
        by_calendar_days=by_calendar_days,
        because=because,
        created_at=at,
        updated_at=at,
    )


@command
def correct(
    target_id: UUID,
    *,
    value: int,
    because: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Target:
    """Change what is to be reached, and say why.

    Raises NotAllowed, Stale, InvalidInput with code `because_missing` or `target_withdrawn`,
    RuleBroken with code `target_value`.
    """
    target = _taken(target_id, by=by, version=version)
    _said(because)
    return target.change(at=at, value=value, because=because)


@command
def withdraw(
    target_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Target:
    """Take a target back, and say why; it stays on file and counts no more."""
    target = _taken(target_id, by=by, version=version)
    _said(because)
    return target.change(at=at, withdrawn_at=at, because=because)


def _taken(target_id: UUID, *, by: Actor, version: int | None) -> Target:
    target = take(Target.objects.seen_by(by), target_id, version=version)
    require(policies.may_set_targets(by, target.unit_id), NOT_YOURS)
    if target.withdrawn_at is not None:
        raise InvalidInput(_("This target was withdrawn."), code="target_withdrawn")
    return target


def _said(because: str) -> None:
    if not because.strip():
        raise InvalidInput(_("Say why."), code="because_missing", attr="because")


@dataclass(frozen=True)
class Progress:
    """A target and how far it is."""

    target: Target
    pace: Pace | None
    """None where nobody counts what it is about."""


def progress(targets: Sequence[Target], calendar: WorkingDays, *, on: date) -> list[Progress]:
    """How far each target is on a day, its actual figures those of its period up to that day.

    A constant number of statements, however many targets.
    """
    actual = reached(targets, on=on)
    return [
        Progress(one, paced(one, count, calendar, on=on) if count is not None else None)
        for one, count in ((one, actual.get(one.pk)) for one in targets)
    ]


def paced(target: Target, actual: int, calendar: WorkingDays, *, on: date) -> Pace:
    """What was reached against what the elapsed part of the period asks for."""
    elapsed, total = days_of(target, calendar, on=on)
    return kpis.pace(target.value, actual, elapsed=elapsed, total=total)


def days_of(target: Target, calendar: WorkingDays, *, on: date) -> tuple[int, int]:
    """Elapsed and all days of a target's period, in the days that it counts by."""
    last = min(on, target.last_day)
    if target.by_calendar_days:
        total = (target.last_day - target.first_day).days + 1
        return max(0, (last - target.first_day).days + 1), total
    first = target.first_day
    return calendar.count(first, last), calendar.count(first, target.last_day)


def reached(targets: Sequence[Target], *, on: date) -> dict[UUID, int]:
    """What each target's unit, with everything below it, reached from its first day up to a day.

    Targets that nobody can count are left out.
    """
    found: dict[UUID, int] = {}
    for indicator, column in _SUMS.items():
        mine = [one.pk for one in targets if one.indicator == indicator]
        if mine:
            found |= dict.fromkeys(mine, 0) | _summed(mine, column, on)
    leads = [one for one in targets if one.indicator == Indicator.LEADS_COLLECTED]
    spans = [Span(one.unit_id, one.first_day, min(on, one.last_day)) for one in leads]
    for one, counted in zip(leads, team_leads.collected(spans), strict=True):
        if counted is not None:
            found[one.pk] = counted.valid
    return found


def _summed(target_ids: list[UUID], column: str, on: date) -> dict[UUID, int]:
    sql = f"""
        SELECT target.id, sum(figure.{column})
        FROM campaigns_target target
        JOIN crm_orgunit unit ON unit.ancestors @> ARRAY[target.unit_id]
        JOIN campaigns_cardfigure figure ON figure.unit_id = unit.id
            AND figure.merchant_id IS NULL AND figure.campaign_id IS NULL
            AND figure.day BETWEEN target.first_day AND least(target.last_day, %s)
        WHERE target.id = ANY(%s)
        GROUP BY target.id
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [on, target_ids])
        rows: list[Any] = cursor.fetchall()
    return {pk: int(total) for pk, total in rows}
