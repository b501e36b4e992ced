"""The facts that suggestions rest on, collected for many leads in a constant number of statements.

The next step's checklist is the exception: it asks of each lead what no list needs, so it is looked
at only where one lead is (`with_steps`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.utils import timezone

from crm.actors import SYSTEM
from crm.domain import calendar as calendars
from crm.domain.working_days import WorkingDays
from leads.domain import lead_checklists, play_ranking
from leads.domain.lead_checklists import CheckState
from leads.domain.lead_file import LeadFile, Step
from leads.domain.next_action_inputs import (
    Facts,
    Limits,
    ObjectionFact,
    PainFact,
    PromiseFact,
    StepFact,
    long_break,
)
from leads.domain.ranking import Ranked
from leads.models import (
    Activity,
    ActivityKind,
    FollowUp,
    GridQuestion,
    Lead,
    Objection,
    ObjectionState,
    Pain,
    Play,
    QuestionSet,
    Stage,
)
from leads.models.activity import FAILED
from leads.models.objection_words import OPEN_STATES
from leads.models.pipeline_parameters import stage_limits
from leads.models.stages import FUNNEL, ROADS
from merchants.domain import contact_windows
from merchants.domain.contact_windows import CATEGORIES
from merchants.models import Contact, ContactState, Merchant

LONGEST_WORDS = 80
"""How much of an objection a sentence quotes."""
LAST_DAY_FOR_PILOTS = 30
"""Working days that are looked ahead for a holiday, at the most."""

type OfMerchant = Mapping[UUID, Any]


def facts_of(
    leads: Sequence[Lead], at: datetime, limits: Limits, *, with_steps: bool = False
) -> dict[UUID, Facts]:
    """What is known of each lead at a moment. Closed leads have facts too, and no rule for them."""
    if not leads:
        return {}
    today, calendar = timezone.localdate(at), calendars.load()
    ids = [one.pk for one in leads]
    merchant_ids = list({one.merchant_id for one in leads})
    categories = _categories(merchant_ids)
    pains = _pains(leads, merchant_ids, categories)
    objections = _objections(leads, merchant_ids, categories, today, at)
    contacted = _contacted(ids, today, calendar, limits)
    people = _people(merchant_ids)
    promises = _promises(ids, at)
    holiday = long_break(
        today,
        is_working=calendar.is_working,
        within=min(limits.holiday_within, LAST_DAY_FOR_PILOTS),
        least=limits.holiday_days,
    )
    longest = stage_limits()
    return {
        lead.pk: Facts(
            lead=str(lead.pk),
            stage=Stage(lead.stage),
            today=today,
            days_in_stage=calendar.elapsed(timezone.localdate(lead.stage_entered_at), today),
            stage_limit=longest.get(Stage(lead.stage)),
            revisit_on=lead.revisit_on,
            category=CATEGORIES.get(categories[lead.merchant_id][0] or ""),
            pain=pains.get(lead.pk),
            objection=objections.get(lead.pk),
            step=_step(lead, at) if with_steps else None,
            known_contacts=people.get(lead.merchant_id, (0, 0))[0],
            contacts_to_call=people.get(lead.merchant_id, (0, 0))[1],
            holiday=holiday,
            **contacted.get(lead.pk, {}),
            **promises.get(lead.pk, {}),
            **_window(categories[lead.merchant_id][0], at, calendar),
        )
        for lead in leads
    }


def _categories(merchant_ids: Collection[UUID]) -> dict[UUID, tuple[str | None, str]]:
    """Merchant → category code and group."""
    rows = Merchant.objects.order_by().filter(pk__any_of=merchant_ids)
    return {
        pk: (code, group)
        for pk, code, group in rows.values_list("pk", "category_id", "category_group")
    }


def _pains(
    leads: Sequence[Lead],
    merchant_ids: Collection[UUID],
    categories: Mapping[UUID, tuple[str | None, str]],
) -> dict[UUID, PainFact]:
    """Lead → the pain to go on with: the entry point if it is not finished, else the pain of this
    lead (or of no lead) that was worked last; else one that is finished."""
    of_merchant: dict[UUID, list[Pain]] = defaultdict(list)
    for pain in (
        Pain.objects.open().filter(merchant__any_of=merchant_ids).order_by("-updated_at", "pk")
    ):
        of_merchant[pain.merchant_id].append(pain)
    chosen = {
        lead.pk: found
        for lead in leads
        if (found := _pain_to_go_on_with(lead, of_merchant[lead.merchant_id]))
    }
    sets = {lead.pk: _question_set(categories[lead.merchant_id][0]) for lead in leads}
    questions = _questions({(sets[pk], pain.next_cell) for pk, pain in chosen.items()})
    return {
        pk: PainFact(
            str(pain.pk),
            pain.title,
            pain.stuck_column,
            pain.next_cell,
            *questions.get((sets[pk], pain.next_cell), ("", "")),
        )
        for pk, pain in chosen.items()
    }


def _pain_to_go_on_with(lead: Lead, pains: Iterable[Pain]) -> Pain | None:
    ours = [one for one in pains if one.lead_id in (None, lead.pk)]
    ours.sort(key=lambda one: (not one.next_cell, one.pk != lead.entry_pain_id))
    return ours[0] if ours else None


def _question_set(category: str | None) -> str:
    kind = CATEGORIES.get(category or "")
    return str(kind) if kind in QuestionSet.values else QuestionSet.GENERAL


def _questions(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """(kind of shop, cell) → the first question there, in both languages."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    rows = GridQuestion.objects.filter(
        question_set__in={one[0] for one in wanted}, cell__in={one[1] for one in wanted}
    ).order_by("question_set", "cell", "position")
    for kind, cell, en, zh in rows.values_list("question_set", "cell", "text_en", "text_zh"):
        found.setdefault((kind, cell), (en, zh))
    return found


def _objections(
    leads: Sequence[Lead],
    merchant_ids: Collection[UUID],
    categories: Mapping[UUID, tuple[str | None, str]],
    today: date,
    at: datetime,
) -> dict[UUID, ObjectionFact]:
    """Lead → the objection that waits longest: an open one, else one whose day has come."""
    waiting = Q(state__in=OPEN_STATES) | Q(state=ObjectionState.DEFERRED, deferred_until__lte=today)
    of_merchant: dict[UUID, list[Objection]] = defaultdict(list)
    rows = Objection.objects.filter(waiting, merchant__any_of=merchant_ids)
    for one in rows.order_by("raised_at", "pk"):
        of_merchant[one.merchant_id].append(one)
    chosen: dict[UUID, tuple[Objection, str]] = {}
    for lead in leads:
        ours = [one for one in of_merchant[lead.merchant_id] if one.lead_id in (None, lead.pk)]
        if ours:
            ours.sort(key=lambda one: one.state == ObjectionState.DEFERRED)
            chosen[lead.pk] = (ours[0], categories[lead.merchant_id][1])
    plays = play_ranking.ranked_for(
        {(one.declared_reason, group) for one, group in chosen.values()}, at
    )
    return {
        pk: _objection(one, plays[(one.declared_reason, group)])
        for pk, (one, group) in chosen.items()
    }


def _objection(one: Objection, plays: list[Ranked[Play]]) -> ObjectionFact:
    deferred = one.state == ObjectionState.DEFERRED
    said: dict[str, Any] = {}
    # A play that answers the very sub-reason comes before one that only shares the reason.
    fitting = [play for play in plays if one.sub_reason and play.play.sub_reason == one.sub_reason]
    if plays and not deferred:
        best = (fitting or plays)[0]
        current = best.play.current
        assert current is not None, "only plays with a version are ranked"
        said = {
            "play_id": str(best.play.pk),
            "play_en": current.title_en,
            "play_zh": current.title_zh,
            "tried": best.tried,
            "resolved": best.resolved,
        }
    return ObjectionFact(
        id=str(one.pk),
        words=one.merchant_words[:LONGEST_WORDS],
        reason=one.declared_reason,
        explained=one.state not in (ObjectionState.RAISED, ObjectionState.REOPENED),
        deferred_until=one.deferred_until if deferred else None,
        **said,
    )


def _contacted(
    ids: Collection[UUID], today: date, calendar: WorkingDays, limits: Limits
) -> dict[UUID, dict[str, Any]]:
    """Lead → when one spoke, was there, and what was tried in vain, in two statements."""
    reached = ~Q(outcome_code__in=FAILED)
    later = (ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.MESSAGE)
    rows = (
        Activity.objects.filter(lead__any_of=ids)
        .order_by()
        .values_list("lead")
        .annotate(
            spoken=Max("occurred_at", filter=Q(two_way=True)),
            visited=Max("occurred_at", filter=Q(kind=ActivityKind.VISIT) & reached),
            called=Max("occurred_at", filter=Q(kind__in=later)),
        )
    )
    since = datetime.combine(calendar.before(today, limits.attempt_window), time(), _zone())
    failed: dict[UUID, list[datetime]] = defaultdict(list)
    attempts = Activity.objects.filter(
        lead__any_of=ids, outcome_code__in=FAILED, occurred_at__gte=since
    ).order_by("occurred_at")
    for lead_id, occurred_at in attempts.values_list("lead", "occurred_at"):
        failed[lead_id].append(occurred_at)
    found: dict[UUID, dict[str, Any]] = {}
    for lead_id, spoken, visited, called in rows:
        # Who answered in between is not pressed: the counting begins anew.
        vain = [one for one in failed[lead_id] if spoken is None or one > spoken]
        found[lead_id] = {
            "spoken_on": timezone.localdate(spoken) if spoken else None,
            "attempts": len(vain),
            "attempts_again_on": _room_on(vain, calendar, limits),
            **_call_after(visited, called, calendar, limits),
        }
    return found


def _call_after(
    visited: datetime | None, called: datetime | None, calendar: WorkingDays, limits: Limits
) -> dict[str, Any]:
    if visited is None or (called is not None and called > visited):
        return {}
    day = timezone.localdate(visited)
    return {
        "visited_on": day,
        "visit_id": visited.isoformat(),
        "call_by": calendar.after(day, limits.call_within),
    }


def _room_on(vain: Sequence[datetime], calendar: WorkingDays, limits: Limits) -> date | None:
    """The day on which enough of the attempts have left the window; none while there is room."""
    if len(vain) < limits.attempts:
        return None
    last_to_leave = timezone.localdate(vain[len(vain) - limits.attempts])
    return calendar.after(last_to_leave, limits.attempt_window + 1)


def _people(merchant_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Merchant → people known there, and those of them who may be contacted."""
    open_to_us = Q(state=ContactState.ACTIVE, do_not_contact=False)
    rows = (
        Contact.objects.exclude(state=ContactState.ERASED)
        .filter(merchant__any_of=merchant_ids)
        .order_by()
        .values_list("merchant")
        .annotate(known=Count("pk"), to_call=Count("pk", filter=open_to_us))
    )
    return {merchant: (known, to_call) for merchant, known, to_call in rows}


def _promises(ids: Collection[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    """Lead → the follow-up that is overdue the longest, and the day of the next one."""
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    rows = FollowUp.objects.open().filter(lead__any_of=ids).order_by("due_at", "pk")
    for pk, lead_id, title, due_at in rows.values_list("pk", "lead", "title", "due_at"):
        due_on = timezone.localdate(due_at)
        if due_at < at:
            found[lead_id].setdefault("late", PromiseFact(str(pk), title, due_on))
        else:
            found[lead_id].setdefault("next_promise_on", due_on)
    return found


def _window(category: str | None, at: datetime, calendar: WorkingDays) -> dict[str, Any]:
    """The next quiet hours of the category that are not over yet."""
    today = timezone.localdate(at)
    window = contact_windows.best_window(category, today, calendar)
    if window is None:
        return {}
    if window.day == today and timezone.localtime(at).time() >= window.closes:
        window = contact_windows.best_window(category, calendar.after(today, 1), calendar)
        assert window is not None, "the category is known"
    made_up = window.day.weekday() >= 5 and calendar.is_working(window.day)
    return {"window": window, "window_is_made_up": made_up}


def _step(lead: Lead, at: datetime) -> StepFact | None:
    """The step forward, and what it still misses whoever takes it."""
    stage = Stage(lead.stage)
    if stage not in FUNNEL or stage == Stage.WON:
        return None
    to = FUNNEL[FUNNEL.index(stage) + 1]
    file = LeadFile(lead, SYSTEM, at)
    checks = lead_checklists.checks(file, ROADS[stage][to], Step(to, at))
    asked = (CheckState.MISSING, CheckState.ASKED)
    return StepFact(to, tuple(str(one.guard) for one in checks if one.state in asked))


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())
