"""What of leads waits for a colleague: promises, revisit dates, leads that have rested too long."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.domain import staleness, suggestion_sentences, today
from leads.domain.today import Asked, Item
from leads.models import (
    FollowUp,
    FollowUpPriority,
    Lead,
    Objection,
    ObjectionState,
    Stage,
    Suggestion,
    Visit,
    VisitState,
)

LONGEST_WORDS = 80
A_MOMENT = timedelta(microseconds=1)
"""Before midnight it is still the day that ends then."""


@today.source("follow_up", gettext_lazy("Follow-up"), weight=60)
def promises(asked: Asked) -> Iterator[Item]:
    """One's open follow-ups, soonest first."""
    due = FollowUp.objects.open().owned_by(asked.user).filter(due_at__lt=asked.horizon)
    for one in light(due.select_related("merchant", "lead")).order_by("due_at", "id")[: today.MOST]:
        urgent = one.priority == FollowUpPriority.HIGH
        why = said_of_due(one.due_at, asked)
        yield Item(
            id=one.pk,
            title=one.title,
            why=f"{why} · {_('high priority')}" if urgent else why,
            merchant=one.merchant,
            lead=one.lead,
            due_at=one.due_at,
            link=f"/admin/leads/followup/{one.pk}/change/",
            urgent=urgent,
            row=one,
        )


@today.source("revisit", gettext_lazy("Revisit of a parked lead"), weight=45)
def revisits(asked: Asked) -> Iterator[Item]:
    """One's parked leads whose day to come back has come, or comes soon."""
    parked = Lead.objects.owned_by(asked.user).filter(
        stage=Stage.PARKED, revisit_on__lte=asked.last_day
    )
    rows = light(parked.select_related("merchant")).order_by("revisit_on", "id")
    for lead in rows[: today.MOST]:
        assert lead.revisit_on is not None
        yield Item(
            id=lead.pk,
            title=_("Come back to the parked lead"),
            why=_said_of_revisit(lead.revisit_on, asked),
            merchant=lead.merchant,
            lead=lead,
            due_at=asked.start_of(lead.revisit_on),
            timed=False,
            link=f"/admin/leads/lead/{lead.pk}/change/",
        )


@today.source("stale", gettext_lazy("Lead past its stage limit"), weight=20, yields=True)
def stale_leads(asked: Asked) -> Iterator[Item]:
    """One's leads that have been too long in their stage, with nothing done; the oldest first."""
    since = staleness.resting_since(asked.day, zone=asked.zone, calendar=asked.calendar)
    resting = Lead.objects.owned_by(asked.user).open().stale(since)
    rows = light(resting.select_related("merchant")).order_by("stage_entered_at", "id")
    for lead in rows[: today.MOST]:
        days = days_past_limit(lead, since[Stage(lead.stage)], asked)
        why = ngettext(
            "stage limit passed %(days)s working day ago, no activity since %(day)s",
            "stage limit passed %(days)s working days ago, no activity since %(day)s",
            days,
        ) % {"days": days, "day": asked.day_of(lead.last_activity_at).isoformat()}
        passed = asked.calendar.before(asked.day + timedelta(days=1), days + 1)
        yield Item(
            id=lead.pk,
            title=_("Move the lead on, or park it"),
            why=why,
            merchant=lead.merchant,
            lead=lead,
            due_at=asked.start_of(passed),
            timed=False,
            link=f"/admin/leads/lead/{lead.pk}/change/",
        )


@today.source("pool_warning", gettext_lazy("Lead goes back to the pool"), weight=55)
def pool_warnings(asked: Asked) -> Iterator[Item]:
    """One's leads of which the rules of the pool have warned, the first to go back first.

    Something has to happen by the last working day before; a warning given earlier than the days
    that are listed stands at the end of them. What was worked on since the warning is not listed:
    the rules look at it anew.
    """
    warned = Lead.objects.owned_by(asked.user).about_to_go_back()
    rows = light(warned.select_related("merchant")).order_by("recycle_on", "id")
    for lead in rows[: today.MOST]:
        assert lead.recycle_on is not None
        last_chance = min(asked.calendar.before(lead.recycle_on, 1), asked.last_day)
        yield Item(
            id=lead.pk,
            title=_("Log what you did, or move the lead on"),
            why=_("goes back to the pool on %(day)s") % {"day": lead.recycle_on.isoformat()},
            merchant=lead.merchant,
            lead=lead,
            due_at=asked.start_of(last_chance),
            timed=False,
            link=f"/admin/leads/lead/{lead.pk}/change/",
        )


@today.source("suggestion", gettext_lazy("Accepted suggestion"), weight=30, yields=True)
def accepted_suggestions(asked: Asked) -> Iterator[Item]:
    """What one agreed to do on one's own leads, without promising it as a follow-up."""
    waiting = Suggestion.objects.pending().filter(
        decided_by=asked.user,
        follow_up=None,
        act_by__gt=asked.at,
        lead__in=Lead.objects.owned_by(asked.user).open().order_by().values("pk"),
    )
    rows = waiting.select_related("lead__merchant").defer(
        "lead__merchant__search_grams", "lead__merchant__search_text"
    )
    for one in rows.order_by("act_by", "id")[: today.MOST]:
        assert one.act_by is not None
        by = asked.day_of(one.act_by - A_MOMENT)
        yield Item(
            id=one.pk,
            title=suggestion_sentences.sentence(one.rule, one.facts),
            why=_("you agreed to do it by %(day)s") % {"day": by.isoformat()},
            merchant=one.lead.merchant,
            lead=one.lead,
            due_at=asked.start_of(min(by, asked.last_day)),
            timed=False,
            link=f"/admin/leads/lead/{one.lead_id}/change/",
        )


@today.source("visit", gettext_lazy("Visit"), weight=65)
def visits(asked: Asked) -> Iterator[Item]:
    """One's visits that are planned up to the last day, or begun and not ended."""
    mine = Visit.objects.open().owned_by(asked.user).filter(planned_for__lte=asked.last_day)
    rows = light(mine.select_related("merchant", "lead")).order_by(
        "planned_for", "planned_time", "id"
    )
    bank = timezone.get_default_timezone()
    for visit in rows[: today.MOST]:
        hour = visit.planned_time
        moment = datetime.combine(visit.planned_for, hour or time(), bank)
        yield Item(
            id=visit.pk,
            title=visit.purpose or _("Visit the merchant"),
            why=_said_of_visit(visit, moment, asked),
            merchant=visit.merchant,
            lead=visit.lead,
            due_at=moment if hour else asked.start_of(visit.planned_for),
            timed=hour is not None,
            link=f"/admin/leads/visit/{visit.pk}/change/",
        )


@today.source("objection", gettext_lazy("Deferred objection"), weight=50)
def deferred_objections(asked: Asked) -> Iterator[Item]:
    """Objections of one's leads, or heard by oneself without a lead, whose day has come."""
    deferred = Objection.objects.filter(
        state=ObjectionState.DEFERRED, deferred_until__lte=asked.last_day
    )
    of_leads = deferred.filter(lead__in=Lead.objects.owned_by(asked.user).order_by().values("pk"))
    for rows in (of_leads, deferred.filter(lead=None, raised_by=asked.user)):
        sooner = light(rows.select_related("merchant", "lead")).order_by("deferred_until", "id")
        for objection in sooner[: today.MOST]:
            assert objection.deferred_until is not None
            yield Item(
                id=objection.pk,
                title=f"“{objection.merchant_words[:LONGEST_WORDS]}”",
                why=_said_of_objection(objection.deferred_until, asked),
                merchant=objection.merchant,
                lead=objection.lead,
                due_at=asked.start_of(objection.deferred_until),
                timed=False,
                link=f"/admin/leads/objection/{objection.pk}/change/",
            )


def days_past_limit(lead: Lead, since: datetime, asked: Asked) -> int:
    """Working days since the limit of its stage ran out, of a lead that entered the stage before
    the moment from which on it would not be stale yet."""
    entered, first_in_time = asked.day_of(lead.stage_entered_at), asked.day_of(since)
    return asked.calendar.elapsed(entered, first_in_time - timedelta(days=1)) + 1


def said_of_due(due_at: datetime, asked: Asked) -> str:
    """Why something with an hour is on the list."""
    local = due_at.astimezone(asked.zone)
    day, hour = local.date(), local.strftime("%H:%M")
    if due_at >= asked.at:
        if day == asked.day:
            return _("due %(time)s") % {"time": hour}
        return _("due on %(day)s at %(time)s") % {"day": day.isoformat(), "time": hour}
    if late := asked.late_days(day):
        return ngettext(
            "overdue by %(days)s working day", "overdue by %(days)s working days", late
        ) % {"days": late}
    if day == asked.day:
        return _("overdue since %(time)s") % {"time": hour}
    return _("overdue since %(time)s") % {"time": f"{day.isoformat()} {hour}"}


def _said_of_revisit(day: date, asked: Asked) -> str:
    if day == asked.day:
        return _("revisit date reached")
    if day > asked.day:
        return _("revisit date %(day)s") % {"day": day.isoformat()}
    late = asked.late_days(day)
    return ngettext(
        "revisit date passed %(days)s working day ago",
        "revisit date passed %(days)s working days ago",
        late,
    ) % {"days": late}


def _said_of_visit(visit: Visit, moment: datetime, asked: Asked) -> str:
    day = visit.planned_for
    hour = moment.strftime("%H:%M") if visit.planned_time else ""
    if visit.state == VisitState.CHECKED_IN:
        return _("visit begun and not ended")
    if day == asked.day:
        return (
            _("visit planned %(time)s") % {"time": hour} if hour else _("visit planned for today")
        )
    if day < asked.day:
        return _("visit planned on %(day)s, not begun") % {"day": day.isoformat()}
    return _("visit planned on %(day)s") % {"day": f"{day.isoformat()} {hour}".strip()}


def _said_of_objection(day: date, asked: Asked) -> str:
    if day == asked.day:
        return _("objection deferred until today")
    return _("objection deferred until %(day)s") % {"day": day.isoformat()}


def light(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Without the merchant's search columns, which are long and shown to nobody."""
    return rows.defer("merchant__search_grams", "merchant__search_text")
