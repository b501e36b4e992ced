"""What the leads' sections of the pipeline report share: whose leads, as of when, and how a lead is
named in a row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    When,
)
from django.utils.translation import gettext_lazy as _

from crm.models import Reminder, User
from crm.sections import Audience, Column, Kind, Period
from leads.models import FollowUp, Lead, LeadOwnership, Stage, StageChange
from leads.models.follow_up import reminder_key
from leads.models.lead import LeadQuerySet
from leads.models.stages import FUNNEL

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
LEADS = "/admin/leads/lead/"
FOLLOW_UPS = "/admin/leads/followup/"

MERCHANT = Column("merchant", _("Merchant"))
OWNER = Column("owner", _("Owner"))
VALUE = Column("value", _("Expected value"), Kind.MONEY)


def leads_of(audience: Audience, period: Period) -> LeadQuerySet:
    """The leads that an audience is shown: in one's own book those that were one's own at the end
    of the period, whoever has them since."""
    leads = Lead.objects.all()
    if audience.owner_id is None:
        leads = leads.visible_to(audience.viewer)
    else:
        leads = leads.filter(_was_of(audience.owner_id, period.end))
    if audience.unit_ids is not None:
        leads = leads.filter(unit__in=audience.unit_ids)
    return leads


def _owned_at(end: datetime, lead: str) -> Any:
    """The line of a lead's ownership that held at a moment."""
    lines = LeadOwnership.objects.filter(lead=OuterRef(lead), since__lt=end)
    return lines.filter(Q(until=None) | Q(until__gte=end)).order_by("-since", "-id")


def _was_of(owner_id: UUID, end: datetime) -> Q:
    line = _owned_at(end, "pk")
    as_it_stands = Q(updated_at__lt=end) | ~Exists(line)
    return Q(owner=owner_id) & as_it_stands | Q(updated_at__gte=end) & Exists(
        line.filter(owner=owner_id)
    )


def with_owner_then(rows: Any, period: Period, lead: str = "") -> Any:
    """Leads, or what leads to them by a path, with `owner_then` and `owner_name_then`: whose each
    was at the end of the period."""
    path = f"{lead}__" if lead else ""
    line = _owned_at(period.end, f"{path}pk")
    owner = Case(
        When(Q(**{f"{path}updated_at__lt": period.end}), then=F(f"{path}owner")),
        When(Exists(line), then=Subquery(line.values("owner")[:1])),
        default=F(f"{path}owner"),
        output_field=UUIDField(null=True),
    )
    names = User.objects.filter(pk=OuterRef("owner_then")).values("full_name")
    return rows.annotate(owner_then=owner).annotate(
        owner_name_then=Subquery(names[:1], output_field=CharField(null=True))
    )


def follow_ups_of(audience: Audience) -> Any:
    """The promises that an audience is shown."""
    return audience.narrow(
        FollowUp.objects.visible_to(audience.viewer), unit="merchant__unit", owner="owner"
    )


def leads_then(audience: Audience, period: Period) -> Any:
    """Those leads as they were at the end of the period, with `stage_then`, `owner_then` and their
    like."""
    leads = leads_of(audience, period).as_of(period.end).order_by()
    return with_owner_then(leads, period)


def steps_of(audience: Audience, period: Period) -> Any:
    """The steps of those leads, with whose they were at the end of the period."""
    steps = StageChange.objects.filter(lead__in=leads_of(audience, period).values("pk"))
    return with_owner_then(steps, period, "lead")


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


def named(lead: Lead, owner: str | None) -> dict[str, Any]:
    """A lead in a row, with the name of whose it was."""
    return {
        "link": f"{LEADS}{lead.pk}/change/",
        "merchant": lead.merchant.name,
        "owner": owner,
        "value": lead.expected_value_fen,
    }


def first_of(rows: Any, *order: Any, count: int = SHOWN) -> Any:
    """The first of many rows in an order: found by themselves, before anything is joined to them.
    Merchants are wide, and a list of a hundred thousand is not read for ten."""
    found = rows.order_by(*order)
    return found.filter(pk__in=found.values("pk")[:count])
