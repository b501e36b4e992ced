"""What the report says of agreements that end, and of partnerships that may be lost."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

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
from merchants.models import AgreementVersion, Partnership, PartnershipStage
from merchants.models.partnership_numbers import ALARMING_HEALTH
from merchants.partnerships_then import PARTNERSHIPS, partnerships_then

SHOWN = 10
RENEWAL_DAYS = 90
ENDING_DAYS = 30
MERCHANT = Column("merchant", _("Merchant"))
OWNER = Column("owner", _("Owner"))


def with_end(audience: Audience, period: Period) -> Any:
    """The partnerships with the last day that was signed for, as one knew at the end of the
    period: what was signed, amended or ended since does not count."""
    signed = AgreementVersion.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=period.end),
        partnership=OuterRef("pk"),
        signed_at__lt=period.end,
    )
    # Ending one early cuts its last day: until then it was to last as it was signed.
    last = Case(When(closed_at=None, then=F("last_day")), default=F("ends_on"))
    ends = signed.order_by().values("partnership").annotate(last=Max(last)).values("last")
    return partnerships_then(audience, period).annotate(ends_then=Subquery(ends))


def ending_between(audience: Audience, period: Period, first: date, last: date) -> Any:
    """Living partnerships whose agreement ends on one of these days and is not renewed."""
    # One of its versions names such a day: found at once, before anything is looked up for each.
    days = (first, last)
    perhaps = AgreementVersion.objects.filter(Q(last_day__range=days) | Q(ends_on__range=days))
    return (
        with_end(audience, period)
        .filter(pk__in=perhaps.order_by().values("partnership"))
        .exclude(stage_then=PartnershipStage.CHURNED)
        .filter(ends_then__range=days)
    )


@counted("renewals", Partnership)
def _within_90(audience: Audience, period: Period) -> Any:
    day = period.last_day
    return ending_between(audience, period, day, day + timedelta(days=RENEWAL_DAYS))


@counted("renewals_ending", Partnership)
def _within_30(audience: Audience, period: Period) -> Any:
    day = period.last_day
    return ending_between(audience, period, day, day + timedelta(days=ENDING_DAYS))


@counted("renewals_next_week", Partnership)
def next_week(audience: Audience, period: Period) -> Any:
    """Those that end in the seven days after the period."""
    first = period.last_day + timedelta(days=1)
    return ending_between(audience, period, first, first + timedelta(days=6))


@counted("partnerships_at_risk", Partnership)
def _at_risk(audience: Audience, period: Period) -> Any:
    living = partnerships_then(audience, period).exclude(
        stage_then__in=(PartnershipStage.CHURNED, PartnershipStage.SUSPENDED)
    )
    alarming = Q(health_then__lt=ALARMING_HEALTH.value)
    return living.filter(Q(stage_then=PartnershipStage.WAVERING) | alarming)


@section("renewals", _("Renewals due"), order=57)
def renewals(audience: Audience, period: Period) -> Table:
    """Agreements that end within 90 days and are not renewed, the first to end first."""
    day = period.last_day
    rows = _within_90(audience, period)
    link = address(PARTNERSHIPS, "renewals", audience, period)
    soon = day + timedelta(days=ENDING_DAYS)
    found = rows.aggregate(count=Count("pk"), ending=Count("pk", filter=Q(ends_then__lte=soon)))
    count, ending = found["count"], found["ending"]
    if not count:
        return Table(columns=())
    first = rows.select_related("merchant", "merchant__owner").order_by("ends_then", "id")
    shown = list(first.defer("merchant__search_grams", "merchant__search_text")[:SHOWN])
    return Table(
        columns=(
            MERCHANT,
            OWNER,
            Column("stage", _("Stage")),
            Column("ends_on", _("Ends"), Kind.DAY),
            Column("days_left", _("Days left"), Kind.COUNT),
        ),
        rows=[
            {
                "link": f"{PARTNERSHIPS}{one.pk}/change/",
                "merchant": one.merchant.name,
                "owner": _owner(one),
                "stage": PartnershipStage(one.stage_then).label,
                "ends_on": one.ends_then,
                "days_left": (one.ends_then - day).days,
            }
            for one in shown
        ],
        figures=(
            Figure("renewals", _("Ending within 90 days"), count, link=link),
            Figure(
                "ending",
                _("Agreements ending within 30 days"),
                ending,
                link=address(PARTNERSHIPS, "renewals_ending", audience, period),
            ),
        ),
        link=link,
        left_out=max(0, count - SHOWN),
        actions=Actions(
            Urgency.CONTRACT,
            tuple(
                Action(
                    one.merchant.name,
                    _owner(one),
                    _("The agreement ends in %(days)s days") % {"days": (one.ends_then - day).days},
                    f"{PARTNERSHIPS}{one.pk}/change/",
                    one.ends_then,
                )
                for one in shown
                if one.ends_then <= soon
            ),
            ending,
        ),
    )


@section("partnerships_at_risk", _("Partnerships at risk"), order=56)
def at_risk(audience: Audience, period: Period) -> Table:
    """Partnerships that waver, or whose health is alarming, the least healthy first."""
    alarming = ALARMING_HEALTH.value
    rows = _at_risk(audience, period)
    link = address(PARTNERSHIPS, "partnerships_at_risk", audience, period)
    count = rows.count()
    if not count:
        return Table(columns=())
    # Found by themselves, before merchants, which are wide, are joined to all of them.
    by_health = rows.order_by(F("health_then").asc(nulls_last=True), "id")
    first = by_health.filter(pk__in=by_health.values("pk")[:SHOWN])
    first = first.select_related("merchant", "merchant__owner")
    shown = list(first.defer("merchant__search_grams", "merchant__search_text"))
    return Table(
        columns=(
            MERCHANT,
            OWNER,
            Column("stage", _("Stage")),
            Column("health", _("Health")),
        ),
        rows=[
            {
                "link": f"{PARTNERSHIPS}{one.pk}/change/",
                "merchant": one.merchant.name,
                "owner": _owner(one),
                "stage": PartnershipStage(one.stage_then).label,
                "health": one.health_then,
            }
            for one in shown
        ],
        figures=(Figure("at_risk", _("Partnerships at risk"), count, link=link),),
        link=link,
        left_out=max(0, count - SHOWN),
        actions=Actions(
            Urgency.AT_RISK,
            tuple(
                Action(
                    one.merchant.name,
                    _owner(one),
                    _("The partnership wavers")
                    if one.stage_then == PartnershipStage.WAVERING
                    else _("Health %(score)s, below %(limit)s")
                    % {"score": one.health_then, "limit": alarming},
                    f"{PARTNERSHIPS}{one.pk}/change/",
                )
                for one in shown
            ),
            count,
        ),
    )


def _owner(one: Partnership) -> str:
    return one.merchant.owner.full_name if one.merchant.owner else ""
