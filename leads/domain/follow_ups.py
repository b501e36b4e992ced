"""Follow-ups: promised, put off, done or dropped; each plans and cancels its own reminder."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import calendar as calendars
from crm.domain import reminders
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.models import User
from crm.policies import require
from leads import policies
from leads.domain import due_dates
from leads.models import FollowUp, FollowUpState, Lead
from merchants.domain import timeline
from merchants.models import Merchant

DUE = reminders.kind(
    "follow_up_due",
    label=_("Follow-up due"),
    subject=_("Follow up: %(title)s (%(merchant)s)"),
    text=_("You promised to follow up with %(merchant)s by %(due_at)s: %(title)s."),
)
PROMISED = timeline.kind(
    "follow_up.promised", _("Follow-up promised"), _("Follow-up promised: %(title)s")
)
DONE = timeline.kind(
    "follow_up.done", _("Follow-up done"), _("Follow-up done: %(title)s. %(outcome)s")
)
PUT_OFF = timeline.kind(
    "follow_up.put_off", _("Follow-up put off"), _("Follow-up put off: %(title)s")
)
DROPPED = timeline.kind(
    "follow_up.dropped",
    _("Follow-up dropped"),
    _("Follow-up dropped: %(title)s. %(outcome)s"),
)


@command
def promise(
    follow_up_id: UUID,
    merchant_id: UUID,
    *,
    title: str,
    due_at: datetime,
    owner: User,
    by: Actor,
    at: datetime,
    lead_id: UUID | None = None,
) -> FollowUp:
    """Promise to come back, and plan the reminder.

    A moment on a day off moves to the next working day; the follow-up's notices say so.

    Raises NotFound, NotAllowed, InvalidInput for a moment in the past.
    """
    lead = take(Lead.objects.seen_by(by), lead_id, attr="lead") if lead_id else None
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    if lead and lead.merchant_id != merchant.pk:
        raise InvalidInput(
            _("The lead belongs to another merchant."),
            code="lead_of_other_merchant",
            attr="lead",
        )
    require(policies.may_follow_up(by, merchant, lead))
    chosen = _moment(due_at, owner=owner, at=at, attr="due_at")
    follow_up = FollowUp.objects.create(
        pk=follow_up_id,
        merchant=merchant,
        lead=lead,
        owner=owner,
        title=title,
        due_at=chosen.value,
        created_at=at,
        updated_at=at,
    )
    _remind(follow_up, at=at)
    _write(PROMISED, follow_up, by=by, at=at)
    _keep_next(lead, at=at)
    follow_up.notices = chosen.notices
    return follow_up


@command
def finish(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    outcome: str = "",
    version: int | None = None,
) -> FollowUp:
    """Done. Raises NotFound, NotAllowed, RuleBroken if it is closed already, Stale."""
    return _close(follow_up_id, FollowUpState.DONE, outcome, by=by, at=at, version=version)


@command
def drop(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    version: int | None = None,
) -> FollowUp:
    """No longer needed. Raises NotFound, NotAllowed, RuleBroken if it is closed already, Stale."""
    return _close(follow_up_id, FollowUpState.CANCELLED, because, by=by, at=at, version=version)


@command
def snooze(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    until: datetime | None = None,
    version: int | None = None,
) -> FollowUp:
    """Put it off, if nothing else is said to the same hour of the next working day; there will be
    one more reminder, at the new time.

    Raises NotFound, NotAllowed, RuleBroken if it is closed already, InvalidInput, Stale.
    """
    follow_up, lead = _take_open(follow_up_id, by, version)
    until = until or next_occasion(follow_up, at=at)
    chosen = _moment(until, owner=follow_up.owner, at=at, attr="until")
    reminders.cancel(follow_up.reminder_key, at=at)
    follow_up.change(at=at, due_at=chosen.value, snoozes=follow_up.snoozes + 1)
    _remind(follow_up, at=at)
    _write(PUT_OFF, follow_up, by=by, at=at)
    _keep_next(lead, at=at)
    follow_up.notices = chosen.notices
    return follow_up


def next_occasion(follow_up: FollowUp, *, at: datetime) -> datetime:
    """When it would come up again if it were put off now."""
    return due_dates.same_hour_next_working_day(
        follow_up.due_at,
        at=at,
        zone=ZoneInfo(follow_up.owner.time_zone),
        calendar=calendars.load(),
    )


def move_open(lead: Lead, *, to: User, at: datetime) -> int:
    """Let the open follow-ups of a lead go to its new owner, reminders and all."""
    moved = list(
        FollowUp.objects.open()
        .filter(lead=lead)
        .exclude(owner=to)
        .select_related("merchant")
        .for_change()
    )
    for follow_up in moved:
        follow_up.change(at=at, owner=to)
        _remind(follow_up, at=at)
    return len(moved)


def _close(
    follow_up_id: UUID,
    state: FollowUpState,
    outcome: str,
    *,
    by: Actor,
    at: datetime,
    version: int | None,
) -> FollowUp:
    follow_up, lead = _take_open(follow_up_id, by, version)
    reminders.cancel(follow_up.reminder_key, at=at)
    follow_up.change(at=at, state=state, outcome=outcome, closed_at=at)
    _write(DONE if state == FollowUpState.DONE else DROPPED, follow_up, by=by, at=at)
    _keep_next(lead, at=at)
    return follow_up


def _take_open(follow_up_id: UUID, by: Actor, version: int | None) -> tuple[FollowUp, Lead | None]:
    """Lock a follow-up, after its lead: the order everybody keeps."""
    seen = FollowUp.objects.seen_by(by)
    lead_id = seen.filter(pk=follow_up_id).values_list("lead_id", flat=True).first()
    lead = take(Lead.objects.all(), lead_id) if lead_id else None
    follow_up = take(seen.select_related("merchant", "owner"), follow_up_id, version=version)
    if not (isinstance(by, User) and follow_up.owner_id == by.pk):
        require(policies.may_follow_up(by, follow_up.merchant, lead))
    if follow_up.state != FollowUpState.OPEN:
        raise RuleBroken(_("This follow-up is closed already."), code="follow_up_closed")
    return follow_up, lead


def _moment(
    moment: datetime, *, owner: User, at: datetime, attr: str
) -> due_dates.Chosen[datetime]:
    return due_dates.working_moment(
        moment,
        at=at,
        zone=ZoneInfo(owner.time_zone),
        calendar=calendars.load(),
        attr=attr,
    )


def _remind(follow_up: FollowUp, *, at: datetime) -> None:
    reminders.plan(
        follow_up.reminder_key,
        recipient=follow_up.owner,
        kind=DUE,
        facts={
            "title": follow_up.title,
            "merchant": follow_up.merchant.name,
            "due_at": follow_up.due_at.isoformat(),
        },
        link=f"/admin/leads/followup/{follow_up.pk}/change/",
        due_at=follow_up.due_at,
        at=at,
    )


def _write(kind: timeline.Kind, follow_up: FollowUp, *, by: Actor, at: datetime) -> None:
    timeline.record(
        kind,
        merchant_id=follow_up.merchant_id,
        subject_id=follow_up.pk,
        by=by,
        at=at,
        title=follow_up.title,
        outcome=follow_up.outcome,
    )


def _keep_next(lead: Lead | None, *, at: datetime) -> None:
    """The lead's own next date, so that lists can sort and filter by it."""
    if lead is None:
        return
    following = FollowUp.objects.open().filter(lead=lead).aggregate(next=Min("due_at"))["next"]
    if lead.next_follow_up_at != following:
        lead.change(at=at, next_follow_up_at=following)
