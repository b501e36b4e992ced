"""What the filed figures say about partnerships, in the form that the rules reckon with.

Read for a whole batch at once: the number of statements does not depend on how many partnerships
are asked about.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from merchants.domain import engagement, health, maturity
from merchants.domain.health import RULES
from merchants.models import AgreementVersion, Partnership, PeriodFigures, SalesDay

FIGURES_MONTHS = 6
"""A figure that describes a standing state (live offers, overdue statements, a joint plan) holds
until a newer one is filed, but not longer than so many months."""


def of_health(partnerships: Mapping[UUID, UUID], day: date) -> dict[UUID, health.Facts]:
    """The facts for the health on a day, by partnership; given partnership → merchant.

    They end with the day before: what is sold on the day itself is not complete yet.
    """
    selling = _selling(partnerships, before=day)
    sold = _sold(partnerships, day)
    figures = _figures(partnerships, until=day)
    met = engagement.contacts(
        set(partnerships.values()),
        since=_midnight(day - timedelta(days=RULES.contact_window_days)),
        before=_midnight(day),
    )
    return {
        pk: _health_facts(
            day,
            sold.get(pk, _NOTHING_SOLD) if pk in selling else None,
            figures.get(pk, ()),
            None if met is None else met.get(merchant, 0),
        )
        for pk, merchant in partnerships.items()
    }


type _Sold = dict[tuple[date, bool], dict[str, int]]
"""(month, in the window or in the one before) → sums."""
_NOTHING_SOLD: _Sold = {}


def _selling(partnerships: Collection[UUID], *, before: date) -> set[UUID]:
    """Partnerships of which any sales were ever filed: of the others nothing is known."""
    filed = SalesDay.objects.order_by().filter(partnership=OuterRef("pk"), day__lt=before)
    asked = Partnership.objects.order_by().filter(pk__any_of=list(partnerships))
    return set(asked.filter(Exists(filed)).values_list("pk", flat=True))


def _sold(partnerships: Collection[UUID], day: date) -> dict[UUID, _Sold]:
    """Sums of the last two windows, by month."""
    window = timedelta(days=RULES.sales_window_days)
    rows = (
        SalesDay.objects.between(day - 2 * window, day - timedelta(days=1))
        .filter(partnership__any_of=list(partnerships))
        .order_by()
        .annotate(month=TruncMonth("day"), now=Q(day__gte=day - window))
        .values_list("partnership_id", "month", "now")
        .annotate(
            active=Count("pk", filter=Q(qualifying_sales__gte=1)),
            sales=Sum("sales_fen"),
            redeemed=Sum("redemptions"),
        )
    )
    found: dict[UUID, _Sold] = defaultdict(dict)
    for pk, month, now, active, sales, redeemed in rows:
        found[pk][month, now] = {
            "active": active,
            "sales": int(sales),
            "redeemed": redeemed,
        }
    return found


def _health_facts(
    day: date, sold: _Sold | None, figures: Iterable[PeriodFigures], contacts: int | None
) -> health.Facts:
    figures = list(figures)
    plans = {
        row.month: row.planned_redemptions for row in figures if row.planned_redemptions is not None
    }
    statements = latest(figures, "statements", until=day)
    overdue = latest(figures, "statements_overdue", until=day)
    if sold is None:
        return health.Facts(statements=statements, statements_overdue=overdue, contacts=contacts)
    now = {month: sums for (month, is_now), sums in sold.items() if is_now}
    return health.Facts(
        active_days=sum(sums["active"] for sums in now.values()),
        sales_fen=sum(sums["sales"] for sums in now.values()),
        previous_fen=sum(sums["sales"] for (_month, is_now), sums in sold.items() if not is_now),
        redemptions=sum(sums["redeemed"] for month, sums in now.items() if month in plans)
        if plans
        else sum(sums["redeemed"] for sums in now.values()),
        planned_redemptions=planned(plans, day),
        statements=statements,
        statements_overdue=overdue,
        contacts=contacts,
    )


def planned(plans: Mapping[date, int], day: date) -> Decimal | None:
    """What the monthly plans ask of the window before a day: of each month as much of its plan as
    days of it lie in the window. None if no month of the window has a plan.
    """
    days = [day - timedelta(days=back) for back in range(1, RULES.sales_window_days + 1)]
    parts = [
        Fraction(plans[month], _length(month)) for one in days if (month := first_of(one)) in plans
    ]
    return health.rounded(sum(parts, Fraction(0)), 2) if parts else None


def first_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def months_before(month: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    place = month.year * 12 + month.month - 1 - count
    return date(place // 12, place % 12 + 1, 1)


def _length(month: date) -> int:
    return (months_before(month, -1) - month).days


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _figures(partnerships: Collection[UUID], *, until: date) -> dict[UUID, list[PeriodFigures]]:
    """The figures of the last months up to a day, the newest first."""
    since = months_before(first_of(until), FIGURES_MONTHS)
    found: dict[UUID, list[PeriodFigures]] = defaultdict(list)
    for row in PeriodFigures.objects.filter(
        partnership__any_of=list(partnerships), month__gte=since, month__lte=until
    ).order_by("-month"):
        found[row.partnership_id].append(row)
    return found


def latest(figures: Iterable[PeriodFigures], name: str, *, until: date) -> Any:
    """The newest value that was filed of something, for a month that has begun by a day."""
    values = (getattr(row, name) for row in figures if row.month <= until)
    return next((value for value in values if value is not None), None)


def of_maturity(
    partnerships: Collection[UUID], month: date, *, today: date | None = None
) -> dict[UUID, maturity.Facts]:
    """The facts for the evaluation of a month, by partnership: what was known when it began.

    For a look ahead at the evaluation of a month to come, agreements are looked up for `today`.
    """
    eve = month - timedelta(days=1)
    signed = set(
        AgreementVersion.objects.in_force(today or month)
        .filter(partnership__any_of=list(partnerships))
        .order_by()
        .values_list("partnership_id", flat=True)
    )
    redeemed = dict(
        SalesDay.objects.between(month - timedelta(days=maturity.REDEMPTION_DAYS), eve)
        .filter(partnership__any_of=list(partnerships))
        .order_by()
        .values_list("partnership_id")
        .annotate(redeemed=Sum("redemptions"))
    )
    figures = _figures(partnerships, until=eve)
    return {
        pk: _maturity_facts(month, pk in signed, redeemed.get(pk), figures.get(pk, []))
        for pk in partnerships
    }


def _maturity_facts(
    month: date, signed: bool, redeemed: int | None, figures: list[PeriodFigures]
) -> maturity.Facts:
    eve = month - timedelta(days=1)
    quarter = [
        row for row in figures if row.month >= months_before(month, maturity.NEW_CARD_MONTHS)
    ]
    half_year = [
        row for row in figures if row.month >= months_before(month, maturity.CAMPAIGN_MONTHS)
    ]
    products = latest(figures, "further_products", until=eve)
    return maturity.Facts(
        signed_agreement=signed,
        live_offers=latest(figures, "live_offers", until=eve),
        redemptions=redeemed,
        new_cards=_total(quarter, "new_cards"),
        first_swipe=latest(quarter, "first_swipe", until=eve),
        lifted_campaigns=_total(half_year, "lifted_campaigns"),
        segmented_campaigns=_total(half_year, "segmented_campaigns"),
        bank_roi=latest(half_year, "bank_roi", until=eve),
        further_products=None if products is None else len(products),
        joint_plan=latest(figures, "joint_plan", until=eve),
        merchant_share=latest(figures, "merchant_share", until=eve),
    )


def _total(figures: Iterable[PeriodFigures], name: str) -> int | None:
    values = [value for row in figures if (value := getattr(row, name)) is not None]
    return sum(values) if values else None


def merchants_of(partnerships: Iterable[Partnership]) -> dict[UUID, UUID]:
    """Partnership → merchant, as the facts are asked for."""
    return {one.pk: one.merchant_id for one in partnerships}
