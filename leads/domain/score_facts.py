"""The facts that scores rest on, collected for many leads in a constant number of statements."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from leads.domain.scoring import Facts, RivalStanding
from leads.models import Activity, ActivityKind, Lead, ScoreInput
from leads.models.activity import FAILED, ActivityOutcome
from merchants.models import (
    Contact,
    ContactState,
    DecisionPower,
    InsightMove,
    Merchant,
    Outlet,
    Quadrant,
    RivalOffer,
)

WINDOW = timedelta(days=180)
"""How long a contact says something about the intent."""


def facts_of(leads: Sequence[Lead], at: datetime) -> dict[UUID, Facts]:
    """What is known of each lead at a moment."""
    if not leads:
        return {}
    ids = [one.pk for one in leads]
    merchants = list({one.merchant_id for one in leads})
    groups = dict(
        Merchant.objects.order_by().filter(pk__any_of=merchants).values_list("pk", "category_group")
    )
    looked_up = {one.lead_id: one for one in ScoreInput.objects.filter(lead__any_of=ids)}
    outlets = _counts(Outlet.objects.filter(merchant__any_of=merchants))
    rivals = _rivals(merchants, at)
    contacts = _contacts(merchants)
    told = _told(merchants)
    replies = _replies(ids, at)
    return {
        lead.pk: Facts(
            category_group=groups[lead.merchant_id],
            outlets=outlets.get(lead.merchant_id),
            rival=rivals.get(lead.merchant_id),
            **_looked_up(looked_up.get(lead.pk), at),
            **contacts.get(lead.merchant_id, {}),
            **told.get(lead.merchant_id, {}),
            **replies.get(lead.pk, {}),
        )
        for lead in leads
    }


def _looked_up(one: ScoreInput | None, at: datetime) -> dict[str, Any]:
    if one is None:
        return {}
    days = (timezone.localdate(at) - one.founded_on).days if one.founded_on else None
    return {
        "branch_metres": one.branch_metres,
        "cardholders_nearby": one.cardholders_nearby,
        "days_in_business": days,
        "penalties": one.penalties,
    }


def _counts(rows: Any) -> dict[UUID, int]:
    return dict(rows.order_by().values_list("merchant").annotate(count=Count("pk")))


def _rivals(merchants: Collection[UUID], at: datetime) -> dict[UUID, RivalStanding]:
    today = timezone.localdate(at)
    running = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    rows = (
        RivalOffer.objects.filter(merchant__any_of=merchants, starts_on__lte=today)
        .order_by()
        .values_list("merchant")
        .annotate(
            running=Count("pk", filter=running),
            exclusive=Count("pk", filter=running & Q(exclusive=True)),
        )
    )
    return {
        merchant: RivalStanding.EXCLUSIVE
        if exclusive
        else RivalStanding.RUNNING
        if now
        else RivalStanding.OVER
        for merchant, now, exclusive in rows
    }


def _contacts(merchants: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = (
        Contact.objects.filter(merchant__any_of=merchants, state=ContactState.ACTIVE)
        .order_by()
        .values_list("merchant")
        .annotate(
            known=Count("pk"),
            deciders=Count("pk", filter=Q(decision_power=DecisionPower.DECIDES)),
        )
    )
    return {
        merchant: {"contacts": known, "deciders": deciders} for merchant, known, deciders in rows
    }


def _told(merchants: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What only the merchant knew, and how much of it was told to us."""
    came_hidden = Q(to_quadrant=Quadrant.HIDDEN)
    went_open = Q(from_quadrant=Quadrant.HIDDEN, to_quadrant=Quadrant.OPEN)
    rows = (
        InsightMove.objects.filter(insight__merchant__any_of=merchants)
        .order_by()
        .values_list("insight__merchant")
        .annotate(
            hidden=Count("insight", filter=came_hidden, distinct=True),
            shared=Count("insight", filter=went_open, distinct=True),
        )
    )
    return {merchant: {"hidden": hidden, "shared": shared} for merchant, hidden, shared in rows}


def _replies(ids: Collection[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    asked = Q(kind__in=(ActivityKind.CALL, ActivityKind.MESSAGE))
    dated = Q(kind__in=(ActivityKind.VISIT, ActivityKind.MEETING))
    reached = ~Q(outcome_code__in=FAILED)
    rows = (
        Activity.objects.filter(lead__any_of=ids, occurred_at__gt=at - WINDOW, occurred_at__lte=at)
        .order_by()
        .values_list("lead")
        .annotate(
            tried=Count("pk", filter=asked),
            replied=Count("pk", filter=asked & Q(two_way=True)),
            met=Count("pk", filter=dated),
            kept=Count("pk", filter=dated & reached),
            deciders=Count("pk", filter=Q(outcome_code=ActivityOutcome.DECISION_MAKER_MET)),
        )
    )
    return {
        lead: {
            "tried": tried,
            "replied": replied,
            "met": met,
            "kept": kept,
            "decider_met": deciders > 0,
        }
        for lead, tried, replied, met, kept, deciders in rows
    }
