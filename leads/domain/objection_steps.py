"""What every step of an objection does: lock, ask for the road, change, remember, tell.

Locks: the lead, then the pain, then the objection.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.errors import InvalidInput, StageNotReachable
from crm.locking import known
from crm.locking import take as take_row
from crm.policies import require
from leads import policies
from leads.domain import ownership
from leads.domain.objection_rules import reachable
from leads.models import (
    Activity,
    AttemptOutcome,
    FollowUp,
    GridCell,
    Lead,
    Objection,
    ObjectionChange,
    ObjectionReason,
    ObjectionState,
    Pain,
    PlayAttempt,
    SubReason,
)
from merchants.domain import timeline

_SHOWN = 200

RAISED = timeline.kind(
    "objection.raised",
    _("Objection raised"),
    _("Objection: “%(words)s” (%(reason)s)"),
    reason=ObjectionReason,
)
DIAGNOSED = timeline.kind(
    "objection.diagnosed",
    _("Objection diagnosed"),
    _("Objection “%(words)s” diagnosed: %(reason)s, %(sub_reason)s"),
    reason=ObjectionReason,
    sub_reason=SubReason,
)
HANDLED = timeline.kind(
    "objection.handled",
    _("Objection handled"),
    _("Play %(play)s tried against “%(words)s”"),
)
OUTCOME = timeline.kind(
    "objection.outcome",
    _("Outcome of a play"),
    _("Play %(play)s against “%(words)s”: %(outcome)s"),
    outcome=AttemptOutcome,
)
RESOLVED = timeline.kind(
    "objection.resolved", _("Objection resolved"), _("Objection “%(words)s” resolved")
)
DEFERRED = timeline.kind(
    "objection.deferred",
    _("Objection deferred"),
    _("Objection “%(words)s” deferred until %(until)s"),
)
UNRESOLVED = timeline.kind(
    "objection.unresolved",
    _("Objection left unresolved"),
    _("Objection “%(words)s” left unresolved. %(because)s"),
)
REOPENED = timeline.kind(
    "objection.reopened",
    _("Objection reopened"),
    _("Objection “%(words)s” reopened. %(because)s"),
)


@dataclass(frozen=True)
class Ground:
    """What a resolution rests on: an agreed cell, a follow-up, or a written commitment."""

    resolved_cell: GridCell | None = None
    resolved_follow_up: FollowUp | None = None
    commitment: str = ""
    commitment_on: date | None = None


def take(
    objection_id: UUID, by: Actor, version: int | None, *, cell_id: UUID | None = None
) -> tuple[Objection, Lead | None]:
    """Lock an objection after its lead and, where a cell is named, after the cell's pain.

    Raises NotFound, NotAllowed for who does not work with the merchant, Stale.
    """
    seen = Objection.objects.seen_by(by)
    lead_id = seen.filter(pk=objection_id).values_list("lead_id", flat=True).first()
    lead = take_row(Lead.objects.select_related("owner"), lead_id) if lead_id else None
    if cell_id is not None:
        cells = GridCell.objects.seen_by(by).filter(pk=cell_id)
        pain_id = cells.values_list("pain_id", flat=True).first()
        take_row(Pain.objects.seen_by(by), pain_id or cell_id, attr="cell")
    objection = take_row(
        seen.select_related("merchant", "merchant__owner"), objection_id, version=version
    )
    require(policies.may_follow_up(by, objection.merchant, lead))
    return objection, lead


def conversation(activity_id: UUID | None, objection: Objection, by: Actor) -> Activity | None:
    """The conversation that a step names, if it names one."""
    return conversation_with(objection.merchant_id, activity_id, by) if activity_id else None


def conversation_with(merchant_id: UUID, activity_id: UUID, by: Actor) -> Activity:
    """A conversation with this merchant. Raises NotFound, InvalidInput."""
    activity = known(Activity.objects.seen_by(by), activity_id, attr="activity")
    if activity.merchant_id != merchant_id:
        raise InvalidInput(
            _("The conversation was with another merchant."),
            code="activity_of_other_merchant",
            attr="activity",
        )
    return activity


def reason_given(text: str) -> str:
    if not text.strip():
        raise InvalidInput(_("Say why."), code="because_required", attr="because")
    return text.strip()


def require_road(objection: Objection, to: ObjectionState) -> None:
    roads = reachable(objection.state)
    if to not in roads:
        raise StageNotReachable(
            _("An objection cannot go from “%(from)s” to “%(to)s”.")
            % {"from": objection.get_state_display(), "to": to.label},
            code="state_not_reachable",
            reachable=[str(state) for state in roads],
        )


def step(
    objection: Objection,
    to: ObjectionState,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    ground: Ground | None = None,
    **changes: Any,
) -> None:
    """Move it on; what the state before rested on goes with it and stays in the history."""
    left = objection.state
    ground = ground or Ground()
    values = {"deferred_until": None, **vars(ground), **changes}
    objection.change(at=at, state=to, state_since=at, **values)
    history(objection, left, by=by, at=at, because=because)


def history(objection: Objection, left: str, *, by: Actor, at: datetime, because: str = "") -> None:
    ObjectionChange.objects.create(
        objection=objection,
        from_state=left,
        to_state=objection.state,
        at=at,
        actor_id=user_id(by),
        because=because.strip(),
        declared_reason=objection.declared_reason,
        sub_reason=objection.sub_reason,
        deferred_until=objection.deferred_until,
        resolved_cell=objection.resolved_cell,
        resolved_follow_up=objection.resolved_follow_up,
        commitment=objection.commitment,
        commitment_on=objection.commitment_on,
    )


def settle(
    attempt: PlayAttempt,
    objection: Objection,
    outcome: AttemptOutcome,
    notes: str,
    *,
    by: Actor,
    at: datetime,
) -> PlayAttempt:
    attempt.change(at=at, outcome=outcome, outcome_at=at, notes=notes or attempt.notes)
    play = attempt.play_version.play.code
    write(OUTCOME, objection, by=by, at=at, play=play, outcome=outcome)
    return attempt


def write(
    kind: timeline.Kind, objection: Objection, *, by: Actor, at: datetime, **facts: str
) -> None:
    timeline.record(
        kind,
        merchant_id=objection.merchant_id,
        subject_id=objection.pk,
        by=by,
        at=at,
        words=objection.merchant_words[:_SHOWN],
        **facts,
    )


def freshen(lead: Lead | None, moment: datetime, *, at: datetime) -> None:
    """Talking about an objection is work on the lead."""
    if lead and moment > lead.last_activity_at:
        lead.change(at=at, last_activity_at=moment)
        ownership.worked_on(lead, at=at)
