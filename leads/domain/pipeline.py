"""The pipeline: leads are opened, assigned, and moved from stage to stage along the roads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from crm.errors import InvalidInput, NotAllowed, Problem, StageNotReachable
from crm.ids import uuid7
from crm.locking import known, take
from crm.models import User
from crm.policies import require
from leads import policies
from leads.domain import (
    due_dates,
    follow_ups,
    lead_checklists,
    lead_evidence,
    lead_reminders,
    objection_settling,
    ownership,
    visits,
    win_back,
    winning,
)
from leads.domain.lead_checklists import Check
from leads.domain.lead_file import LeadFile, Signature, Step
from leads.models import (
    Lead,
    LeadSource,
    LeadStepReason,
    LostReason,
    OwnershipChange,
    Stage,
    StageChange,
)
from leads.models.lead_guards import DEMANDS
from leads.models.lead_words import LEAD_REASONS
from leads.models.stages import Guard, Road, Who, roads_from
from merchants.domain import registration, timeline
from merchants.models import Merchant, Rival

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
class Way:
    """One possible next stage as a screen shows it: who may, what is there, what is missing."""

    to: Stage
    road: Road
    allowed: bool
    checks: tuple[Check, ...]

    @property
    def missing(self) -> tuple[Guard, ...]:
        """The guards that are neither met nor waived, in the road's order."""
        return tuple(one.guard for one in self.checks if not one.passes)


@command
def open_lead(
    lead_id: UUID,
    merchant_id: UUID,
    *,
    source: str = LeadSource.FIELD,
    expected_value_fen: int | None = None,
    expected_signing_on: date | None = None,
    owner: User | None,
    by: Actor,
    at: datetime,
) -> Lead:
    """Begin to pursue a merchant. The merchant's owner follows the lead's; with no owner named,
    the lead is for whoever looks after the merchant.

    Raises NotFound if the actor does not know the merchant, NotAllowed, RuleBroken with code
    `lead_already_open` if somebody pursues it already, `merchant_blocked`, and what winning back
    raises.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(policies.may_open(by, merchant), _("Somebody else looks after this merchant."))
    win_back.refuse_forbidden(merchant, source, at=at)
    _sound_signing_day(expected_signing_on, at)
    lead = Lead.objects.create(
        pk=lead_id,
        merchant=merchant,
        unit_id=merchant.unit_id,
        owner_id=owner.pk if owner else merchant.owner_id,
        stage_entered_at=at,
        last_activity_at=at,
        source=source,
        expected_value_fen=_sound_value(expected_value_fen),
        expected_signing_on=expected_signing_on,
        created_at=at,
        updated_at=at,
    )
    StageChange.objects.create(lead=lead, to_stage=Stage.NEW, at=at, actor_id=user_id(by))
    ownership.begin(lead, by=by, at=at)
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
    """Change the source, the expected value or the expected day of signature of a lead. None of
    them counts as activity, and so none keeps a lead from going stale."""
    lead = take(Lead.objects.seen_by(by), lead_id, version=version)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    source = changes.get("source", lead.source)
    if source != lead.source and LeadSource.WIN_BACK in (source, lead.source):
        raise InvalidInput(
            _("Whether a lead wins a partner back is said when it is opened."),
            code="source_is_fixed",
            attr="source",
        )
    if changes.get("expected_signing_on") != lead.expected_signing_on:
        _sound_signing_day(changes.get("expected_signing_on"), at)
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


def _sound_signing_day(day: date | None, at: datetime) -> None:
    today = timezone.localdate(at)
    if day is not None and not today <= day <= today + due_dates.FARTHEST:
        raise InvalidInput(
            _("The signature is expected today or within five years."),
            code="signing_day_out_of_range",
            attr="expected_signing_on",
        )


@command
def advance(
    lead_id: UUID,
    *,
    to: Stage,
    by: Actor,
    at: datetime,
    because: str = "",
    reason: str = "",
    revisit_on: date | None = None,
    lost_reason: str = "",
    lost_to_rival_id: UUID | None = None,
    waivers: Mapping[str, str] | None = None,
    agreement: Signature | None = None,
    version: int | None = None,
) -> Lead:
    """Move a lead along a road and write the step into its history and the merchant's timeline,
    with the evidence and the waivers that it rests on.

    `waivers` are guards that a leader lets pass with this very step, each with its reason. Winning
    takes the signed `agreement`, and begins or renews the partnership. A revisit date on a day off
    moves to the next working day; the lead's notices say so.

    Raises NotFound, NotAllowed if the road is not the actor's to walk, with code `maker_is_checker`
    or `amount_too_high` for an approver who may not approve this one; StageNotReachable with what
    is missing if there is no road or a guard is not met; Stale for an outdated version; what
    waiving, and what the agreement, raises.
    """
    taken = winning.take_in_order if to == Stage.WON else lead_evidence.lead_of
    lead = taken(lead_id, by, version=version)
    road = road_to(lead, to)
    require(policies.may_walk(by, lead, road.who), _not_yours(road.who))
    because = because.strip()
    if to == Stage.LOST and because and not lost_reason:
        lost_reason = LostReason.OTHER
    if to in LEAD_REASONS and because and not reason:
        reason = LeadStepReason.OTHER
    if reason and reason not in LEAD_REASONS.get(to, ()):
        raise InvalidInput(
            _("This is no reason for this step."), code="reason_not_for_step", attr="reason"
        )
    rival = _rival(lost_to_rival_id, to, by)
    calendar = calendars.load()
    notices: tuple[Problem, ...] = ()
    if to == Stage.PARKED and revisit_on:
        chosen = due_dates.working_day(
            revisit_on,
            today=timezone.localdate(at),
            calendar=calendar,
            attr="revisit_on",
        )
        revisit_on, notices = chosen.value, chosen.notices
    given = tuple(
        lead_evidence.waive_for(uuid7(), lead, to=to, guard=guard, because=text, by=by, at=at)
        for guard, text in (waivers or {}).items()
    )
    step = Step(to, at, because, reason, revisit_on, lost_reason, agreement)
    checked = lead_checklists.checks(LeadFile(lead, by, at, given), road, step)
    _refuse(checked)
    _walk(lead, step, checked, rival=rival, by=by, calendar=calendar)
    lead.notices = notices
    return lead


def _walk(
    lead: Lead,
    step: Step,
    checked: Sequence[Check],
    *,
    rival: Rival | None,
    by: Actor,
    calendar: WorkingDays,
) -> None:
    """Change the stage and write the step, with the evidence and the waivers that it rests on."""
    to, at, left = step.to, step.at, Stage(lead.stage)
    stayed = _working_days(lead, at, calendar)
    was_open = lead.is_open
    lead_reminders.forget(lead, at=at)
    lead.change(
        at=at,
        stage=to,
        stage_entered_at=at,
        last_activity_at=max(lead.last_activity_at, at),
        revisit_on=step.revisit_on if to == Stage.PARKED else None,
        lost_reason=step.lost_reason if to == Stage.LOST else "",
        lost_to_rival=rival,
    )
    ownership.worked_on(lead, at=at)
    lead_reminders.follow(lead, at=at)
    if lead.is_open != was_open:
        objection_settling.follow_owner(lead, to=lead.owner if lead.is_open else None, at=at)
    change = StageChange.objects.create(
        lead=lead,
        from_stage=left,
        to_stage=to,
        at=at,
        actor_id=user_id(by),
        because=step.because,
        reason=step.reason,
        lost_reason=lead.lost_reason,
        working_days=stayed,
    )
    evidence = {one for check in checked if check.found.met for one in check.found.evidence}
    if step.agreement is not None and to == Stage.WON:
        evidence.add(winning.win(lead, step.agreement, by=by, at=at))
    if evidence:
        change.evidence.set(evidence)
    if let_pass := {check.waiver for check in checked if check.waiver and not check.found.met}:
        change.waivers.set(let_pass)
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


def _refuse(checked: Iterable[Check]) -> None:
    """Say no with everything that is missing. Whether one may approve at all comes first."""
    missing = [one for one in checked if not one.passes]
    for guard, code in (
        (Guard.NOT_MAKER, "maker_is_checker"),
        (Guard.APPROVAL_TIER, "amount_too_high"),
    ):
        if any(one.guard == guard for one in missing):
            raise NotAllowed(DEMANDS[guard].remedy, code=code)
    if missing:
        problems = [Problem(one.guard, one.demand.remedy, one.demand.attr) for one in missing]
        raise StageNotReachable(
            problems[0].detail, problems=problems, missing=[str(one.guard) for one in missing]
        )


def _rival(rival_id: UUID | None, to: Stage, by: Actor) -> Rival | None:
    if rival_id is None:
        return None
    if to != Stage.LOST:
        raise InvalidInput(
            _("Only a lost lead names the rival that it was lost to."),
            code="rival_of_lost_only",
            attr="lost_to_rival",
        )
    return known(Rival.objects.seen_by(by), rival_id, attr="lost_to_rival")


def road_to(lead: Lead, to: Stage) -> Road:
    """The road from where the lead is. Raises StageNotReachable if there is none."""
    roads = _roads(lead)
    road = roads.get(to)
    if road is None:
        raise StageNotReachable(
            _("There is no way from “%(from)s” to “%(to)s”.")
            % {"from": lead.get_stage_display(), "to": to.label},
            attr="to",
            reachable=[str(stage) for stage in roads],
        )
    return road


def _roads(lead: Lead) -> Mapping[Stage, Road]:
    return roads_from(Stage(lead.stage), win_back=lead.source == LeadSource.WIN_BACK)


def ways(lead: Lead, *, by: Actor, at: datetime) -> list[Way]:
    """Every road out of the lead's stage: whether the actor may, and how each guard stands.

    The same few statements however many roads and rows there are.
    """
    file = LeadFile(lead, by, at)
    return [
        Way(
            to,
            road,
            policies.may_walk(by, lead, road.who),
            lead_checklists.checks(file, road, Step(to, at)),
        )
        for to, road in _roads(lead).items()
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
    visits.move_open(lead, to=to, at=at)
    follow_ups.move_open(lead, to=to, at=at)
    objection_settling.follow_owner(lead, to=to, at=at)
    return ownership.give(lead, to=to, how=OwnershipChange.ASSIGNED, by=by, at=at)


def take_with_merchant(lead_id: UUID, by: Actor) -> tuple[Lead, Merchant]:
    """Lock a lead and its merchant, the merchant first: the order everybody keeps."""
    merchant_id = (
        Lead.objects.seen_by(by).filter(pk=lead_id).values_list("merchant_id", flat=True).first()
    )
    merchant = take(Merchant.objects.all(), merchant_id or lead_id)
    return take(Lead.objects.seen_by(by), lead_id), merchant
