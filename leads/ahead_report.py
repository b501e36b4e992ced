"""What the next week brings: promises, visits, agreements that end, campaigns that begin or end."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from campaigns.models.campaign_stages import AGREED
from campaigns.report_rows import CAMPAIGNS, campaigns_of
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.models import FollowUp, Visit, VisitState
from leads.report_rows import FOLLOW_UPS, OWNER, day_of, due_between, first_of, follow_ups_of
from merchants.partnerships_then import PARTNERSHIPS
from merchants.renewal_report import next_week as renewals_next_week

EACH = 5
"""Rows of a kind; the figures count all of it."""
VISITS = "/admin/leads/visit/"


def _days(period: Period) -> tuple[date, date]:
    """The seven days after the period."""
    first = period.last_day + timedelta(days=1)
    return first, first + timedelta(days=6)


def _due(audience: Audience, period: Period) -> Any:
    end = period.end
    return due_between(follow_ups_of(audience), end, end, end + timedelta(days=7))


@counted("follow_ups_next_week", FollowUp)
def _follow_ups(audience: Audience, period: Period) -> Any:
    return _due(audience, period)[0]


@counted("visits_next_week", Visit)
def _visits_ahead(audience: Audience, period: Period) -> Any:
    return _visits(audience, period).filter(planned_for__range=_days(period))


@counted("campaigns_starting", Campaign)
def _starting(audience: Audience, period: Period) -> Any:
    agreed = campaigns_of(audience, period).filter(stage_then__in=AGREED)
    return agreed.filter(starts_on__range=_days(period))


@counted("campaigns_ending_next_week", Campaign)
def _ending(audience: Audience, period: Period) -> Any:
    agreed = campaigns_of(audience, period).filter(stage_then__in=AGREED)
    return agreed.filter(ends_on__range=_days(period))


@section("next_week", _("Next week"), order=90)
def next_week(audience: Audience, period: Period) -> Table:
    """What is known, at the end of the period, of the week that follows: day by day, a few of each
    kind, and how many there are in all."""
    due, put_off = _due(audience, period)
    visits = _visits_ahead(audience, period)
    renewals = renewals_next_week(audience, period)
    starting, ending = _starting(audience, period), _ending(audience, period)
    rows = [
        *(
            _row(
                day_of(put_off.get(one.pk, one.due_at), period),
                _("Follow-up"),
                f"{one.merchant.name} · {one.title}",
                one.owner.full_name,
                f"{FOLLOW_UPS}{one.pk}/change/",
            )
            for one in first_of(due, "due_at", "id", count=EACH).select_related("merchant", "owner")
        ),
        *(
            _row(
                one.planned_for,
                _("Visit"),
                one.merchant.name,
                one.owner.full_name,
                f"{VISITS}{one.pk}/change/",
            )
            for one in visits.select_related("merchant", "owner").order_by("planned_for", "id")[
                :EACH
            ]
        ),
        *(
            _row(
                one.ends_then,
                _("Agreement ends"),
                one.merchant.name,
                one.merchant.owner.full_name if one.merchant.owner else "",
                f"/admin/merchants/partnership/{one.pk}/change/",
            )
            for one in renewals.select_related("merchant__owner").order_by("ends_then", "id")[:EACH]
        ),
        *(
            _row(one.starts_on, _("Campaign starts"), one.name, "", f"{CAMPAIGNS}{one.pk}/change/")
            for one in starting.order_by("starts_on", "id")[:EACH]
        ),
        *(
            _row(one.ends_on, _("Campaign ends"), one.name, "", f"{CAMPAIGNS}{one.pk}/change/")
            for one in ending.order_by("ends_on", "id")[:EACH]
        ),
    ]
    if not rows:
        return Table(columns=())
    counts = _counts(due, visits, renewals, starting, ending)
    return Table(
        columns=(
            Column("day", _("Day"), Kind.DAY),
            Column("kind", pgettext_lazy("report", "What")),
            Column("about", pgettext_lazy("report", "About")),
            OWNER,
        ),
        rows=sorted(rows, key=lambda row: row["day"]),
        figures=(
            Figure(
                "follow_ups",
                _("Follow-ups next week"),
                counts[0],
                link=address(FOLLOW_UPS, "follow_ups_next_week", audience, period, "state=all"),
            ),
            Figure(
                "visits",
                _("Visits next week"),
                counts[1],
                link=address(VISITS, "visits_next_week", audience, period),
            ),
            Figure(
                "renewals",
                _("Agreements that end next week"),
                counts[2],
                link=address(PARTNERSHIPS, "renewals_next_week", audience, period),
            ),
            Figure(
                "starting",
                _("Campaigns that start next week"),
                counts[3],
                link=address(CAMPAIGNS, "campaigns_starting", audience, period),
            ),
            Figure(
                "campaigns_ending",
                _("Campaigns that end next week"),
                counts[4],
                link=address(CAMPAIGNS, "campaigns_ending_next_week", audience, period),
            ),
        ),
    )


def _counts(*kinds: Any) -> list[int]:
    """How many rows there are of each kind, in one statement."""
    first, *others = (
        rows.order_by()
        .annotate(place=Value(place))
        .values_list("place")
        .annotate(count=Count("pk"))
        for place, rows in enumerate(kinds)
    )
    found = dict(first.union(*others, all=True))
    return [found.get(place, 0) for place in range(len(kinds))]


def _visits(audience: Audience, period: Period) -> Any:
    """The visits that were planned at the end of the period. What became of one is written on it:
    one that was touched since stood as planned then."""
    visits = audience.narrow(
        Visit.objects.visible_to(audience.viewer), unit="merchant__unit", owner="owner"
    )
    planned = Q(state=VisitState.PLANNED) | Q(updated_at__gte=period.end)
    return visits.filter(planned, was_planned=True, created_at__lt=period.end)


def _row(day: Any, kind: Any, about: str, owner: str, link: str) -> dict[str, Any]:
    return {"link": link, "day": day, "kind": str(kind), "about": about, "owner": owner}
