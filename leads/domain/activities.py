"""What was done is written down, and keeps the lead fresh."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, Problem
from crm.locking import known, take
from crm.policies import require
from leads import policies
from leads.domain import ownership
from leads.models import Activity, ActivityKind, Lead
from merchants.domain import timeline
from merchants.models import Merchant

LOGGED = timeline.kind(
    "activity.logged", _("Activity"), _("%(kind)s: %(summary)s"), kind=ActivityKind
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
) -> Activity:
    """Write down a call, visit, meeting, message or note.

    A phone's clock that runs more than five minutes ahead is set back to ours; the activity's
    notices say so.

    Raises NotFound for a merchant or lead that the actor does not know, NotAllowed, InvalidInput
    for something older than a year or a lead of another merchant.
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
    if occurred_at < at - OLDEST:
        raise InvalidInput(
            _("That is more than a year ago."), code="too_long_ago", attr="occurred_at"
        )
    notices: tuple[Problem, ...] = ()
    if occurred_at > at + CLOCK_TOLERANCE:
        occurred_at = at
        sentence = _("The time lay in the future; the server's time was taken.")
        notices = (Problem("clock_ahead", sentence, "occurred_at"),)
    activity = Activity.objects.create(
        pk=activity_id,
        merchant=merchant,
        lead=lead,
        actor_id=user_id(by),
        kind=kind,
        summary=summary,
        occurred_at=occurred_at,
        created_at=at,
        updated_at=at,
    )
    if lead and occurred_at > lead.last_activity_at:
        lead.change(at=at, last_activity_at=occurred_at)
        ownership.worked_on(lead, at=at)
    timeline.record(
        LOGGED,
        merchant_id=merchant.pk,
        subject_id=activity.pk,
        by=by,
        at=occurred_at,
        kind=kind,
        summary=summary[:SHOWN_LENGTH],
    )
    activity.notices = notices
    return activity
