"""The next best action: what is suggested for a lead now, and what a colleague decides about it.

What was dismissed stays away for a number of working days, unless what it is about has changed.
What was accepted stays in its place, marked, until it is acted on or its time is over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import calendar as calendars
from crm.errors import InvalidInput, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.models import User
from crm.policies import require
from leads import policies
from leads.domain import follow_ups
from leads.domain import next_parameters as parameters
from leads.domain.next_action_facts import facts_of
from leads.domain.next_action_rules import Suggested, suggestions
from leads.domain.suggestion_sentences import sentence
from leads.models import (
    Decision,
    FollowUp,
    Lead,
    Suggestion,
    SuggestionOutcome,
    SuggestionRule,
)
from merchants.domain import timeline

ACCEPTED = timeline.kind(
    "suggestion.accepted",
    _("Suggestion accepted"),
    _("Suggestion accepted: %(rule)s"),
    rule=SuggestionRule,
)
DISMISSED = timeline.kind(
    "suggestion.dismissed",
    _("Suggestion dismissed"),
    _("Suggestion dismissed: %(rule)s. %(because)s"),
    rule=SuggestionRule,
)

FIRST_LOOK = timedelta(hours=1)
LONGEST_TITLE = 200
SHOWN_AT_MOST_AGO = timedelta(days=30)
"""A phone that was offline may decide on what it showed weeks ago, if it still holds."""


@dataclass(frozen=True)
class Offered:
    """A suggestion as somebody sees it: what to do, and whether it was accepted already."""

    suggested: Suggested
    accepted: Suggestion | None = None

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        return sentence(self.suggested.rule, self.suggested.says)


def of(lead: Lead, at: datetime) -> list[Offered]:
    """Up to three things to do next with a lead, with its checklist looked at."""
    return of_many([lead], at, with_steps=True)[lead.pk]


def of_many(
    leads: Sequence[Lead], at: datetime, *, with_steps: bool = False
) -> dict[UUID, list[Offered]]:
    """The same for many leads, in a number of statements that does not depend on how many."""
    limits = parameters.limits()
    facts = facts_of(leads, at, limits, with_steps=with_steps)
    away, accepted = _decided([one.pk for one in leads], at)
    return {
        lead.pk: [
            Offered(one, accepted.get((lead.pk, str(one.rule), one.about)))
            for one in suggestions(facts[lead.pk], limits, silenced=away.get(lead.pk, frozenset()))
        ]
        for lead in leads
    }


@command
def accept(
    suggestion_id: UUID,
    lead_id: UUID,
    *,
    rule: str,
    about: str,
    shown_at: datetime,
    by: Actor,
    at: datetime,
    due_at: datetime | None = None,
    title: str = "",
) -> Suggestion:
    """Take a suggestion up; with a due time it becomes a follow-up of one's own as well.

    Raises NotFound, NotAllowed, RuleBroken with code `suggestion_gone` if the facts have changed
    or `suggestion_accepted_already`, InvalidInput for a moment in the past.
    """
    lead, one = _standing(lead_id, rule, about, shown_at, by, at)
    promised: FollowUp | None = None
    if due_at is not None:
        promised = follow_ups.promise(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            title=(title.strip() or one.sentence)[:LONGEST_TITLE],
            due_at=due_at,
            owner=_owner(lead, by),
            by=by,
            at=at,
        )
    row = Suggestion.objects.create(
        pk=suggestion_id,
        **_kept(lead, one, shown_at, by, at),
        decision=Decision.ACCEPTED,
        follow_up=promised,
        act_by=_end_of_working_day(at, parameters.ACT_WITHIN.value),
        outcome=SuggestionOutcome.PENDING,
        look_at=at + FIRST_LOOK,
    )
    timeline.record(
        ACCEPTED, merchant_id=lead.merchant_id, subject_id=row.pk, by=by, at=at, rule=row.rule
    )
    row.notices = promised.notices if promised else ()
    return row


@command
def dismiss(
    suggestion_id: UUID,
    lead_id: UUID,
    *,
    rule: str,
    about: str,
    shown_at: datetime,
    by: Actor,
    at: datetime,
    because: str = "",
) -> Suggestion:
    """Put a suggestion aside. Raises as `accept` does."""
    lead, one = _standing(lead_id, rule, about, shown_at, by, at)
    row = Suggestion.objects.create(
        pk=suggestion_id,
        **_kept(lead, one, shown_at, by, at),
        decision=Decision.DISMISSED,
        because=because.strip(),
    )
    timeline.record(
        DISMISSED,
        merchant_id=lead.merchant_id,
        subject_id=row.pk,
        by=by,
        at=at,
        rule=row.rule,
        because=row.because,
    )
    return row


def _standing(
    lead_id: UUID, rule: str, about: str, shown_at: datetime, by: Actor, at: datetime
) -> tuple[Lead, Offered]:
    """The lead, locked, and the suggestion as it still stands."""
    lead = take(Lead.objects.seen_by(by), lead_id)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    if not at - SHOWN_AT_MOST_AGO <= shown_at <= at:
        raise InvalidInput(
            _("A suggestion is decided on after it was shown, within 30 days."),
            code="shown_at_unsound",
            attr="shown_at",
        )
    for one in of(lead, at):
        if (str(one.suggested.rule), one.suggested.about) == (rule, about):
            if one.accepted is not None:
                raise RuleBroken(
                    _("This suggestion was accepted already."), code="suggestion_accepted_already"
                )
            return lead, one
    raise RuleBroken(
        _("This is not suggested any more: look at what is suggested now."),
        code="suggestion_gone",
    )


def _kept(
    lead: Lead, one: Offered, shown_at: datetime, by: Actor, at: datetime
) -> dict[str, object]:
    return {
        "lead": lead,
        "rule": one.suggested.rule,
        "kind": one.suggested.kind,
        "about": one.suggested.about,
        "facts": one.suggested.stored,
        "shown_at": shown_at,
        "decided_at": at,
        "decided_by_id": user_id(by),
        "created_at": at,
        "updated_at": at,
    }


def _owner(lead: Lead, by: Actor) -> User:
    """Who accepts promises; the system promises in the name of the lead's owner."""
    if isinstance(by, User):
        return by
    if lead.owner is None:
        raise RuleBroken(_("The lead has no owner who could promise anything."), code="no_owner")
    return lead.owner


type _Away = dict[UUID, set[tuple[str, str]]]
type _Accepted = dict[tuple[UUID, str, str], Suggestion]


def _decided(lead_ids: Collection[UUID], at: datetime) -> tuple[_Away, _Accepted]:
    """What was dismissed lately, and what was accepted and is not known to be acted on."""
    calendar, today = calendars.load(), timezone.localdate(at)
    first = calendar.before(today, parameters.QUIET_DAYS.value)
    since = datetime.combine(first, time(), _zone())
    away: _Away = {}
    accepted: _Accepted = {}
    rows = Suggestion.objects.filter(lead__any_of=lead_ids)
    for one in rows.dismissed().filter(decided_at__gte=since) | rows.pending():
        if one.decision == Decision.DISMISSED:
            away.setdefault(one.lead_id, set()).add((one.rule, one.about))
        else:
            accepted[(one.lead_id, one.rule, one.about)] = one
    return away, accepted


def _end_of_working_day(at: datetime, days: int) -> datetime:
    """The end of the n-th working day from a moment on."""
    last = calendars.load().after(timezone.localdate(at), days)
    return datetime.combine(last + timedelta(days=1), time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())
