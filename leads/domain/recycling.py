"""Leads that nobody moves on go back to the pool, and their owners are warned before.

Every lead carries the day on which the rules look at it next, so a sweep reads by an index what is
due and nothing else. A look either puts that day off or finds that the lead's time is over. Nothing
has to tell the sweep that a lead was worked on: it goes by the last activity, the stage and the
owner as it finds them, and looks at each lead once a week at least.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import SYSTEM
from crm.command import command
from crm.domain import calendar as calendars
from crm.domain import reminders
from crm.domain.working_days import WorkingDays
from crm.errors import DomainError
from leads.domain import ownership, pool, pooling, recycling_failures
from leads.domain.recycling_rules import (
    Standing,
    after_a_warning,
    loss_day,
    warning_day,
)
from leads.models import Lead, OwnershipChange, Pool, Stage
from leads.models.lead import RECYCLED_STAGES, LeadQuerySet
from merchants.domain import timeline
from merchants.models import Merchant, Partnership

BATCH = 200
MOST_LOOKS = 5000
"""Leads that one tick looks at; the next one goes on."""
MOST_WARNINGS = 1000
"""Owners that one tick warns, each by a reminder: on the first day of a rule all leads are old."""
MOST_RETURNS = 200
"""Leads that one tick sends back: each takes a transaction of its own."""
LOOK_AGAIN = timedelta(days=7)
"""No lead waits longer for the next look: its merchant's tier or place may have changed."""
MORNING = time(9)

GOES_BACK = reminders.kind(
    "lead_goes_back",
    group=_("Leads"),
    label=_("Lead goes back to the pool"),
    subject=_("%(merchant)s goes back to the pool on %(day)s"),
    text=_(
        "The lead with %(merchant)s goes back to the pool on %(day)s unless something happens: "
        "log what you did, or move it on."
    ),
)


@dataclass(frozen=True)
class Verdict:
    """What a look at a lead found."""

    check_on: date
    """When to look again."""
    recycle_on: date | None = None
    """The day of loss, where the owner is to know of it."""
    is_due: bool = False


@dataclass
class Swept:
    """What a sweep did."""

    looked_at: int = 0
    warned: int = 0
    returned: int = 0
    failed: int = 0


def sweep(*, at: datetime, batch: int = BATCH, most: int = MOST_LOOKS) -> Swept:
    """Look at the leads that are due for it, warn, and send back those whose time is over."""
    swept, today = Swept(), timezone.localdate(at)
    judge = Judge(pool.read(), calendars.load(), today)
    last: tuple[date, UUID] | None = None
    while swept.looked_at < most and swept.warned < MOST_WARNINGS and swept.returned < MOST_RETURNS:
        due, count, last = _look(judge, last, swept, at=at, batch=batch)
        swept.looked_at += count
        for lead_id in due:
            swept.returned += _tried(lead_id, judge, swept, at)
        if last is None:
            break
    return swept


class Judge:
    """The rules of all pools, the calendar and the day, read once for many leads."""

    def __init__(self, pools: pool.Pools, calendar: WorkingDays, today: date) -> None:
        self.pools, self.calendar, self.today = pools, calendar, today
        self.pool_for: Callable[..., Pool | None] = cache(self._pool_for)

    def _pool_for(self, line: tuple[UUID, ...], group: str, division: str | None) -> Pool | None:
        return self.pools.for_lead(line, category_group=group, division=division)

    def verdict(self, lead: Lead) -> Verdict:
        """Where a lead stands; it comes with its merchant and its unit, and says whether the
        merchant `has_partner`."""
        again, merchant = self.today + LOOK_AGAIN, lead.merchant
        lies_in = self.pool_for(
            tuple(lead.unit.ancestors), merchant.category_group, merchant.division_id
        )
        rule = self.pools.rule(lies_in, merchant.tier)
        if rule is None or (rule.spares_partners and lead.has_partner):  # type: ignore[attr-defined]
            return Verdict(again)
        loss = loss_day(_standing(lead), rule, self.calendar)
        if loss is None:
            return Verdict(again)
        warn = warning_day(loss, rule, self.calendar)
        if self.today < warn:
            return Verdict(min(warn, again))
        told = lead.recycle_on
        if told is None:
            # Nobody loses a lead without having been warned as early as the rule says.
            loss = max(loss, after_a_warning(self.today, rule, self.calendar))
        else:
            loss = max(loss, told)
        if self.today >= loss:
            return Verdict(self.today, loss, is_due=True)
        return Verdict(min(loss, again), loss)


def _standing(lead: Lead) -> Standing:
    return Standing(
        last_activity=timezone.localdate(lead.last_activity_at),
        stage_entered=timezone.localdate(lead.stage_entered_at),
        owned_since=timezone.localdate(lead.claimed_at or lead.created_at),
        revisit_on=lead.revisit_on if lead.stage == Stage.PARKED else None,
    )


def day_of_loss(lead: Lead, *, at: datetime) -> date | None:
    """The day on which a lead goes back if nothing happens, as its page says it; none where the
    rules spare it."""
    if lead.owner_id is None or lead.stage not in RECYCLED_STAGES:
        return None
    found = _judged(Lead.objects.filter(pk=lead.pk)).get()
    line = found.unit.ancestors
    pools, merchant = pool.read(line), found.merchant
    lies_in = pools.for_lead(
        line, category_group=merchant.category_group, division=merchant.division_id
    )
    rule = pools.rule(lies_in, merchant.tier)
    if rule is None or (rule.spares_partners and found.has_partner):
        return None
    loss = loss_day(_standing(found), rule, calendars.load())
    return max(loss, found.recycle_on or loss) if loss else None


def _judged(leads: LeadQuerySet) -> Any:
    """Leads with all that a verdict goes by."""
    partner = Partnership.objects.living().filter(merchant=OuterRef("merchant")).order_by()
    return (
        leads.select_related("merchant", "unit", "owner")
        .defer("merchant__search_grams", "merchant__search_text")
        .annotate(has_partner=Exists(partner))
    )


@transaction.atomic
def _look(
    judge: Judge, last: tuple[date, UUID] | None, swept: Swept, *, at: datetime, batch: int
) -> tuple[list[UUID], int, tuple[date, UUID] | None]:
    """Look at one batch beyond a position: (whose time is over, how many, the next position).

    Leads that somebody is at this very moment are left out; the next tick finds them.
    """
    due = Lead.objects.recycling_due(judge.today)
    if last is not None:
        day, pk = last
        due = due.filter(recycle_check_on__gte=day).filter(
            Q(recycle_check_on__gt=day) | Q(pk__gt=pk)
        )
    ids = list(
        due.order_by("recycle_check_on", "pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", "recycle_check_on")[:batch]
    )
    over: list[UUID] = []
    put_off: dict[Verdict, list[UUID]] = defaultdict(list)
    for lead in _judged(Lead.objects.filter(pk__any_of=[pk for pk, _day in ids])):
        try:
            verdict = judge.verdict(lead)
            if verdict.is_due:
                over.append(lead.pk)
                continue
            swept.warned += _warn(lead, verdict, at=at)
        except Exception as failed:
            swept.failed += 1
            recycling_failures.write_down(lead.pk, failed, judge.today, at)
            continue
        put_off[verdict].append(lead.pk)
    for verdict, pks in put_off.items():
        # No version is counted: nothing that anybody reads has changed.
        Lead.objects.filter(pk__any_of=pks).update(
            recycle_check_on=verdict.check_on, recycle_on=verdict.recycle_on
        )
    recycling_failures.forget([pk for pks in put_off.values() for pk in pks])
    position = (ids[-1][1], ids[-1][0]) if len(ids) == batch else None
    return over, len(ids), position


def _warn(lead: Lead, verdict: Verdict, *, at: datetime) -> bool:
    """Let the owner know in the morning; a warning of another day is taken back. Whether there was
    anything to tell."""
    if lead.recycle_on != verdict.recycle_on:
        ownership.cancel_warning(lead, at=at)
    if verdict.recycle_on is None or lead.owner is None:
        return False
    zone = ZoneInfo(lead.owner.time_zone)
    morning = datetime.combine(at.astimezone(zone).date(), MORNING, zone)
    reminders.plan(
        ownership.warning_key(lead.pk, verdict.recycle_on),
        recipient=lead.owner,
        kind=GOES_BACK,
        facts={"merchant": lead.merchant.name, "day": verdict.recycle_on.isoformat()},
        link=f"/admin/leads/lead/{lead.pk}/change/",
        due_at=max(morning, at),
        at=at,
    )
    return True


def _tried(lead_id: UUID, judge: Judge, swept: Swept, at: datetime) -> bool:
    """Send one lead back. One that cannot be is written down, and holds up no other."""
    try:
        return _recycle(lead_id, judge, at=at)
    except DomainError as refusal:
        failed: Exception = refusal
    except Exception as bug:
        failed = bug
    swept.failed += 1
    recycling_failures.write_down(lead_id, failed, judge.today, at)
    return False


@command
def _recycle(lead_id: UUID, judge: Judge, *, at: datetime) -> bool:
    """Send a lead back if its time is still over by now. False if somebody is at it."""
    merchant_id = Lead.objects.values_list("merchant_id", flat=True).get(pk=lead_id)
    merchant = (
        Merchant.objects.for_change()
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk=merchant_id)
        .first()
    )
    locked = (
        Lead.objects.recycling_due(judge.today)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk=lead_id, merchant=merchant_id)
    )
    if merchant is None or locked.first() is None:
        return False
    lead = _judged(Lead.objects.filter(pk=lead_id)).get()
    if not judge.verdict(lead).is_due or lead.owner is None:
        return False
    timeline.record(
        ownership.RECYCLED,
        merchant_id=merchant.pk,
        subject_id=lead.pk,
        by=SYSTEM,
        at=at,
        owner=lead.owner.full_name,
    )
    pooling.into_pool(lead, merchant, how=OwnershipChange.RECYCLED, by=SYSTEM, at=at)
    recycling_failures.forget([lead_id])
    return True
