"""What the leads' sections of the pipeline report share: whose leads, as of when, and how a lead is
named in a row."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Reminder
from crm.sections import Audience, Column, Kind, Period
from leads.models import FollowUp, Lead, Stage, StageChange
from leads.models.follow_up import reminder_key
from leads.models.lead import LeadQuerySet, StageChangeQuerySet
from leads.models.stages import FUNNEL

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
LEADS = "/admin/leads/lead/"
FOLLOW_UPS = "/admin/leads/followup/"

MERCHANT = Column("merchant", _("Merchant"))
OWNER = Column("owner", _("Owner"))
VALUE = Column("value", _("Expected value"), Kind.MONEY)


def leads_of(audience: Audience) -> LeadQuerySet:
    """The leads that an audience is shown."""
    leads: LeadQuerySet = audience.narrow(
        Lead.objects.visible_to(audience.viewer), unit="unit", owner="owner"
    )
    return leads


def follow_ups_of(audience: Audience) -> Any:
    """The promises that an audience is shown."""
    return audience.narrow(
        FollowUp.objects.visible_to(audience.viewer), unit="merchant__unit", owner="owner"
    )


def leads_then(audience: Audience, period: Period) -> Any:
    """Those leads as they were at the end of the period, with `stage_then` and its like."""
    return leads_of(audience).as_of(period.end).order_by()


def steps_of(audience: Audience) -> StageChangeQuerySet:
    """The steps of those leads."""
    return StageChange.objects.filter(lead__in=leads_of(audience).values("pk"))


def due_then(follow_ups: Any, end: datetime) -> dict[Any, datetime]:
    """Follow-ups put off after a moment, with when they were due at that moment.

    A follow-up keeps only its present date; the dates before stand in its reminders, one for each
    time that it was put off.
    """
    changed = follow_ups.filter(updated_at__gte=end, created_at__lt=end, snoozes__gt=0)
    keys = {
        reminder_key(pk, times): pk
        for pk, snoozes in changed.order_by().values_list("pk", "snoozes")
        for times in range(snoozes + 1)
    }
    planned = (
        Reminder.objects.filter(key__in=keys, created_at__lt=end)
        .order_by("created_at", "id")
        .values_list("key", "due_at")
    )
    return {keys[key]: due_at for key, due_at in planned}


def due_between(follow_ups: Any, end: datetime, first: datetime | None, last: datetime) -> Any:
    """Of some follow-ups those that were open at the end of a period and due, as far as one knew
    then, from a moment on and before another; with a mapping of those put off since."""
    put_off = due_then(follow_ups, end)
    span = Q(due_at__lt=last) & (Q(due_at__gte=first) if first else Q())
    within = [
        pk for pk, due_at in put_off.items() if due_at < last and (first is None or due_at >= first)
    ]
    found = follow_ups.filter(
        span & ~Q(pk__in=put_off) | Q(pk__in=within),
        Q(closed_at=None) | Q(closed_at__gte=end),
        created_at__lt=end,
    )
    return found, put_off


def day_of(moment: datetime, period: Period) -> date:
    """The day of a moment by the clock of the report."""
    return moment.astimezone(period.zone).date()


def forward() -> Q:
    """Steps from a stage of the funnel to a later one."""
    later = Q()
    for place, stage in enumerate(FUNNEL):
        later |= Q(from_stage=stage, to_stage__in=FUNNEL[place + 1 :])
    return later


def back() -> Q:
    """Steps to an earlier stage of the funnel, or parked."""
    earlier = Q()
    for place, stage in enumerate(FUNNEL[:-1]):
        earlier |= Q(from_stage=stage, to_stage__in=(*FUNNEL[:place], Stage.PARKED))
    return earlier


def in_stage(audience: Audience, stage: str) -> str:
    """The list of leads in a stage."""
    return audience.address(LEADS, f"stage={stage}")


def stepped_in(audience: Audience, period: Period, stage: str, *more: str) -> str:
    """The list of leads that came to a stage in the week."""
    return audience.address(LEADS, f"stepped={stage}.{period.week}", *more)


def named(lead: Lead) -> dict[str, Any]:
    return {
        "link": f"{LEADS}{lead.pk}/change/",
        "merchant": lead.merchant.name,
        "owner": lead.owner.full_name if lead.owner else None,
        "value": lead.expected_value_fen,
    }


def first_of(rows: Any, *order: Any, count: int = SHOWN) -> Any:
    """The first of many rows in an order: found by themselves, before anything is joined to them.
    Merchants are wide, and a list of a hundred thousand is not read for ten."""
    found = rows.order_by(*order)
    return found.filter(pk__in=found.values("pk")[:count])
