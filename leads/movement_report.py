"""What moved in the week: leads that went on, slipped back, or went stale."""

from typing import Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.domain import calendar as calendars
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.domain import staleness
from leads.models import Lead, Stage
from leads.report_rows import (
    LEADS,
    MERCHANT,
    OWNER,
    SHOWN,
    back,
    forward,
    leads_then,
    named,
    steps_of,
)

WENT_ON, SLIPPED = "went_on", "slipped"
LABELS = {
    WENT_ON: pgettext_lazy("movement", "Went on"),
    SLIPPED: pgettext_lazy("movement", "Slipped back"),
}
STALE_NOW = pgettext_lazy("movement", "Went stale")


def _moves(audience: Audience, period: Period, way: Q) -> Any:
    steps = steps_of(audience, period).between(period.start, period.end).filter(way)
    return Lead.objects.filter(pk__in=steps.order_by().values("lead"))


@counted("leads_went_on", Lead)
def _went_on(audience: Audience, period: Period) -> Any:
    return _moves(audience, period, forward())


@counted("leads_slipped", Lead)
def _slipped(audience: Audience, period: Period) -> Any:
    return _moves(audience, period, back())


@section("movement", _("Moved, slipped, went stale"), order=25)
def movement(audience: Audience, period: Period) -> Table:
    """The steps of the week between the stages, those back first, then the leads that became stale
    in it, then the steps forward. A step back is one to an earlier stage, or into parking."""
    steps = (
        steps_of(audience, period)
        .between(period.start, period.end)
        .annotate(
            way=Case(
                When(back(), then=Value(SLIPPED)),
                When(forward(), then=Value(WENT_ON)),
                default=Value(""),
                output_field=CharField(),
            )
        )
        .exclude(way="")
    )
    found = dict(steps.order_by().values_list("way").annotate(count=Count("lead", distinct=True)))
    stale = newly_stale(audience, period)
    stale_count = stale.count()
    # Alphabetically the steps back stand before those forward.
    first = steps.select_related("lead__merchant").order_by("way", "-at", "-id")
    moved = {way: [_step(one) for one in first.filter(way=way)[:SHOWN]] for way in _ways(found)}
    rested = [
        named(lead, lead.owner_name_then)
        | {
            "way": STALE_NOW,
            "step": Stage(lead.stage_then).label,
            "at": lead.entered_then,
        }
        for lead in stale.select_related("merchant").order_by("entered_then", "id")[:SHOWN]
    ]
    rows = [*moved.get(SLIPPED, []), *rested, *moved.get(WENT_ON, [])]
    total = sum(found.values()) + stale_count
    return Table(
        columns=(
            Column("way", pgettext_lazy("movement", "What happened")),
            MERCHANT,
            OWNER,
            Column("step", _("Stage")),
            Column("at", _("Since"), Kind.INSTANT),
        ),
        rows=rows,
        figures=(
            Figure(
                "went_on",
                LABELS[WENT_ON],
                found.get(WENT_ON, 0),
                link=address(LEADS, "leads_went_on", audience, period),
            ),
            Figure(
                "slipped",
                LABELS[SLIPPED],
                found.get(SLIPPED, 0),
                link=address(LEADS, "leads_slipped", audience, period),
            ),
            Figure(
                "went_stale",
                STALE_NOW,
                stale_count,
                link=address(LEADS, "leads_went_stale", audience, period),
            ),
        )
        if total
        else (),
    )


def _ways(counted: dict[str, int]) -> list[str]:
    return [way for way in (SLIPPED, WENT_ON) if counted.get(way)]


@counted("leads_went_stale", Lead)
def newly_stale(audience: Audience, period: Period) -> Any:
    """The leads that were stale at the end of the period and not yet at its start."""
    calendar = calendars.load()
    at_end = staleness.resting_since(period.last_day, zone=period.zone, calendar=calendar)
    at_start = staleness.resting_since(
        period.week.previous.sunday, zone=period.zone, calendar=calendar
    )
    before = Q()
    for stage, moment in at_start.items():
        before |= Q(stage_then=stage, entered_then__lt=moment, active_then__lt=moment)
    return leads_then(audience, period).stale(at_end, then=True).exclude(before)


def _step(one: Any) -> dict[str, Any]:
    way: str = one.way
    return named(one.lead, one.owner_name_then) | {
        "link": f"{LEADS}{one.lead_id}/change/",
        "way": LABELS[way],
        "step": f"{Stage(one.from_stage).label} → {Stage(one.to_stage).label}",
        "at": one.at,
    }
