"""The pipeline: leads are opened, assigned, and moved from stage to stage along the roads."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import calendar as calendars
from crm.domain.working_days import WorkingDays
from crm.errors import InvalidInput, Problem, StageNotReachable
from crm.locking import take
from crm.models import User
from crm.policies import require
from leads import policies
from leads.domain import due_dates, follow_ups, objection_settling
from leads.models import Lead, LeadSource, LostReason, Stage, StageChange
from leads.models.stages import GUARD_SENTENCES, REOPEN_DAYS, ROADS, Guard, Road, Who
from merchants.domain import registration, timeline
from merchants.models import Merchant

OPENED = timeline.kind("lead.opened", _("Lead opened"), _("A lead was opened."))
MOVED = timeline.kind(
    "lead.moved",
    _("Stage changed"),
    _("The lead moved from “%(from)s” to “%(to)s”."),
    **{"from": Stage, "to": Stage},
)
MOVED_BECAUSE = timeline.kind(
    "lead.moved_because",
    _("Stage changed"),
    _("The lead moved from “%(from)s” to “%(to)s”: %(because)s"),
    **{"from": Stage, "to": Stage},
)
ASSIGNED = timeline.kind("lead.assigned", _("Lead assigned"), _("%(owner)s now works the lead."))

LARGEST_VALUE_FEN = 10**13


@dataclass(frozen=True)
class Step:
    """A step that somebody wants to take, with what they say about it."""

    to: Stage
    at: datetime
    because: str = ""
    revisit_on: date | None = None
    lost_reason: str = ""


@dataclass(frozen=True)
class Way:
    """One possible next stage as a screen shows it: may the actor, and what is still missing."""

    to: Stage
    allowed: bool
    missing: tuple[Guard, ...] = field(default=())


@command
def open_lead(
    lead_id: UUID,
    merchant_id: UUID,
    *,
    source: str = LeadSource.FIELD,
    expected_value_fen: int | None = None,
    owner: User | None,
    by: Actor,
    at: datetime,
) -> Lead:
    """Begin to pursue a merchant. The merchant's owner follows the lead's; with no owner named,
    the lead is for whoever looks after the merchant.

    Raises NotFound if the actor does not know the merchant, NotAllowed, RuleBroken with code
    `lead_already_open` if somebody pursues it already.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(policies.may_open(by, merchant), _("Somebody else looks after this merchant."))
    lead = Lead.objects.create(
        pk=lead_id,
        merchant=merchant,
        unit_id=merchant.unit_id,
        owner_id=owner.pk if owner else merchant.owner_id,
        stage_entered_at=at,
        last_activity_at=at,
        source=source,
        expected_value_fen=_sound_value(expected_value_fen),
        created_at=at,
        updated_at=at,
    )
    StageChange.objects.create(lead=lead, to_stage=Stage.NEW, at=at, actor_id=user_id(by))
    timeline.record(OPENED, merchant_id=merchant.pk, subject_id=lead.pk, by=by, at=at)
    if owner is not None:
        registration.follow_owner(merchant, to=owner, by=by, at=at)
    return lead


@command
def correct(
    lead_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Lead:
    """Change the source or the expected value of a lead. Neither counts as activity."""
    lead = take(Lead.objects.seen_by(by), lead_id, version=version)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    if "expected_value_fen" in changes:
        _sound_value(changes["expected_value_fen"])
    return lead.change(at=at, **changes) if changes else lead


def _sound_value(fen: int | None) -> int | None:
    if fen is not None and not 0 <= fen <= LARGEST_VALUE_FEN:
        raise InvalidInput(
            _("The expected value is between zero and 100 billion yuan."),
            code="value_out_of_range",
            attr="expected_value",
        )
    return fen


@command
def advance(
    lead_id: UUID,
    *,
    to: Stage,
    by: Actor,
    at: datetime,
    because: str = "",
    revisit_on: date | None = None,
    lost_reason: str = "",
    version: int | None = None,
) -> Lead:
    """Move a lead along a road and write the step into its history and the merchant's timeline.

    A revisit date on a day off moves to the next working day; the lead's notices say so.

    Raises NotFound, NotAllowed if the road is not the actor's to walk, StageNotReachable with what
    is missing if there is no road or a guard is not met, Stale for an outdated version.
    """
    lead = take(Lead.objects.seen_by(by), lead_id, version=version)
    calendar = calendars.load()
    road = road_to(lead, to)
    require(policies.may_walk(by, lead, road.who), _not_yours(road.who))
    if to == Stage.LOST and because.strip() and not lost_reason:
        lost_reason = LostReason.OTHER
    step = Step(to, at, because.strip(), revisit_on, lost_reason)
    if missing := unmet(lead, step, road):
        raise StageNotReachable(
            GUARD_SENTENCES[missing[0]],
            problems=[Problem(guard, GUARD_SENTENCES[guard], _ATTRS[guard]) for guard in missing],
            missing=[str(guard) for guard in missing],
        )
    notices: tuple[Problem, ...] = ()
    if to == Stage.PARKED and revisit_on:
        chosen = due_dates.working_day(
            revisit_on,
            today=timezone.localdate(at),
            calendar=calendar,
            attr="revisit_on",
        )
        revisit_on, notices = chosen.value, chosen.notices
    stayed = _working_days(lead, at, calendar)
    left = Stage(lead.stage)
    lead.change(
        at=at,
        stage=to,
        stage_entered_at=at,
        last_activity_at=max(lead.last_activity_at, at),
        revisit_on=revisit_on if to == Stage.PARKED else None,
        lost_reason=step.lost_reason if to == Stage.LOST else "",
    )
    StageChange.objects.create(
        lead=lead,
        from_stage=left,
        to_stage=to,
        at=at,
        actor_id=user_id(by),
        because=step.because,
        lost_reason=lead.lost_reason,
        working_days=stayed,
    )
    facts: dict[str, str | int] = {"from": left, "to": to}
    if step.because:
        facts["because"] = step.because
    timeline.record(
        MOVED_BECAUSE if step.because else MOVED,
        merchant_id=lead.merchant_id,
        subject_id=lead.pk,
        by=by,
        at=at,
        **facts,
    )
    lead.notices = notices
    return lead


_ATTRS = {
    Guard.OWNER: "owner",
    Guard.REASON: "because",
    Guard.REVISIT_DATE: "revisit_on",
    Guard.LOST_REASON: "lost_reason",
    Guard.RECENTLY_LOST: None,
}


def road_to(lead: Lead, to: Stage) -> Road:
    """The road from where the lead is. Raises StageNotReachable if there is none."""
    road = ROADS[Stage(lead.stage)].get(to)
    if road is None:
        raise StageNotReachable(
            _("There is no way from “%(from)s” to “%(to)s”.")
            % {"from": lead.get_stage_display(), "to": to.label},
            attr="to",
            reachable=[str(stage) for stage in ROADS[Stage(lead.stage)]],
        )
    return road


def unmet(lead: Lead, step: Step, road: Road) -> list[Guard]:
    """The guards of a road that a step does not meet."""
    met = {
        Guard.OWNER: lead.owner_id is not None,
        Guard.REASON: bool(step.because),
        Guard.REVISIT_DATE: step.revisit_on is not None,
        Guard.LOST_REASON: bool(step.lost_reason),
        Guard.RECENTLY_LOST: (step.at - lead.stage_entered_at).days <= REOPEN_DAYS,
    }
    return [guard for guard in road.guards if not met[guard]]


def ways(lead: Lead, *, by: Actor, at: datetime) -> list[Way]:
    """Every road out of the lead's stage, with whether the actor may and what it will ask for."""
    return [
        Way(
            to,
            policies.may_walk(by, lead, road.who),
            tuple(unmet(lead, Step(to, at), road)),
        )
        for to, road in ROADS[Stage(lead.stage)].items()
    ]


def _not_yours(who: Who) -> Any:
    return _("This step is for %(who)s.") % {"who": who.value}


def _working_days(lead: Lead, at: datetime, calendar: WorkingDays) -> int:
    zone = ZoneInfo(timezone.get_default_timezone_name())
    return calendar.elapsed(
        lead.stage_entered_at.astimezone(zone).date(), at.astimezone(zone).date()
    )


@command
def assign(lead_id: UUID, *, to: User, by: Actor, at: datetime) -> Lead:
    """Give a lead, its merchant and its open follow-ups to a colleague.

    Raises NotFound, NotAllowed, InvalidInput for a colleague who does not work at the unit.
    """
    known = take_with_merchant(lead_id, by)
    lead, merchant = known
    require(policies.may_assign(by, lead), _("You do not lead this lead's unit."))
    if not policies.may_own(to, lead):
        raise InvalidInput(
            _("%(name)s does not work at this unit.") % {"name": to.full_name},
            code="owner_not_at_unit",
            attr="owner",
        )
    if lead.owner_id == to.pk:
        return lead
    timeline.record(
        ASSIGNED,
        merchant_id=merchant.pk,
        subject_id=lead.pk,
        by=by,
        at=at,
        owner=to.full_name,
    )
    registration.follow_owner(merchant, to=to, by=by, at=at)
    follow_ups.move_open(lead, to=to, at=at)
    objection_settling.follow_owner(lead, to=to, at=at)
    return lead.change(at=at, owner=to)


def take_with_merchant(lead_id: UUID, by: Actor) -> tuple[Lead, Merchant]:
    """Lock a lead and its merchant, the merchant first: the order everybody keeps."""
    merchant_id = (
        Lead.objects.seen_by(by).filter(pk=lead_id).values_list("merchant_id", flat=True).first()
    )
    merchant = take(Merchant.objects.all(), merchant_id or lead_id)
    return take(Lead.objects.seen_by(by), lead_id), merchant
