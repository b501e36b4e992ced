"""What came of accepted suggestions: acted on within their working days, or not.

Looked for by the tick, in bounded batches, each rule by the sign that it would leave. A suggestion
whose sign has not come is looked at again an hour later, until its time is over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Q

from crm.command import command
from leads.models import (
    Activity,
    CellStatus,
    FollowUp,
    GridCell,
    ObjectionChange,
    Pain,
    PlayAttempt,
    StageChange,
    Suggestion,
    SuggestionOutcome,
    SuggestionRule,
)
from leads.models.activity import ATTEMPTS
from merchants.models import Contact

BATCH = 200
AGAIN = timedelta(hours=1)

type Moments = Mapping[object, list[datetime]]
"""What a sign hangs on (a lead, a pain, an objection) → when it was seen."""


@command
def settle(*, at: datetime) -> int:
    """Look for the outcome of the accepted suggestions whose turn it is; returns how many."""
    due = Suggestion.objects.to_look_at(at).select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    batch = list(due[:BATCH])
    if not batch:
        return 0
    merchants = dict(
        Suggestion.objects.filter(pk__any_of=[one.pk for one in batch])
        .order_by()
        .values_list("pk", "lead__merchant_id")
    )
    seen: dict[str, Moments] = {}
    for one in batch:
        sign = SIGNS[SuggestionRule(one.rule)]
        if sign.__name__ not in seen:
            ours = [each for each in batch if SIGNS[SuggestionRule(each.rule)] is sign]
            seen[sign.__name__] = sign(ours, merchants)
        _settle_one(one, seen[sign.__name__], merchants[one.pk], at)
    return len(batch)


def _settle_one(one: Suggestion, seen: Moments, merchant_id: UUID, at: datetime) -> None:
    assert one.act_by is not None, "accepted suggestions say by when"
    in_time = [
        moment
        for key in _keys(one, merchant_id)
        for moment in seen.get(key, ())
        if one.decided_at <= moment < one.act_by and moment <= at
    ]
    leave_alone = one.rule == SuggestionRule.ATTEMPTS_USED
    if in_time and not leave_alone:
        one.change(at=at, outcome=SuggestionOutcome.ACTED_ON, outcome_at=min(in_time), look_at=None)
    elif in_time:
        one.change(
            at=at, outcome=SuggestionOutcome.NOT_ACTED_ON, outcome_at=min(in_time), look_at=None
        )
    elif at >= one.act_by:
        # Who was to leave the merchant alone, and did, acted on it by doing nothing.
        kept = SuggestionOutcome.ACTED_ON if leave_alone else SuggestionOutcome.NOT_ACTED_ON
        one.change(at=at, outcome=kept, outcome_at=one.act_by, look_at=None)
    else:
        one.change(at=at, look_at=min(at + AGAIN, one.act_by))


def _keys(one: Suggestion, merchant_id: UUID) -> tuple[object, ...]:
    named = (one.facts.get(name) for name in ("pain_id", "objection_id", "follow_up_id"))
    return (*(key for key in named if key), str(one.lead_id), str(merchant_id))


def _gathered(rows: Iterable[tuple[Any, datetime]]) -> Moments:
    found: dict[object, list[datetime]] = {}
    for key, moment in rows:
        found.setdefault(str(key), []).append(moment)
    return found


def _since(batch: Sequence[Suggestion]) -> datetime:
    return min(one.decided_at for one in batch)


def _leads(batch: Sequence[Suggestion]) -> list[UUID]:
    return [one.lead_id for one in batch]


def _ids(batch: Sequence[Suggestion], name: str) -> list[UUID]:
    return [UUID(one.facts[name]) for one in batch if one.facts.get(name)]


def _stage_moved(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    rows = StageChange.objects.filter(lead__any_of=_leads(batch), at__gte=_since(batch))
    return _gathered(rows.order_by().values_list("lead", "at"))


def _cell_filled(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    rows = GridCell.objects.filter(
        pain__any_of=_ids(batch, "pain_id"), updated_at__gte=_since(batch)
    ).exclude(status=CellStatus.EMPTY)
    return _gathered(rows.order_by().values_list("pain", "updated_at"))


def _pain_opened(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    places = [merchants[one.pk] for one in batch]
    rows = Pain.objects.filter(merchant__any_of=places, created_at__gte=_since(batch))
    return _gathered(rows.order_by().values_list("merchant", "created_at"))


def _objection_moved(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    ids, since = _ids(batch, "objection_id"), _since(batch)
    changes = ObjectionChange.objects.filter(objection__any_of=ids, at__gte=since)
    tries = PlayAttempt.objects.filter(objection__any_of=ids, at__gte=since)
    return _gathered(
        changes.order_by()
        .values_list("objection", "at")
        .union(tries.order_by().values_list("objection", "at"))
    )


def _contacted(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    rows = Activity.objects.filter(
        lead__any_of=_leads(batch), kind__in=ATTEMPTS, occurred_at__gte=_since(batch)
    )
    return _gathered(rows.order_by().values_list("lead", "occurred_at"))


def _somebody_else(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    places = [merchants[one.pk] for one in batch]
    rows = Contact.objects.filter(
        merchant__any_of=places, do_not_contact=False, created_at__gte=_since(batch)
    )
    return _gathered(rows.order_by().values_list("merchant", "created_at"))


def _promise_closed(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    """Done, dropped or put off: the row was changed."""
    rows = FollowUp.objects.filter(
        pk__any_of=_ids(batch, "follow_up_id"), updated_at__gte=_since(batch)
    )
    return _gathered(rows.order_by().values_list("pk", "updated_at"))


def _promised(batch: Sequence[Suggestion], merchants: Mapping[UUID, UUID]) -> Moments:
    rows = FollowUp.objects.filter(Q(lead__any_of=_leads(batch)), created_at__gte=_since(batch))
    return _gathered(rows.order_by().values_list("lead", "created_at"))


type Sign = Callable[[Sequence[Suggestion], Mapping[UUID, UUID]], Moments]

SIGNS: Mapping[SuggestionRule, Sign] = MappingProxyType(
    {
        SuggestionRule.REVISIT_DUE: _stage_moved,
        SuggestionRule.STEP_READY: _stage_moved,
        SuggestionRule.STEP_MISSES: _stage_moved,
        SuggestionRule.STAGE_OVER: _stage_moved,
        SuggestionRule.STAGE_ENDING: _stage_moved,
        SuggestionRule.NEXT_CELL: _cell_filled,
        SuggestionRule.NO_PAIN: _pain_opened,
        SuggestionRule.OBJECTION_OPEN: _objection_moved,
        SuggestionRule.OBJECTION_UNEXPLAINED: _objection_moved,
        SuggestionRule.OBJECTION_DATE_DUE: _objection_moved,
        SuggestionRule.CALL_AFTER_VISIT: _contacted,
        SuggestionRule.NO_CONVERSATION: _contacted,
        SuggestionRule.ATTEMPTS_USED: _contacted,
        SuggestionRule.HOLIDAY_AHEAD: _contacted,
        SuggestionRule.CONTACT_WINDOW: _contacted,
        SuggestionRule.NOBODY_MAY_BE_CALLED: _somebody_else,
        SuggestionRule.FOLLOW_UP_LATE: _promise_closed,
        SuggestionRule.NO_FOLLOW_UP: _promised,
    }
)
"""What would show that a suggestion was acted on."""
