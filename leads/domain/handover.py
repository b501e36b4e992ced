"""Somebody leaves: everything they have in hand goes to one colleague, or into the pool.

All of it hangs on merchants, so it moves merchant by merchant, each with its leads, visits and
follow-ups, in the order in which everybody locks. A little moves at once; much becomes a job, whose
batches find what is left. Doing it again moves what came since, or nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import jobs, open_work
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.models import Job, JobPhase, JobState, Membership, User
from crm.models.jobs import JobQuerySet
from crm.policies import require
from leads import policies
from leads.domain import follow_up_signs, objection_settling, ownership, pooling, work_in_hand
from leads.domain.work_in_hand import Work
from leads.models import FollowUp, Lead, OwnershipChange, Visit
from leads.models.pool import HAND_OVER
from merchants.domain import registration, timeline
from merchants.models import Merchant
from merchants.policies import WORKERS

AT_ONCE = 200
"""Merchants whose work moves in one go; more of them become a job."""
BATCH = 50

_NOT_YOURS = _("You do not lead every unit at which this colleague's work lies.")


@dataclass(frozen=True)
class HandedOver:
    """What a hand-over moved, or the job that moves it."""

    moved: Work
    job: Job | None = None


@open_work.handed_over_at
def page(user_id: UUID) -> str:
    return reverse("hand-over", args=[user_id])


def preview(user_id: UUID, *, by: Actor) -> Work:
    """What would move, for somebody who may hand it over. Raises NotFound, NotAllowed."""
    _known(user_id, by)
    return work_in_hand.of(user_id)


@command
def hand_over(user_id: UUID, *, to: User | None, by: User, at: datetime) -> HandedOver:
    """Move all that a colleague has in hand to another one, or into the pool.

    Raises NotFound; NotAllowed unless the actor leads every unit at which it lies; InvalidInput for
    a receiver who is the colleague or does not sell there; RuleBroken with code
    `hand_over_under_way`.
    """
    _known(user_id, by)
    # Claims of the colleague wait until it is done, and so does shutting them out.
    leaver = take(User.objects.all(), user_id)
    _refuse_receiver(leaver, to, by)
    if running(user_id) is not None:
        raise RuleBroken(
            _("This colleague's work is being handed over already."), code="hand_over_under_way"
        )
    merchants = _merchants_with_work(user_id)
    if len(merchants) > AT_ONCE:
        return HandedOver(Work(0, 0, 0, 0), _begin_job(leaver, to, len(merchants), by=by, at=at))
    return HandedOver(_move(leaver, to, merchants, by=by, at=at))


def running(user_id: UUID) -> Job | None:
    """The job that moves a colleague's work at present."""
    return _jobs(user_id).exclude(state__in=_ENDED).first()


def last_job(user_id: UUID) -> Job | None:
    """The last job that moved a colleague's work."""
    return _jobs(user_id).first()


_ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


def _jobs(user_id: UUID) -> JobQuerySet:
    rows = Job.objects.of_kind(HAND_OVER).filter(parameters__of=str(user_id))
    return rows.order_by("-created_at", "-pk")


# --- who may, and to whom ------------------------------------------------------------------------


def _known(user_id: UUID, by: Actor) -> None:
    """Raises NotFound for a colleague whom the actor may not know of, NotAllowed."""
    if not User.objects.seen_by(by).filter(pk=user_id).exists():
        raise NotFound(_("There is no such row."))
    units = {*_units_of_work(user_id), *_units_of(user_id)}
    require(policies.may_hand_over_work(by, *units), _NOT_YOURS)


def _units_of(user_id: UUID) -> set[UUID]:
    return set(Membership.objects.filter(user=user_id).values_list("unit_id", flat=True))


def _units_of_work(user_id: UUID) -> set[UUID]:
    leads = Lead.objects.open().filter(owner=user_id).order_by().values_list("unit_id", flat=True)
    owned = Merchant.objects.filter(owner=user_id).order_by().values_list("unit_id", flat=True)
    return {*leads.distinct(), *owned.distinct()}


def _refuse_receiver(leaver: User, to: User | None, by: User) -> None:
    if to is None:
        return
    if to.pk == leaver.pk:
        raise InvalidInput(
            _("Choose somebody else than the colleague who leaves."),
            code="receiver_is_leaver",
            attr="to",
        )
    if not to.is_active or not all(
        to.scope.at(unit_id, *WORKERS) for unit_id in _units_of_work(leaver.pk)
    ):
        raise InvalidInput(
            _("%(name)s does not work at this unit.") % {"name": to.full_name},
            code="owner_not_at_unit",
            attr="to",
        )


# --- moving --------------------------------------------------------------------------------------


def _merchants_with_work(user_id: UUID) -> list[UUID]:
    """The merchants at which a colleague has anything in hand, in the order of their locks."""
    found = Merchant.objects.filter(owner=user_id).order_by().values_list("pk")
    for rows in (
        Lead.objects.open().filter(owner=user_id),
        FollowUp.objects.open().filter(owner=user_id),
        Visit.objects.open().filter(owner=user_id),
    ):
        found = found.union(rows.order_by().values_list("merchant"))
    return sorted(pk for (pk,) in found)


def _move(
    leaver: User, to: User | None, merchant_ids: Collection[UUID], *, by: Actor, at: datetime
) -> Work:
    """Move what hangs on these merchants, inside a transaction of the caller's."""
    merchants = {
        one.pk: one for one in Merchant.objects.filter(pk__any_of=merchant_ids).for_change()
    }
    mine = {"owner": leaver, "merchant__any_of": merchant_ids}
    leads = list(Lead.objects.open().filter(**mine).for_change())
    visits = list(Visit.objects.open().filter(**mine).for_change())
    follow_ups = list(
        FollowUp.objects.open().filter(**mine).select_related("merchant", "owner").for_change()
    )
    owned = [one for one in merchants.values() if one.owner_id == leaver.pk]
    moved = Work(len(leads), len(owned), len(follow_ups), len(visits))
    for lead in leads:
        _move_lead(lead, merchants[lead.merchant_id], leaver, to, by=by, at=at)
    for merchant in owned:
        registration.follow_owner(merchant, to=to, by=by, at=at)
    for visit in visits:
        if to is not None:
            visit.change(at=at, owner=to, stop=0)
        elif visit.lead_id not in {lead.pk for lead in leads}:
            pooling.call_off(visit, by=by, at=at)
    for follow_up in follow_ups:
        if to is not None:
            follow_up.change(at=at, owner=to)
            follow_up_signs.remind(follow_up, at=at)
        elif follow_up.lead_id not in {lead.pk for lead in leads}:
            pooling.drop(follow_up, by=by, at=at)
    if to is None:
        _keep_next_dates(follow_ups, {lead.pk for lead in leads}, at)
    else:
        for lead in leads:
            objection_settling.follow_owner(lead, to=to, at=at)
    for merchant in owned:
        objection_settling.follow_merchants_owner(merchant, to=to, at=at)
    return moved


def _move_lead(
    lead: Lead, merchant: Merchant, leaver: User, to: User | None, *, by: Actor, at: datetime
) -> None:
    kind = ownership.HANDED_OVER if to else ownership.LEFT_TO_POOL
    timeline.record(
        kind,
        merchant_id=merchant.pk,
        subject_id=lead.pk,
        by=by,
        at=at,
        former=leaver.full_name,
        owner=to.full_name if to else "",
    )
    if to is None:
        pooling.into_pool(lead, merchant, how=OwnershipChange.HANDED_OVER, by=by, at=at)
    else:
        ownership.give(lead, to=to, how=OwnershipChange.HANDED_OVER, by=by, at=at)


def _keep_next_dates(follow_ups: list[FollowUp], pooled: set[UUID], at: datetime) -> None:
    """Colleagues' leads on which the leaver had promised something have another next date now."""
    others = {one.lead_id for one in follow_ups if one.lead_id} - pooled
    for lead in Lead.objects.filter(pk__any_of=list(others)).for_change():
        follow_up_signs.keep_next(lead, at=at)


# --- much of it: a job ---------------------------------------------------------------------------


def _begin_job(leaver: User, to: User | None, total: int, *, by: User, at: datetime) -> Job:
    job = Job.objects.create(
        pk=uuid7(),
        kind=HAND_OVER,
        owner=by,
        parameters={"of": str(leaver.pk), "to": str(to.pk) if to else None},
        created_at=at,
        updated_at=at,
    )
    return jobs.begin(job, JobPhase.RUN, by=by, at=at, rows_total=total)


def may_steer(user: User, job: Job) -> bool:
    """Whoever began it."""
    return job.owner_id == user.pk


@jobs.runner(HAND_OVER, may_steer=may_steer, link=lambda job: page(UUID(job.parameters["of"])))
def work(job: Job, at: datetime) -> JobState | None:
    """The next merchants, and how far that brought the job."""
    leaver = take(User.objects.all(), UUID(job.parameters["of"]))
    given = job.parameters["to"]
    to = User.objects.get(pk=given) if given else None
    if to is not None and not to.is_active:
        raise NotAllowed(_("%(name)s does not work here any more.") % {"name": to.full_name})
    left = _merchants_with_work(leaver.pk)
    moved = _move(leaver, to, left[:BATCH], by=job.acting or job.owner, at=at)
    job.changed += moved.total
    job.rows_done = min(job.rows_total, job.rows_done + len(left[:BATCH]))
    if len(left) > BATCH:
        return None
    job.rows_done = job.rows_total
    return JobState.DONE
