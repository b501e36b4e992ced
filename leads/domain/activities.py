"""What was done is written down, and keeps the lead fresh."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, Problem, RuleBroken
from crm.locking import known, take
from crm.policies import require
from leads import policies
from leads.domain import ownership
from leads.domain.visit_parameters import CORRECTION_HOURS
from leads.models import Activity, ActivityKind, Lead
from leads.models.activity import CONVERSATIONS, FAILED
from merchants.domain import timeline
from merchants.models import Merchant

LOGGED = timeline.kind(
    "activity.logged", _("Activity"), _("%(kind)s: %(summary)s"), kind=ActivityKind
)
CORRECTED = timeline.kind(
    "activity.corrected",
    _("Activity corrected"),
    _("%(kind)s, corrected: %(summary)s"),
    kind=ActivityKind,
)

CLOCK_TOLERANCE = timedelta(minutes=5)
OLDEST = timedelta(days=366)
SHOWN_LENGTH = 200


@command
def log(
    activity_id: UUID,
    merchant_id: UUID,
    *,
    kind: str,
    summary: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
    lead_id: UUID | None = None,
    outcome_code: str = "",
    mood: int | None = None,
    two_way: bool | None = None,
) -> Activity:
    """Write down a call, visit, meeting, message or note, what came of it and how it was taken.

    Unless somebody says otherwise, calls, visits and meetings that reached somebody were two-way.
    A phone's clock that runs more than five minutes ahead is set back to ours; the activity's
    notices say so.

    Raises NotFound for a merchant or lead that the actor does not know, NotAllowed, InvalidInput
    for something older than a year or a lead of another merchant, RuleBroken for a mood that is
    none or a note that claims to be two-way.
    """
    lead = take(Lead.objects.seen_by(by), lead_id, attr="lead") if lead_id else None
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    of_this_merchant(lead, merchant)
    require(policies.may_follow_up(by, merchant, lead))
    occurred_at, notices = by_our_clock(occurred_at, at=at, attr="occurred_at")
    activity = write_down(
        activity_id,
        merchant,
        lead,
        kind=kind,
        summary=summary,
        occurred_at=occurred_at,
        outcome_code=outcome_code,
        mood=mood,
        two_way=two_way,
        by=by,
        at=at,
    )
    activity.notices = notices
    return activity


def of_this_merchant(lead: Lead | None, merchant: Merchant) -> None:
    """Raise InvalidInput for a lead of another merchant."""
    if lead and lead.merchant_id != merchant.pk:
        raise InvalidInput(
            _("The lead belongs to another merchant."),
            code="lead_of_other_merchant",
            attr="lead",
        )


def by_our_clock(
    moment: datetime, *, at: datetime, attr: str
) -> tuple[datetime, tuple[Problem, ...]]:
    """A moment that a phone names, set back to ours where its clock runs ahead, and what to say.

    Raises InvalidInput for what is more than a year ago.
    """
    if moment < at - OLDEST:
        raise InvalidInput(_("That is more than a year ago."), code="too_long_ago", attr=attr)
    if moment <= at + CLOCK_TOLERANCE:
        return moment, ()
    sentence = _("The time lay in the future; the server's time was taken.")
    return at, (Problem("clock_ahead", sentence, attr),)


def is_conversation(kind: str, outcome_code: str) -> bool:
    """Whether a contact is two-way as long as nobody says otherwise."""
    return kind in CONVERSATIONS and outcome_code not in FAILED


def write_down(
    activity_id: UUID,
    merchant: Merchant,
    lead: Lead | None,
    *,
    kind: str,
    summary: str,
    occurred_at: datetime,
    outcome_code: str,
    mood: int | None,
    two_way: bool | None,
    by: Actor,
    at: datetime,
) -> Activity:
    """Write an activity inside a verb that holds the lead's lock and has asked whether it may."""
    activity = Activity.objects.create(
        pk=activity_id,
        merchant=merchant,
        lead=lead,
        actor_id=user_id(by),
        kind=kind,
        summary=summary,
        outcome_code=outcome_code,
        mood=mood,
        two_way=is_conversation(kind, outcome_code) if two_way is None else two_way,
        occurred_at=occurred_at,
        created_at=at,
        updated_at=at,
    )
    if lead and occurred_at > lead.last_activity_at:
        lead.change(at=at, last_activity_at=occurred_at)
        ownership.worked_on(lead, at=at)
    _tell(LOGGED, activity, by=by, at=occurred_at)
    return activity


@command
def correct(
    activity_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Activity:
    """Put right what one wrote oneself: the summary, the outcome, the mood, whether it was two-way.

    A changed outcome decides anew whether it was two-way, unless that is said as well. Raises
    NotFound, NotAllowed for somebody else's, RuleBroken with code `correction_too_late` after a
    day, Stale.
    """
    activity = take(Activity.objects.seen_by(by), activity_id, version=version)
    require(
        user_id(by) == activity.actor_id,
        _("Only who wrote it down may correct it."),
    )
    if at > activity.created_at + timedelta(hours=CORRECTION_HOURS.value):
        raise RuleBroken(
            _("It is too late to correct this; log a note that says what is right."),
            code="correction_too_late",
        )
    given = {
        name: changes[name]
        for name in ("summary", "outcome_code", "mood", "two_way")
        if name in changes
    }
    if "outcome_code" in given and given.get("two_way") is None:
        given["two_way"] = is_conversation(activity.kind, given["outcome_code"])
    if given.get("two_way", False) is None:
        del given["two_way"]
    if not given:
        return activity
    activity.change(at=at, **given)
    _tell(CORRECTED, activity, by=by, at=at)
    return activity


def _tell(kind: timeline.Kind, activity: Activity, *, by: Actor, at: datetime) -> None:
    """The merchant's timeline; how somebody took it is personal, and is not written there."""
    timeline.record(
        kind,
        merchant_id=activity.merchant_id,
        subject_id=activity.pk,
        by=by,
        at=at,
        kind=activity.kind,
        summary=activity.summary[:SHOWN_LENGTH],
    )
