"""Whose a lead is: who had it from when to when, and everything that follows a change."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.domain import reminders
from crm.models import User
from leads.domain import lead_reminders, pool
from leads.models import Lead, LeadOwnership, OwnershipChange, ReturnReason
from leads.models.lead import LONG_AGO
from merchants.domain import timeline

CLAIMED = timeline.kind(
    "lead.claimed", _("Lead claimed"), _("%(owner)s claimed the lead from the pool.")
)
RETURNED = timeline.kind(
    "lead.returned",
    _("Lead returned"),
    _("The lead went back to the pool: %(reason)s. %(because)s"),
    reason=ReturnReason,
)
RECYCLED = timeline.kind(
    "lead.recycled",
    _("Lead recycled"),
    _("The lead went back to the pool by its rules: %(owner)s had not moved it on in time."),
)
HANDED_OVER = timeline.kind(
    "lead.handed_over",
    _("Lead handed over"),
    _("%(owner)s took over the lead from %(former)s."),
)
LEFT_TO_POOL = timeline.kind(
    "lead.left_to_pool",
    _("Lead handed over"),
    _("The lead went to the pool, because %(former)s handed everything over."),
)


def begin(lead: Lead, *, by: Actor, at: datetime) -> Lead:
    """Write down with whom a lead begins; with nobody, it lies in the pool."""
    _lies_in_pool(lead, at)
    write(lead, OwnershipChange.OPENED, by=by, at=at)
    return lead


def _lies_in_pool(lead: Lead, at: datetime) -> None:
    """An open lead that nobody owns lies in the pool, also one that was opened again. The version
    stays: the verb that calls has just made or changed the lead."""
    if lead.owner_id is None and lead.is_open and lead.pooled_at is None:
        lead.pool, lead.pooled_at = pool.of(lead.unit_id, lead.merchant), at
        lead.save(update_fields=["pool", "pooled_at"])


def give(
    lead: Lead,
    *,
    to: User,
    how: OwnershipChange,
    by: Actor,
    at: datetime,
    unit_id: UUID | None = None,
) -> Lead:
    """Let a lead be somebody's, inside a verb that has decided it; with `unit_id`, of another unit.
    The merchant and the follow-ups are that verb's business."""
    cancel_warning(lead, at=at)
    lead.change(
        at=at,
        unit_id=unit_id or lead.unit_id,
        last_owner_id=lead.owner_id or lead.last_owner_id,
        owner=to,
        claimed_at=at,
        pool=None,
        pooled_at=None,
        recycle_on=None,
        recycle_check_on=LONG_AGO,
    )
    write(lead, how, by=by, at=at)
    return lead


def had_until(lead: Lead, user: User) -> datetime | None:
    """When a colleague last had the lead; none if never, or if they have it now."""
    periods = LeadOwnership.objects.filter(lead=lead, owner=user, until__isnull=False)
    last: datetime | None = periods.aggregate(last=Max("until"))["last"]
    return last


def write(
    lead: Lead,
    how: OwnershipChange,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    because: str = "",
) -> None:
    """Write down whose the lead is from now on, and until when it was whose it was."""
    # A phone's clock may run ahead of the one that wrote the line before.
    LeadOwnership.objects.current().filter(lead=lead, since__gt=at).update(until=F("since"))
    LeadOwnership.objects.current().filter(lead=lead).update(until=at)
    LeadOwnership.objects.create(
        lead=lead,
        owner_id=lead.owner_id,
        since=at,
        how=how,
        actor_id=user_id(by),
        reason=reason,
        because=because,
    )
    lead_reminders.follow(lead, at=at)


# --- what the owner is warned of -----------------------------------------------------------------


def warning_key(lead_id: UUID, day: date) -> str:
    """One warning per lead and day of loss."""
    return f"lead:{lead_id}:goes-back:{day.isoformat()}"


def cancel_warning(lead: Lead, *, at: datetime) -> None:
    """Take back the warning that is planned, if there is one."""
    if lead.recycle_on is not None:
        reminders.cancel(warning_key(lead.pk, lead.recycle_on), at=at)


def worked_on(lead: Lead, *, at: datetime) -> None:
    """Something happened with a lead, inside a verb that holds its lock: no warning goes out for
    now, and the rules of the pool look at it anew. Costs nothing unless it was about to go back."""
    _lies_in_pool(lead, at)
    if lead.recycle_on is None:
        return
    cancel_warning(lead, at=at)
    lead.recycle_check_on = LONG_AGO
    lead.save(update_fields=["recycle_check_on"])
