"""Follow-ups: promised, put off, handed over, done or dropped; each plans and cancels its own
reminder, and one that repeats comes back when it is closed."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import calendar as calendars
from crm.domain import reminders
from crm.errors import InvalidInput, Problem, RuleBroken
from crm.locking import known, take
from crm.models import Membership, OrgUnit, User
from crm.policies import require
from leads import policies
from leads.domain import due_dates, follow_up_series, follow_up_signs
from leads.domain.due_dates import Due
from leads.domain.follow_up_signs import DONE, DROPPED, HANDED, PROMISED, PUT_OFF
from leads.domain.recurrence import Recurrence
from leads.models import (
    FollowUp,
    FollowUpOutcome,
    FollowUpPriority,
    FollowUpState,
    Lead,
)
from leads.models.follow_up_words import OUTCOMES_OF_CANCELLED, OUTCOMES_OF_DONE
from merchants.models import Merchant
from merchants.policies import WORKERS

COMES_BACK = "comes_back"


@command
def promise(
    follow_up_id: UUID,
    merchant_id: UUID,
    *,
    title: str,
    due_at: Due,
    owner: User,
    by: Actor,
    at: datetime,
    lead_id: UUID | None = None,
    priority: str = FollowUpPriority.NORMAL,
    repeating: Recurrence | None = None,
) -> FollowUp:
    """Promise to come back, at a moment or in so many working days, and plan the reminder.

    A moment on a day off moves to the next working day; the follow-up's notices say so.

    Raises NotFound, NotAllowed, InvalidInput for a moment in the past, for a colleague who does
    not sell at the merchant's unit, for a recurrence that makes no sense.
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
    if isinstance(by, User) and owner.pk not in (by.pk, merchant.owner_id):
        _refuse_strangers(owner, merchant)
    chosen = _moment(due_at, owner=owner, at=at, attr="due_at")
    follow_up = FollowUp.objects.create(
        pk=follow_up_id,
        merchant=merchant,
        lead=lead,
        owner=owner,
        title=title,
        due_at=chosen.value,
        priority=priority,
        created_at=at,
        updated_at=at,
        **follow_up_series.columns(repeating, first=chosen.value, owner=owner),
    )
    follow_up_signs.remind(follow_up, at=at)
    follow_up_signs.write(PROMISED, follow_up, by=by, at=at)
    follow_up_signs.keep_next(lead, at=at)
    follow_up.notices = chosen.notices
    return follow_up


@command
def finish(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    outcome: str = "",
    outcome_code: str = "",
    version: int | None = None,
) -> FollowUp:
    """Done; one that repeats comes back, and its notices say when.

    Raises NotFound, NotAllowed, RuleBroken if it is closed already, InvalidInput, Stale.
    """
    _refuse_outcome(outcome_code, OUTCOMES_OF_DONE)
    return _close(
        follow_up_id,
        FollowUpState.DONE,
        outcome,
        outcome_code,
        by=by,
        at=at,
        version=version,
        comes_back=True,
    )


@command
def drop(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    outcome_code: str = "",
    end_series: bool = False,
    version: int | None = None,
) -> FollowUp:
    """Not this time; of one that repeats, the next still comes unless the series is ended too.

    Raises NotFound, NotAllowed, RuleBroken if it is closed already, InvalidInput, Stale.
    """
    _refuse_outcome(outcome_code, OUTCOMES_OF_CANCELLED)
    return _close(
        follow_up_id,
        FollowUpState.CANCELLED,
        because,
        outcome_code,
        by=by,
        at=at,
        version=version,
        comes_back=not end_series,
    )


@command
def snooze(
    follow_up_id: UUID,
    *,
    by: Actor,
    at: datetime,
    until: Due | None = None,
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
    follow_up_signs.remind(follow_up, at=at)
    follow_up_signs.write(PUT_OFF, follow_up, by=by, at=at)
    follow_up_signs.keep_next(lead, at=at)
    follow_up.notices = chosen.notices
    return follow_up


@command
def hand_over(
    follow_up_id: UUID, *, to: User, by: Actor, at: datetime, version: int | None = None
) -> FollowUp:
    """Give an open follow-up, and what comes of it, to a colleague, who is told.

    Raises NotFound, NotAllowed, RuleBroken if it is closed already, InvalidInput for somebody who
    does not sell at the merchant's unit, Stale.
    """
    follow_up, _lead = _take_open(follow_up_id, by, version)
    _refuse_strangers(to, follow_up.merchant)
    if follow_up.owner_id == to.pk:
        return follow_up
    follow_up.change(at=at, owner=to)
    follow_up_signs.remind(follow_up, at=at)
    follow_up_signs.tell_new_owner(follow_up, by=by, at=at)
    follow_up_signs.write(HANDED, follow_up, by=by, at=at)
    return follow_up


def takers(merchant: Merchant) -> QuerySet[User]:
    """The colleagues who may be handed a follow-up with a merchant."""
    ancestors = OrgUnit.objects.get(pk=merchant.unit_id).ancestors
    at_unit = Membership.objects.filter(role__in=WORKERS, unit__in=ancestors)
    people: QuerySet[User] = User.objects.active().filter(pk__in=at_unit.values("user"))
    return people.order_by("full_name", "pk")


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
        follow_up_signs.remind(follow_up, at=at)
    return len(moved)


def _close(
    follow_up_id: UUID,
    state: FollowUpState,
    outcome: str,
    outcome_code: str,
    *,
    by: Actor,
    at: datetime,
    version: int | None,
    comes_back: bool,
) -> FollowUp:
    follow_up, lead = _take_open(follow_up_id, by, version)
    reminders.cancel(follow_up.reminder_key, at=at)
    follow_up.change(at=at, state=state, outcome=outcome, outcome_code=outcome_code, closed_at=at)
    follow_up_signs.write(DONE if state == FollowUpState.DONE else DROPPED, follow_up, by=by, at=at)
    if comes_back and (following := follow_up_series.make_next(follow_up, at=at)):
        day = timezone.localtime(following.due_at, ZoneInfo(following.owner.time_zone)).date()
        sentence = _("It comes back on %(day)s.") % {"day": day.isoformat()}
        follow_up.notices = (Problem(COMES_BACK, sentence),)
    follow_up_signs.keep_next(lead, at=at)
    return follow_up


def _refuse_strangers(owner: User, merchant: Merchant) -> None:
    if not policies.may_take_follow_up(owner, merchant):
        raise InvalidInput(
            _("%(name)s does not work at this unit.") % {"name": owner.full_name},
            code="owner_not_at_unit",
            attr="owner",
        )


def _refuse_outcome(code: str, fitting: tuple[FollowUpOutcome, ...]) -> None:
    if code and code not in fitting:
        raise InvalidInput(
            _("This outcome does not belong to this step."),
            code="outcome_does_not_fit",
            attr="outcome_code",
        )


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


def _moment(due: Due, *, owner: User, at: datetime, attr: str) -> due_dates.Chosen[datetime]:
    return due_dates.kept(
        due,
        at=at,
        zone=ZoneInfo(owner.time_zone),
        calendar=calendars.load(),
        attr=attr,
    )
