"""The life of a partnership: it begins, moves from stage to stage along the roads, and ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import calendar as calendars
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken, StageNotReachable
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import agreements, partnership_facts, partnership_steps, timeline
from merchants.domain.agreement_terms import Terms
from merchants.domain.checklists import CaseFile, Check
from merchants.domain.evidence import partnership_of, waive_for
from merchants.models import (
    Merchant,
    Partnership,
    PartnershipStage,
    PartnershipStep,
    StepReason,
)
from merchants.models.partnership_roads import ROADS, Guard, Road, Who
from merchants.models.partnership_words import REASONS

LONGEST_COMMENT = 2000
REGISTERED_IN = (PartnershipStage.ONBOARDING, PartnershipStage.PILOT, PartnershipStage.ACTIVE)
"""Stages in which a partnership that exists already can be registered."""

BEGUN = timeline.kind(
    "partnership.begun",
    _("Partnership begun"),
    _("A partnership began, in the stage “%(to)s”."),
    to=PartnershipStage,
)
MOVED = timeline.kind(
    "partnership.moved",
    _("Partnership moved"),
    _("The partnership moved from “%(from)s” to “%(to)s”."),
    **{"from": PartnershipStage, "to": PartnershipStage},
)
MOVED_BECAUSE = timeline.kind(
    "partnership.moved_because",
    _("Partnership moved"),
    _("The partnership moved from “%(from)s” to “%(to)s”: %(reason)s"),
    reason=StepReason,
    **{"from": PartnershipStage, "to": PartnershipStage},
)


@dataclass(frozen=True)
class Way:
    """One possible next stage as a screen shows it: who may, what is there, what is missing."""

    to: PartnershipStage
    road: Road
    allowed: bool
    checks: tuple[Check, ...]

    @property
    def missing(self) -> tuple[Check, ...]:
        return tuple(one for one in self.checks if not one.passes)


@command
def begin(
    partnership_id: UUID, merchant_id: UUID, *, key: str, by: Actor, at: datetime
) -> Partnership:
    """Let a partnership begin with a merchant that was won: a new one, or the one that had ended,
    brought back to onboarding.

    `key` says what it begins for (a lead); asked again with the same key, the partnership that
    began then is returned and nothing happens. Raises NotFound, RuleBroken with code
    `partnership_exists` while another partnership lives, or `partnership_blocked` while compliance
    has not released the merchant.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(policies.may_edit(by, merchant), _("Somebody else looks after this merchant."))
    if done := PartnershipStep.objects.filter(key=key).select_related("partnership").first():
        return done.partnership
    last = (
        Partnership.objects.filter(merchant=merchant)
        .order_by("-created_at", "-pk")
        .select_for_update(no_key=True)
        .first()
    )
    if last is None:
        return _create(partnership_id, merchant, PartnershipStage.ONBOARDING, key=key, by=by, at=at)
    if last.stage == PartnershipStage.BLOCKED and not partnership_facts.is_released(last):
        raise RuleBroken(
            _("This merchant is blocked until compliance releases it."), code="partnership_blocked"
        )
    if last.stage not in (PartnershipStage.CHURNED, PartnershipStage.BLOCKED):
        raise RuleBroken(_("This merchant already has a partnership."), code="partnership_exists")
    last.merchant = merchant
    return _move(last, PartnershipStage.ONBOARDING, key=key, by=by, at=at)


@command
def register_existing(
    partnership_id: UUID,
    merchant_id: UUID,
    *,
    stage: PartnershipStage,
    agreement_id: UUID,
    number: str,
    terms: Terms,
    by: Actor,
    at: datetime,
) -> Partnership:
    """Enter a partnership that exists already, with its signed agreement.

    Raises NotFound, NotAllowed for anybody but the branch manager, InvalidInput for a stage beyond
    active or terms that make no sense, RuleBroken with code `partnership_exists` or
    `partnership_before` if the merchant has or had one here.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(
        policies.may_manage(by, merchant),
        _("Only the branch manager registers a partnership that exists."),
    )
    if stage not in REGISTERED_IN:
        raise InvalidInput(
            _("A partnership is registered in onboarding, in its pilot or as active."),
            code="stage_not_registrable",
            attr="stage",
        )
    before = Partnership.objects.filter(merchant=merchant).order_by("-created_at").first()
    if before is not None and before.stage == PartnershipStage.CHURNED:
        raise RuleBroken(
            _("This merchant was a partner before: win it back with a new lead."),
            code="partnership_before",
        )
    partnership = _create(partnership_id, merchant, stage, key="", by=by, at=at)
    agreements.register_signed(agreement_id, partnership, number=number, terms=terms, by=by, at=at)
    return partnership


def _create(
    partnership_id: UUID,
    merchant: Merchant,
    stage: PartnershipStage,
    *,
    key: str,
    by: Actor,
    at: datetime,
) -> Partnership:
    partnership = Partnership.objects.create(
        pk=partnership_id,
        merchant=merchant,
        unit_id=merchant.unit_id,
        stage=stage,
        stage_entered_at=at,
        evidence_since=at,
        created_at=at,
        updated_at=at,
    )
    PartnershipStep.objects.create(
        partnership=partnership, to_stage=stage, at=at, actor_id=user_id(by), key=key
    )
    timeline.record(
        BEGUN, merchant_id=merchant.pk, subject_id=partnership.pk, by=by, at=at, to=stage
    )
    return partnership


@command
def advance(
    partnership_id: UUID,
    *,
    to: PartnershipStage,
    by: Actor,
    at: datetime,
    reason: str = "",
    comment: str = "",
    waivers: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Partnership:
    """Move a partnership along a road, and write the step with its evidence and its waivers.

    `waivers` are guards that a branch manager lets pass with this very step, each with its reason.
    Raises NotFound; NotAllowed if the road is not the actor's to walk, with code
    `maker_is_checker` for who drafted or signed off the renewal; StageNotReachable with everything
    that is missing; Stale for an outdated version; what waiving raises.
    """
    partnership = partnership_of(partnership_id, by, version=version)
    road = road_to(partnership, to)
    if not policies.may_step(by, partnership.merchant, road.who):
        raise NotAllowed(_("This step is for %(who)s.") % {"who": road.who.value})
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        raise InvalidInput(
            _("This comment cannot be stored."), code="comment_invalid", attr="comment"
        )
    if reason and reason not in REASONS.get(to, ()):
        raise InvalidInput(
            _("This is no reason for this step."), code="reason_not_for_step", attr="reason"
        )
    given = tuple(
        waive_for(uuid7(), partnership, to=to, guard=guard, because=because, by=by, at=at)
        for guard, because in (waivers or {}).items()
    )
    case = CaseFile(partnership, at, given)
    if road.who is Who.APPROVER and case.renewal and policies.is_maker(by, case.renewal):
        raise NotAllowed(
            _("Who drafted or signed off the renewal does not approve it."),
            code="maker_is_checker",
        )
    checks = case.checks(road, to=to, reason=reason)
    if missing := [one for one in checks if not one.passes]:
        problems = [
            Problem(
                one.guard,
                _unmet(one.guard),
                _ATTRS.get(one.guard),
            )
            for one in missing
        ]
        raise StageNotReachable(
            problems[0].detail,
            problems=problems,
            missing=[str(one.guard) for one in missing],
        )
    return _move(
        partnership, to, by=by, at=at, reason=reason, comment=comment.strip(), checks=checks
    )


def _unmet(guard: Guard) -> str:
    """A condition says what must be so; what is told is that it is not so yet."""
    if guard in (Guard.REASON, Guard.STAGE_BEFORE):
        return str(guard.label)
    return _("Missing: %(condition)s") % {"condition": guard.label}


_ATTRS = {Guard.REASON: "reason", Guard.RISK_RULE: "reason", Guard.STAGE_BEFORE: "to"}


def suspend(
    partnership_id: UUID, *, reason: str, by: Actor, at: datetime, comment: str = ""
) -> Partnership:
    """Stop everything while compliance looks into a case; the stage before is remembered."""
    return advance(
        partnership_id,
        to=PartnershipStage.SUSPENDED,
        reason=reason,
        comment=comment,
        by=by,
        at=at,
    )


@command
def release(partnership_id: UUID, *, by: Actor, at: datetime, comment: str = "") -> Partnership:
    """Let a suspended partnership go on where it stood before."""
    partnership = partnership_of(partnership_id, by)
    if partnership.stage != PartnershipStage.SUSPENDED:
        raise RuleBroken(_("This partnership is not suspended."), code="not_suspended")
    before = PartnershipStage(partnership.stage_before)
    return advance(partnership_id, to=before, comment=comment, by=by, at=at)


def road_to(partnership: Partnership, to: PartnershipStage) -> Road:
    """The road from where the partnership is. Raises StageNotReachable if there is none."""
    stage = PartnershipStage(partnership.stage)
    road = ROADS[stage].get(to)
    if road is None:
        raise StageNotReachable(
            _("There is no way from “%(from)s” to “%(to)s”.")
            % {"from": stage.label, "to": to.label},
            attr="to",
            reachable=[str(one) for one, _road in _roads(partnership)],
        )
    return road


def _roads(partnership: Partnership) -> Iterable[tuple[PartnershipStage, Road]]:
    """The roads out of a stage; from a suspension, back to where it came from only."""
    for to, road in ROADS[PartnershipStage(partnership.stage)].items():
        if Guard.STAGE_BEFORE in road.guards and to != partnership.stage_before:
            continue
        yield to, road


def ways(partnership: Partnership, *, by: Actor, at: datetime) -> list[Way]:
    """Every road out of the partnership's stage: whether the actor may, and how each guard stands.

    The same few statements however many roads there are.
    """
    case = CaseFile(partnership, at)
    found = []
    for to, road in _roads(partnership):
        allowed = policies.may_step(by, partnership.merchant, road.who) and not (
            road.who is Who.APPROVER and case.renewal and policies.is_maker(by, case.renewal)
        )
        found.append(Way(to, road, allowed, case.checks(road, to=to)))
    return found


def _move(
    partnership: Partnership,
    to: PartnershipStage,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    comment: str = "",
    key: str = "",
    checks: Iterable[Check] = (),
) -> Partnership:
    """Change the stage and write the step, whatever allowed it."""
    left = PartnershipStage(partnership.stage)
    suspended = PartnershipStage.SUSPENDED
    goes_on = to == suspended or (left == suspended and to == partnership.stage_before)
    step = PartnershipStep.objects.create(
        partnership=partnership,
        from_stage=left,
        to_stage=to,
        at=at,
        actor_id=user_id(by),
        reason=reason,
        comment=comment,
        key=key,
        working_days=_working_days(partnership, at),
    )
    checks = tuple(checks)
    step.evidence.set({one for check in checks if check.met for one in check.evidence})
    step.waivers.set({check.waiver for check in checks if check.waiver})
    partnership.change(
        at=at,
        stage=to,
        stage_entered_at=at,
        stage_before=left if to == suspended else "",
        evidence_since=partnership.evidence_since if goes_on else at,
    )
    facts: dict[str, str | int] = {"from": left, "to": to}
    if reason:
        facts["reason"] = reason
    timeline.record(
        MOVED_BECAUSE if reason else MOVED,
        merchant_id=partnership.merchant_id,
        subject_id=partnership.pk,
        by=by,
        at=at,
        **facts,
    )
    partnership_steps.taken(partnership, by=by, at=at)
    return partnership


def _working_days(partnership: Partnership, at: datetime) -> int:
    """Working days that the stage being left has taken."""
    zone = ZoneInfo(timezone.get_default_timezone_name())
    return calendars.load().elapsed(
        partnership.stage_entered_at.astimezone(zone).date(), at.astimezone(zone).date()
    )
