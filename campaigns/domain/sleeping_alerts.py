"""Whoever leads or plans below a unit is told, once a month, that too many of its cards sleep."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import sleeping
from campaigns.domain.kpis import Gauge
from crm.domain import reminders
from crm.models import Membership, OrgUnit, Reminder, Role, User

STOPPED = reminders.kind(
    "sleeping_cards_stop",
    label=_("Too many cards asleep"),
    subject=_("%(unit)s: %(rate)s %% of the cards are asleep"),
    text=_(
        "At %(unit)s, %(rate)s %% of the cards are asleep, more than the %(limit)s %% allowed. "
        "Until it is less, no campaign that wins new cards can be submitted there."
    ),
)
TOLD = (Role.BRANCH_MANAGER, Role.PLANNER)


def tell(unit_ids: Collection[UUID], *, at: datetime) -> int:
    """After figures of these units came in: tell of each of them, and of each unit above them, that
    is above the limit; returns how many reminders are new.

    A unit is told of once in a month, however often its figures pass the limit.
    """
    today = timezone.localdate(at)
    lines = OrgUnit.objects.filter(pk__in=unit_ids).values_list("ancestors", flat=True)
    units = list(OrgUnit.objects.filter(pk__in={one for line in lines for one in line}))
    gauges = sleeping.of_each([unit.pk for unit in units], on=today)
    new = 0
    for unit, found in zip(units, gauges, strict=True):
        if found.gauge is not None and found.gauge.stops:
            new += _tell_of(unit, found.gauge, month=f"{today:%Y-%m}", at=at)
    return new


def _tell_of(unit: OrgUnit, gauge: Gauge, *, month: str, at: datetime) -> int:
    prefix = f"sleeping:{unit.pk}:{month}:"
    told = set(Reminder.objects.filter(key__startswith=prefix).values_list("recipient", flat=True))
    people = [person for person in _leaders_and_planners(unit) if person.pk not in told]
    for person in people:
        reminders.plan(
            f"{prefix}{person.pk}",
            recipient=person,
            kind=STOPPED,
            facts={"unit": unit.name, "rate": str(gauge.rate), "limit": str(gauge.limit)},
            link=reverse("kpis"),
            due_at=at,
            at=at,
        )
    return len(people)


def _leaders_and_planners(unit: OrgUnit) -> list[User]:
    held = Membership.objects.filter(role__in=TOLD, unit__in=unit.ancestors)
    return list(User.objects.active().filter(pk__in=held.values("user")).order_by("pk"))
