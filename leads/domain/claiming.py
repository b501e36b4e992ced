"""Claiming a lead from the pool: one wins, within one's limits; and giving it back."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.locking import take
from crm.models import Membership, User
from crm.policies import require
from leads import policies
from leads.domain import objection_settling, ownership, pool, pooling
from leads.models import Lead, LeadOwnership, OwnershipChange, Pool, ReturnReason
from merchants.domain import registration, timeline
from merchants.models import Merchant, Partnership
from merchants.policies import WORKERS

A_MOMENT = timedelta(minutes=15)
"""How long whoever could have claimed a lead is told that somebody else was quicker."""


@dataclass(frozen=True)
class Allowance:
    """How much somebody may still claim from a pool today."""

    pool: Pool
    claimed_today: int
    held: int

    @property
    def claims_left(self) -> int:
        return max(0, self.pool.claims_a_day - self.claimed_today)

    @property
    def room_left(self) -> int:
        return max(0, self.pool.holding_cap - self.held)


def allowance(user: User, of: Pool, *, at: datetime) -> Allowance:
    """What somebody has claimed today and holds now, from any pool, against one pool's limits."""
    return allowances(user, [of], at=at)[0]


def allowances(user: User, pools: list[Pool], *, at: datetime) -> list[Allowance]:
    """The same for several pools, in the same number of statements."""
    claimed = LeadOwnership.objects.claims_of(user, _midnight(at)).count()
    held = Lead.objects.open().owned_by(user).count()
    return [Allowance(one, claimed, held) for one in pools]


def mine(user: User, *, at: datetime) -> list[Allowance]:
    """What somebody may still claim from each pool of theirs; where there is none, from any."""
    pools = list(Pool.objects.claimable_by(user)) or [pool.without_a_pool()]
    return allowances(user, pools, at=at)


@command
def claim(lead_id: UUID, *, by: Actor, at: datetime) -> Lead:
    """Take a lead out of the pool for oneself; the merchant follows. Claiming what one has just
    claimed changes nothing.

    Raises NotFound; NotAllowed, also with code `pool_not_yours`; RuleBroken with code
    `lead_not_in_pool`, `lead_already_claimed` if somebody else was quicker, `claim_cap_reached`,
    `holding_cap_reached`, `claim_cooldown`.
    """
    if not isinstance(by, User):
        raise NotAllowed(_("Only a person claims a lead."))
    seen = _seen(lead_id, by, at)
    require(policies.may_claim(by, seen), _("Only those who sell claim leads."))
    # One colleague's claims one after the other: two at once cannot both be the last of the day.
    me = take(User.objects.all(), by.pk)
    require(me.is_active)
    merchant = take(Merchant.objects.all(), seen.merchant_id)
    lead = take(Lead.objects.all(), lead_id)
    if lead.owner_id == by.pk and _claimed_by(lead, by):
        return lead
    if seen.owner_id is None and lead.owner_id is not None:
        raise _too_late()
    if lead.owner_id is not None or not lead.is_open or lead.pooled_at is None:
        raise RuleBroken(_("This lead does not lie in the pool."), code="lead_not_in_pool")
    lies_in = lead.pool or pool.without_a_pool()
    _refuse_beyond(lies_in, lead, by, at)
    timeline.record(
        ownership.CLAIMED,
        merchant_id=merchant.pk,
        subject_id=lead.pk,
        by=by,
        at=at,
        owner=by.full_name,
    )
    home = _home(by, lead)
    registration.follow_owner(merchant, to=by, by=by, at=at, unit_id=home)
    objection_settling.follow_owner(lead, to=by, at=at)
    return ownership.give(lead, to=by, how=OwnershipChange.CLAIMED, by=by, at=at, unit_id=home)


def _home(by: User, lead: Lead) -> UUID | None:
    """The claimer's own unit, where a lead of the branch or of another team moves with its
    merchant, so that whoever leads the claimer sees what was claimed. None if it lies within the
    claimer's units already, or the merchant has a partnership, which belongs to its unit."""
    if by.scope.at(lead.unit_id, *WORKERS):
        return None
    if Partnership.objects.filter(merchant=lead.merchant_id).exists():
        return None
    sells = Membership.objects.of(by).filter(role__in=WORKERS).order_by("unit__ancestors__len")
    return sells.values_list("unit_id", flat=True).last()


def _seen(lead_id: UUID, by: User, at: datetime) -> Lead:
    """The lead as the claimer knows it. Raises NotFound, or RuleBroken where it was claimed a
    moment ago by somebody else and could have been theirs."""
    lead = Lead.objects.visible_to(by).filter(pk=lead_id).first()
    if lead is not None:
        return lead
    quicker = LeadOwnership.objects.current().filter(
        lead=lead_id,
        how=OwnershipChange.CLAIMED,
        since__gte=at - A_MOMENT,
        lead__unit__any_of=by.scope.pool,
    )
    if quicker.exists():
        raise _too_late()
    raise NotFound(_("There is no such row."))


def _too_late() -> RuleBroken:
    return RuleBroken(_("Somebody claimed this lead a moment ago."), code="lead_already_claimed")


def _claimed_by(lead: Lead, user: User) -> bool:
    last = LeadOwnership.objects.current().filter(lead=lead).first()
    return last is not None and last.how == OwnershipChange.CLAIMED and last.owner_id == user.pk


def _refuse_beyond(lies_in: Pool, lead: Lead, by: User, at: datetime) -> None:
    """Raises unless the pool is the claimer's, and its limits leave room."""
    if lead.pool_id is not None and not policies.may_use_pool(by, lead.pool_id):
        raise NotAllowed(
            _("This lead lies in the pool of another unit: “%(pool)s”.") % {"pool": lies_in},
            code="pool_not_yours",
        )
    mine = allowance(by, lies_in, at=at)
    if not mine.claims_left:
        raise RuleBroken(
            _("You have claimed %(count)s leads today; more is not possible before tomorrow.")
            % {"count": mine.claimed_today},
            code="claim_cap_reached",
            cap=lies_in.claims_a_day,
        )
    if not mine.room_left:
        raise RuleBroken(
            _("You hold %(count)s open leads; with %(cap)s the limit is reached.")
            % {"count": mine.held, "cap": lies_in.holding_cap},
            code="holding_cap_reached",
            cap=lies_in.holding_cap,
        )
    left_at = ownership.had_until(lead, by)
    if left_at is None:
        return
    free_on = timezone.localdate(left_at) + timedelta(days=lies_in.cooldown_days)
    if timezone.localdate(at) < free_on:
        raise RuleBroken(
            _("You had this lead before; you can claim it again from %(day)s on.")
            % {"day": free_on.isoformat()},
            code="claim_cooldown",
            free_on=free_on.isoformat(),
        )


@command
def give_back(
    lead_id: UUID,
    *,
    reason: str,
    because: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Lead:
    """Return a lead to the pool, for a reason from the list; what was promised is cancelled.

    Raises NotFound, NotAllowed, Stale, InvalidInput if no reason is given or another reason is not
    put into words, RuleBroken with code `lead_closed` or `lead_in_pool`.
    """
    merchant_id = (
        Lead.objects.seen_by(by).filter(pk=lead_id).values_list("merchant_id", flat=True).first()
    )
    merchant = take(Merchant.objects.all(), merchant_id or lead_id)
    lead = take(Lead.objects.seen_by(by), lead_id, version=version)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    if reason not in ReturnReason.values:
        raise InvalidInput(
            _("Say why the lead goes back to the pool."), code="return_needs_reason", attr="reason"
        )
    if reason == ReturnReason.OTHER and not because.strip():
        raise InvalidInput(
            _("Put the reason into words."), code="reason_words_required", attr="because"
        )
    if not lead.is_open:
        raise RuleBroken(_("This lead has ended."), code="lead_closed")
    if lead.owner_id is None:
        raise RuleBroken(_("This lead lies in the pool already."), code="lead_in_pool")
    timeline.record(
        ownership.RETURNED,
        merchant_id=merchant.pk,
        subject_id=lead.pk,
        by=by,
        at=at,
        reason=reason,
        because=because.strip(),
    )
    return pooling.into_pool(
        lead,
        merchant,
        how=OwnershipChange.RETURNED,
        by=by,
        at=at,
        reason=reason,
        because=because.strip(),
    )


def _midnight(at: datetime) -> datetime:
    """When the day began in the zone of the bank."""
    zone = timezone.get_default_timezone()
    return datetime.combine(at.astimezone(zone).date(), time(), zone)
