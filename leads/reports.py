"""What leads add to the pipeline report: the funnel, what was won and lost, what needs doing.

Every section is computed as of the end of the period: a report that is written late says what it
would have said on time.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.domain import calendar as calendars
from crm.report_lists import address, counted
from crm.sections import (
    Action,
    Actions,
    Audience,
    Column,
    Figure,
    Kind,
    Period,
    Table,
    Urgency,
    section,
)
from leads import (
    ahead_report,
    grid_reports,
    movement_report,
    objection_reports,
    pipeline_reports,
    pool_report,
    ranking_report,
)
from leads.domain import staleness
from leads.median import Median
from leads.models import FollowUp, Lead, LostReason, Stage
from leads.models.stages import FUNNEL
from leads.report_rows import (
    FOLLOW_UPS,
    LEADS,
    MERCHANT,
    OWNER,
    SHOWN,
    VALUE,
    day_of,
    due_between,
    first_of,
    follow_ups_of,
    forward,
    in_stage,
    leads_then,
    named,
    stepped_in,
    steps_of,
)

__all__ = [
    "ahead_report",
    "grid_reports",
    "movement_report",
    "objection_reports",
    "pipeline_reports",
    "pool_report",
    "ranking_report",
]
"""Sections with a room of their own; they are found through this one."""


CONVERSION_DAYS = 90


@section("funnel", _("Funnel"), order=10)
def funnel(audience: Audience, period: Period) -> Table:
    """How many leads stand in each stage, how many came in, what share went on, and how long they
    stayed.

    Conversion: of the leads that left the stage in the last 90 days, the share that went forward.
    Median: the working days that half of those stays did not exceed.
    """
    standing = dict(
        leads_then(audience, period).values_list("stage_then").annotate(count=Count("pk"))
    )
    steps = steps_of(audience, period).order_by()
    entered = dict(
        steps.between(period.start, period.end).values_list("to_stage").annotate(count=Count("pk"))
    )
    since = period.end - timedelta(days=CONVERSION_DAYS)
    left = {
        stage: (forward, everywhere, days)
        for stage, forward, everywhere, days in steps.between(since, period.end)
        .values_list("from_stage")
        .annotate(
            forward=Count("lead", distinct=True, filter=forward()),
            everywhere=Count("lead", distinct=True),
            days=Median("working_days"),
        )
    }
    rows = [
        {
            "link": in_stage(audience, stage),
            "stage": stage.label,
            "count": standing.get(stage, 0),
            "entered": entered.get(stage, 0),
            "conversion": _share(*left.get(stage, (0, 0, None))[:2]),
            "days": left.get(stage, (0, 0, None))[2],
        }
        for stage in FUNNEL
    ]
    return Table(
        columns=(
            Column("stage", _("Stage")),
            Column("count", _("Leads"), Kind.COUNT),
            Column("entered", _("Came in"), Kind.COUNT),
            Column("conversion", _("Went on"), Kind.PERCENT),
            Column("days", _("Median working days"), Kind.COUNT),
        ),
        rows=rows if any(row["count"] or row["entered"] for row in rows) else [],
        link=audience.address(LEADS),
        bar="count",
    )


def _share(part: int, whole: int) -> int | None:
    """Basis points, rounded to the nearest; none if there is no whole to have a share of."""
    return (part * 20_000 + whole) // (2 * whole) if whole else None


@section("won", pgettext_lazy("report", "Won"), order=20)
def won(audience: Audience, period: Period) -> Table:
    """The merchants that signed in the period, the latest first."""
    steps = (
        steps_of(audience, period)
        .between(period.start, period.end)
        .filter(to_stage=Stage.WON)
        .select_related("lead__merchant")
    )
    count = steps.count()
    link = stepped_in(audience, period, Stage.WON)
    return Table(
        columns=(
            MERCHANT,
            OWNER,
            VALUE,
            Column("won_at", pgettext_lazy("moment", "Won"), Kind.INSTANT),
        ),
        rows=[
            named(step.lead, step.owner_name_then) | {"won_at": step.at} for step in steps[:SHOWN]
        ],
        figures=(
            Figure(
                "won",
                pgettext_lazy("report", "Won"),
                count,
                link=link,
                is_headline=True,
            ),
        ),
        link=link,
        left_out=max(0, count - SHOWN),
    )


@counted("follow_ups_overdue", FollowUp)
def _late(audience: Audience, period: Period) -> Any:
    return due_between(follow_ups_of(audience), period.end, None, period.end)[0]


@section("overdue", _("Overdue follow-ups"), order=30)
def overdue(audience: Audience, period: Period) -> Table:
    """Promises that were not kept by the end of the period, the oldest first."""
    late, put_off = due_between(follow_ups_of(audience), period.end, None, period.end)
    count = late.count()
    # Those that were kept since are shown with the others.
    link = address(FOLLOW_UPS, "follow_ups_overdue", audience, period, "state=all")
    shown = [
        (one, put_off.get(one.pk, one.due_at))
        for one in first_of(late, "due_at", "id").select_related("merchant", "owner")
    ]
    return Table(
        columns=(
            Column("title", _("Follow-up")),
            MERCHANT,
            OWNER,
            Column("due_at", _("Due"), Kind.INSTANT),
        ),
        rows=[
            {
                "link": f"{FOLLOW_UPS}{one.pk}/change/",
                "title": one.title,
                "merchant": one.merchant.name,
                "owner": one.owner.full_name,
                "due_at": due_at,
            }
            for one, due_at in shown
        ],
        figures=(Figure("overdue", _("Overdue"), count, link=link, is_headline=True),),
        link=link,
        left_out=max(0, count - SHOWN),
        actions=Actions(
            Urgency.PROMISE,
            tuple(
                Action(
                    one.merchant.name,
                    one.owner.full_name,
                    _("Follow-up overdue: %(title)s") % {"title": one.title},
                    f"{FOLLOW_UPS}{one.pk}/change/",
                    day_of(due_at, period),
                )
                for one, due_at in shown
            ),
            count,
        ),
    )


@counted("leads_stale", Lead)
def _stale(audience: Audience, period: Period) -> Any:
    calendar = calendars.load()
    since = staleness.resting_since(period.last_day, zone=period.zone, calendar=calendar)
    return leads_then(audience, period).stale(since, then=True)


@section("stale", _("Stale leads"), order=40)
def stale(audience: Audience, period: Period) -> Table:
    """Leads too long in their stage, and without activity for as long; the longest first."""
    calendar = calendars.load()
    leads = _stale(audience, period)
    count = leads.count()
    shown = [
        (lead, calendar.elapsed(day_of(lead.entered_then, period), period.last_day))
        for lead in leads.select_related("merchant").order_by("entered_then", "id")[:SHOWN]
    ]
    link = address(LEADS, "leads_stale", audience, period)
    return Table(
        columns=(
            MERCHANT,
            OWNER,
            Column("stage", _("Stage")),
            Column("working_days", _("Working days"), Kind.COUNT),
            Column("last_activity", _("Last activity"), Kind.DAY),
        ),
        rows=[
            named(lead, lead.owner_name_then)
            | {
                "stage": Stage(lead.stage_then).label,
                "working_days": days,
                "last_activity": day_of(lead.active_then, period),
            }
            for lead, days in shown
        ],
        figures=(Figure("stale", _("Stale"), count, link=link),),
        link=link,
        left_out=max(0, count - SHOWN),
        actions=Actions(
            Urgency.RESTS,
            tuple(
                Action(
                    lead.merchant.name,
                    lead.owner_name_then or "",
                    _("Stale: for %(days)s working days in the stage “%(stage)s”")
                    % {"days": days, "stage": Stage(lead.stage_then).label},
                    f"{LEADS}{lead.pk}/change/",
                    day_of(lead.entered_then, period),
                )
                for lead, days in shown
            ),
            count,
        ),
    )


@section("to_come", _("Partnerships to come"), order=50)
def to_come(audience: Audience, period: Period) -> Table:
    """Leads with a proposal or in approval, and what is expected of them, the largest first."""
    leads = leads_then(audience, period).in_stage_then(Stage.PROPOSAL, Stage.APPROVAL)
    total = leads.aggregate(count=Count("pk"), value=Sum("expected_value_fen"))
    link = audience.address(LEADS, f"stage__in={Stage.PROPOSAL},{Stage.APPROVAL}")
    largest = F("expected_value_fen").desc(nulls_last=True)
    by_value = first_of(leads, largest, "id").select_related("merchant")
    return Table(
        columns=(MERCHANT, OWNER, Column("stage", _("Stage")), VALUE),
        rows=[
            named(lead, lead.owner_name_then) | {"stage": Stage(lead.stage_then).label}
            for lead in by_value
        ],
        figures=(
            Figure("to_come", _("To come"), total["count"], link=link),
            Figure("expected", _("Expected value"), total["value"] or 0, Kind.MONEY, link),
        ),
        link=link,
        left_out=max(0, total["count"] - SHOWN),
    )


@section("lost", pgettext_lazy("report", "Lost"), order=60)
def lost(audience: Audience, period: Period) -> Table:
    """Why merchants were lost in the period, the commonest reason first."""
    reasons = (
        steps_of(audience, period)
        .between(period.start, period.end)
        .filter(to_stage=Stage.LOST)
        .order_by()
        .values_list("lost_reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "lost_reason")
    )
    return Table(
        columns=(Column("reason", _("Reason")), Column("count", _("Leads"), Kind.COUNT)),
        rows=[
            {
                "link": stepped_in(audience, period, Stage.LOST, f"lost_reason__exact={reason}"),
                "reason": LostReason(reason).label if reason else LostReason.OTHER.label,
                "count": count,
            }
            for reason, count in reasons
        ],
        link=stepped_in(audience, period, Stage.LOST),
        bar="count",
    )
