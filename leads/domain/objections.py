"""Objections: raised in a conversation, diagnosed, handled with a play, and settled.

Locks: the lead, then the pain, then the objection.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.policies import require
from leads import policies
from leads.domain import activities
from leads.domain import objection_steps as steps
from leads.domain.objection_suggestions import suggestion_for
from leads.models import (
    Activity,
    ActivityKind,
    AttemptOutcome,
    Lead,
    Objection,
    ObjectionState,
    Pain,
    Play,
    PlayAttempt,
    SubReason,
)
from merchants.models import Merchant


@command
def raise_objection(
    objection_id: UUID,
    merchant_id: UUID,
    *,
    merchant_words: str,
    declared_reason: str,
    by: Actor,
    at: datetime,
    activity_id: UUID | None = None,
    kind: str = ActivityKind.VISIT,
    occurred_at: datetime | None = None,
    lead_id: UUID | None = None,
    pain_id: UUID | None = None,
    sub_reason: str = "",
    names_other_problem: bool = False,
) -> Objection:
    """Write down what a merchant said against it, beside the reason that the rule suggests.

    Said in the conversation `activity_id`; without one, a conversation of this kind is logged, with
    the merchant's words. With no lead named it belongs to the merchant's open one, if the actor
    works it. Naming a sub-reason at once diagnoses the objection.

    Raises NotFound, NotAllowed, InvalidInput for a lead, conversation or pain of another merchant,
    RuleBroken for a sub-reason that belongs to another reason.
    """
    lead = _lead(merchant_id, lead_id, activity_id, by)
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    if lead and lead.merchant_id != merchant.pk:
        raise InvalidInput(
            _("The lead belongs to another merchant."),
            code="lead_of_other_merchant",
            attr="lead",
        )
    require(policies.may_follow_up(by, merchant, lead))
    words = _words(merchant_words)
    pain = _pain(pain_id, merchant, by)
    if activity_id is None:
        activity = activities.log(
            _conversation_of(objection_id),
            merchant.pk,
            kind=kind,
            summary=words,
            occurred_at=occurred_at or at,
            by=by,
            at=at,
            lead_id=lead.pk if lead else None,
        )
        if lead:
            lead.refresh_from_db()
    else:
        activity = steps.conversation_with(merchant.pk, activity_id, by)
    pain, suggestion = suggestion_for(merchant, lead, pain, names_other_problem=names_other_problem)
    objection = Objection.objects.create(
        pk=objection_id,
        merchant=merchant,
        lead=lead,
        activity=activity,
        pain=pain,
        raised_by_id=user_id(by),
        merchant_words=words,
        declared_reason=declared_reason,
        names_other_problem=names_other_problem,
        suggested_reason=suggestion.reason or "",
        suggested_because=suggestion.because or "",
        mismatch=suggestion.differs_from(declared_reason),
        raised_at=activity.occurred_at,
        state_since=at,
        created_at=at,
        updated_at=at,
    )
    steps.history(objection, "", by=by, at=at)
    steps.write(steps.RAISED, objection, by=by, at=at, reason=declared_reason)
    steps.freshen(lead, activity.occurred_at, at=at)
    if sub_reason:
        _diagnose(objection, declared_reason, sub_reason, by=by, at=at)
    objection.notices = activity.notices
    return objection


@command
def diagnose(
    objection_id: UUID,
    *,
    sub_reason: str,
    by: Actor,
    at: datetime,
    declared_reason: str = "",
    because: str = "",
    version: int | None = None,
) -> Objection:
    """Confirm, or correct, the reason, and name what is behind it.

    With no reason named, the one declared before stays, if the sub-reason belongs to it.

    Raises NotFound, NotAllowed, StageNotReachable, InvalidInput without a sub-reason, RuleBroken
    for a sub-reason that belongs to another reason, Stale.
    """
    objection, _lead_of_it = steps.take(objection_id, by, version)
    steps.require_road(objection, ObjectionState.DIAGNOSED)
    if not sub_reason:
        raise InvalidInput(
            _("Say what is behind the reason."), code="sub_reason_required", attr="sub_reason"
        )
    reason = declared_reason or objection.declared_reason
    return _diagnose(objection, reason, sub_reason, by=by, at=at, because=because)


@command
def handle(
    objection_id: UUID,
    *,
    attempt_id: UUID,
    play_id: UUID,
    by: Actor,
    at: datetime,
    activity_id: UUID | None = None,
    notes: str = "",
    version: int | None = None,
) -> Objection:
    """Try a play against it, in the version that the play has now.

    Raises NotFound, NotAllowed, StageNotReachable, RuleBroken for a retired play or one against
    another reason, InvalidInput for a conversation of another merchant, Stale.
    """
    objection, lead = steps.take(objection_id, by, version)
    steps.require_road(objection, ObjectionState.HANDLED)
    play = known(Play.objects.seen_by(by).select_related("current"), play_id, attr="play")
    if not play.is_active or play.current is None:
        raise RuleBroken(_("This play was retired."), code="play_retired", attr="play")
    if play.reason != objection.declared_reason:
        raise RuleBroken(
            _("This play is against another reason; correct the diagnosis first."),
            code="play_of_other_reason",
            attr="play",
        )
    activity = steps.conversation(activity_id, objection, by)
    PlayAttempt.objects.create(
        pk=attempt_id,
        objection=objection,
        play_version=play.current,
        activity=activity,
        actor_id=user_id(by),
        at=at,
        notes=notes,
        created_at=at,
        updated_at=at,
    )
    steps.step(objection, ObjectionState.HANDLED, by=by, at=at, because=notes)
    steps.write(steps.HANDLED, objection, by=by, at=at, play=play.code)
    steps.freshen(lead, activity.occurred_at if activity else at, at=at)
    return objection


@command
def record_outcome(
    attempt_id: UUID,
    *,
    outcome: str,
    by: Actor,
    at: datetime,
    notes: str = "",
    version: int | None = None,
) -> PlayAttempt:
    """Say what a play achieved, once. That it resolved the objection is said by resolving it.

    Raises NotFound, NotAllowed, RuleBroken, InvalidInput, Stale.
    """
    seen = PlayAttempt.objects.seen_by(by)
    objection_id = seen.filter(pk=attempt_id).values_list("objection_id", flat=True).first()
    objection, _lead_of_it = steps.take(objection_id or attempt_id, by, None)
    attempt = take(seen.select_related("play_version__play"), attempt_id, version=version)
    if outcome not in AttemptOutcome.values:
        raise InvalidInput(_("There is no such outcome."), code="outcome_unknown", attr="outcome")
    if outcome == AttemptOutcome.RESOLVED:
        raise RuleBroken(
            _("Resolve the objection itself: that asks for an agreed cell or a commitment."),
            code="resolve_the_objection",
            attr="outcome",
        )
    if attempt.outcome:
        raise RuleBroken(
            _("The outcome of this try is on record already."), code="outcome_recorded"
        )
    return steps.settle(attempt, objection, AttemptOutcome(outcome), notes, by=by, at=at)


def _lead(
    merchant_id: UUID, lead_id: UUID | None, activity_id: UUID | None, by: Actor
) -> Lead | None:
    """The lead, locked: the one named, that of the conversation, or the merchant's open one, which
    counts only if the actor works it."""
    seen = Lead.objects.seen_by(by)
    if lead_id:
        return take(seen, lead_id, attr="lead")
    lead = None
    if activity_id:
        theirs = Activity.objects.filter(pk=activity_id, merchant=merchant_id).values("lead_id")
        lead = seen.filter(pk__in=theirs).first()
    lead = lead or seen.open().filter(merchant=merchant_id).first()
    return take(seen, lead.pk) if lead and policies.may_work(by, lead) else None


def _pain(pain_id: UUID | None, merchant: Merchant, by: Actor) -> Pain | None:
    if pain_id is None:
        return None
    pain = known(Pain.objects.seen_by(by), pain_id, attr="pain")
    if pain.merchant_id != merchant.pk:
        raise InvalidInput(
            _("The pain point belongs to another merchant."),
            code="pain_of_other_merchant",
            attr="pain",
        )
    return pain


def _words(text: str) -> str:
    if not text.strip():
        raise InvalidInput(
            _("Write down what the merchant said."), code="words_required", attr="merchant_words"
        )
    return text.strip()


def _conversation_of(objection_id: UUID) -> UUID:
    """The conversation that is logged with an objection has its id, so that a request sent twice
    makes one of each."""
    return objection_id


def _diagnose(
    objection: Objection,
    reason: str,
    sub_reason: str,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
) -> Objection:
    if SubReason(sub_reason).reason != reason:
        raise RuleBroken(
            _("This sub-reason belongs to another reason."),
            code="sub_reason_of_other_reason",
            attr="sub_reason",
        )
    suggestion = objection.suggested_reason
    steps.step(
        objection,
        ObjectionState.DIAGNOSED,
        by=by,
        at=at,
        because=because,
        declared_reason=reason,
        sub_reason=sub_reason,
        mismatch=bool(suggestion) and suggestion != reason,
    )
    steps.write(steps.DIAGNOSED, objection, by=by, at=at, reason=reason, sub_reason=sub_reason)
    return objection
