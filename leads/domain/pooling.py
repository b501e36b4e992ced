"""A lead goes into the pool: nobody owns it or its merchant, and what was promised is off."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.domain import reminders
from leads.domain import follow_up_signs, objection_settling, ownership, pool, visits
from leads.models import (
    FollowUp,
    FollowUpState,
    Lead,
    OwnershipChange,
    Visit,
    VisitState,
)
from leads.models.lead import LONG_AGO
from merchants.domain import registration
from merchants.models import Merchant

WENT_TO_POOL = _("The lead went to the pool.")


def into_pool(
    lead: Lead,
    merchant: Merchant,
    *,
    how: OwnershipChange,
    by: Actor,
    at: datetime,
    reason: str = "",
    because: str = "",
) -> Lead:
    """Let a lead lie in the pool, inside a verb that has decided it and holds both locks. What its
    owner had promised and planned is cancelled, nobody is reminded of its deferred objections, and
    the merchant is nobody's."""
    ownership.cancel_warning(lead, at=at)
    registration.follow_owner(merchant, to=None, by=by, at=at)
    for visit in Visit.objects.planned().filter(lead=lead).for_change():
        call_off(visit, by=by, at=at)
    for follow_up in (
        FollowUp.objects.open().filter(lead=lead).select_related("merchant", "owner").for_change()
    ):
        drop(follow_up, by=by, at=at)
    objection_settling.follow_owner(lead, to=None, at=at)
    lead.change(
        at=at,
        last_owner_id=lead.owner_id or lead.last_owner_id,
        owner=None,
        claimed_at=None,
        pool=pool.of(lead.unit_id, merchant),
        pooled_at=at,
        next_follow_up_at=None,
        recycle_on=None,
        recycle_check_on=LONG_AGO,
    )
    ownership.write(lead, how, by=by, at=at, reason=reason, because=because)
    return lead


def drop(follow_up: FollowUp, *, by: Actor, at: datetime) -> None:
    """Cancel a follow-up that is open and locked, with its reminder; one that repeats ends."""
    reminders.cancel(follow_up.reminder_key, at=at)
    follow_up.change(at=at, state=FollowUpState.CANCELLED, outcome=str(WENT_TO_POOL), closed_at=at)
    follow_up_signs.write(follow_up_signs.DROPPED, follow_up, by=by, at=at)


def call_off(visit: Visit, *, by: Actor, at: datetime) -> None:
    """Cancel a visit that is planned and locked."""
    visit.change(at=at, state=VisitState.CANCELLED, cancelled_because=str(WENT_TO_POOL))
    visits.write(
        visits.CANCELLED,
        visit,
        by=by,
        at=at,
        day=visit.planned_for.isoformat(),
        because=visit.cancelled_because,
    )
