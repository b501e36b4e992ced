"""Filing what is known of a partnership in numbers: sales by day, figures by month.

Filing the same again changes nothing; filing other numbers for a day or month corrects it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, Problem
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import timeline
from merchants.models import BankProduct, Merchant, Partnership, PeriodFigures, SalesDay
from merchants.models.figures import LARGEST_COUNT, LARGEST_SALES_FEN

MOST_DAYS = 400
"""Days in one call: a year, and some to spare."""
OLDEST = timedelta(days=3 * 366)
"""Nobody reckons with sales of more than three years ago."""

FILED_SALES = timeline.kind(
    "partnership.sales_filed",
    gettext_lazy("Sales filed"),
    gettext_lazy("Sales of %(first)s to %(last)s were filed (days: %(days)s)."),
)
FILED_FIGURES = timeline.kind(
    "partnership.figures_filed",
    gettext_lazy("Figures filed"),
    gettext_lazy("The figures of %(month)s were filed. Source: %(source)s"),
)


@dataclass(frozen=True)
class DayOfSales:
    """The sums of one day. Money in fen."""

    day: date
    sales_fen: int
    qualifying_sales: int
    redemptions: int


@dataclass(frozen=True)
class Recorded:
    """What became of the days that were filed."""

    added: int
    changed: int
    unchanged: int


@command
def record_sales_days(
    partnership_id: UUID, days: Sequence[DayOfSales], *, by: Actor, at: datetime
) -> Recorded:
    """File the sales of some days; a day that is filed already is corrected.

    Raises NotFound, NotAllowed, and InvalidInput, with a problem for every day that is in the
    future, too long ago, named twice, or has a sum out of range; then nothing is written.
    """
    partnership = _taken(partnership_id, by)
    _check_days(days, today=timezone.localdate(at))
    known_days = {
        row.day: row
        for row in SalesDay.objects.filter(
            partnership=partnership, day__in=[one.day for one in days]
        )
    }
    rows = [
        SalesDay(
            pk=known_days[one.day].pk if one.day in known_days else uuid7(),
            partnership=partnership,
            day=one.day,
            sales_fen=one.sales_fen,
            qualifying_sales=one.qualifying_sales,
            redemptions=one.redemptions,
            version=known_days[one.day].version + 1 if one.day in known_days else 1,
            created_at=at,
            updated_at=at,
        )
        for one in days
        if one.day not in known_days or _differs(known_days[one.day], one)
    ]
    if rows:
        SalesDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=[
                "sales_fen",
                "qualifying_sales",
                "redemptions",
                "version",
                "updated_at",
            ],
        )
        timeline.record(
            FILED_SALES,
            merchant_id=partnership.merchant_id,
            subject_id=partnership.pk,
            by=by,
            at=at,
            first=min(row.day for row in rows).isoformat(),
            last=max(row.day for row in rows).isoformat(),
            days=len(rows),
        )
    added = sum(row.day not in known_days for row in rows)
    return Recorded(added, len(rows) - added, len(days) - len(rows))


def _taken(partnership_id: UUID, by: Actor) -> Partnership:
    """The partnership, locked, of a merchant whose figures the actor may file."""
    partnership = take(Partnership.objects.seen_by(by), partnership_id)
    merchant = Merchant.objects.get(pk=partnership.merchant_id)
    require(
        policies.may_file_figures(by, merchant), _("You do not file figures for this partnership.")
    )
    return partnership


def _differs(row: SalesDay, given: DayOfSales) -> bool:
    return (row.sales_fen, row.qualifying_sales, row.redemptions) != (
        given.sales_fen,
        given.qualifying_sales,
        given.redemptions,
    )


def _check_days(days: Sequence[DayOfSales], *, today: date) -> None:
    if not 1 <= len(days) <= MOST_DAYS:
        raise InvalidInput(
            _("File from 1 to %(most)d days at once.") % {"most": MOST_DAYS},
            code="days_out_of_range",
            attr="days",
        )
    often = Counter(one.day for one in days)
    problems = [
        Problem(code, sentence, f"days.{place}.{name}")
        for place, one in enumerate(days)
        for code, sentence, name in _wrong(one, twice=often[one.day] > 1, today=today)
    ]
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, attr=first.attr, problems=problems)


def _wrong(one: DayOfSales, *, twice: bool, today: date) -> list[tuple[str, str, str]]:
    shown = {"day": one.day.isoformat()}
    found = []
    if one.day > today:
        found.append(("day_in_future", _("%(day)s is in the future.") % shown, "day"))
    if one.day < today - OLDEST:
        found.append(("too_long_ago", _("%(day)s is more than three years ago.") % shown, "day"))
    if twice:
        found.append(("day_twice", _("%(day)s is named more than once.") % shown, "day"))
    if not 0 <= one.sales_fen <= LARGEST_SALES_FEN:
        found.append(
            (
                "sales_out_of_range",
                _("Sales are between zero and 100 billion yuan."),
                "sales",
            )
        )
    counts = {"qualifying_sales": one.qualifying_sales, "redemptions": one.redemptions}
    found += [
        ("count_out_of_range", _("A count is between zero and 100 million."), name)
        for name, count in counts.items()
        if not 0 <= count <= LARGEST_COUNT
    ]
    return found


PRODUCTS = frozenset(BankProduct.values)
_LARGEST: Mapping[str, int] = {
    "statements": 6,
    "statements_overdue": 6,
    "first_swipe": 10_000,
    "merchant_share": 10_000,
    "lifted_campaigns": 1000,
    "segmented_campaigns": 1000,
    "bank_side": 2,
    "merchant_side": 2,
    "customer_side": 2,
    "planned_redemptions": LARGEST_COUNT,
    "live_offers": LARGEST_COUNT,
    "new_cards": LARGEST_COUNT,
}
"""Beyond these a column would not even take the number; the finer rules stand on the table."""


@command
def file_figures(
    partnership_id: UUID,
    month: date,
    values: Mapping[str, Any],
    *,
    source: str,
    by: Actor,
    at: datetime,
) -> PeriodFigures:
    """File figures of a month, or correct them; what is not named stays as it is, and a value of
    none takes a figure back.

    Rates, shares and returns are basis points. Raises NotFound, NotAllowed, InvalidInput for a
    month to come or a number out of range, RuleBroken for figures that contradict each other.
    """
    partnership = _taken(partnership_id, by)
    month, source = month.replace(day=1), source.strip()
    _check_month(month, today=timezone.localdate(at))
    values = {**values}
    if values.get("further_products") is not None:
        values["further_products"] = sorted(set(values["further_products"]))
    _check_values(values)
    row = PeriodFigures.objects.for_change().filter(partnership=partnership, month=month).first()
    changed = {**values, "source": source}
    if row is not None and all(getattr(row, name) == value for name, value in changed.items()):
        return row
    if row is None:
        row = PeriodFigures.objects.create(
            partnership=partnership,
            month=month,
            filed_by_id=user_id(by),
            created_at=at,
            updated_at=at,
            **changed,
        )
    else:
        row.change(at=at, filed_by_id=user_id(by), **changed)
    timeline.record(
        FILED_FIGURES,
        merchant_id=partnership.merchant_id,
        subject_id=partnership.pk,
        by=by,
        at=at,
        month=f"{month:%Y-%m}",
        source=source,
    )
    return row


def _check_month(month: date, *, today: date) -> None:
    """Plans are made for next month too; everything else of a month to come is a slip."""
    latest = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    if month > latest:
        raise InvalidInput(
            _("This month is too far in the future."), code="month_in_future", attr="month"
        )
    if month < today - OLDEST:
        raise InvalidInput(
            _("This month is more than three years ago."), code="too_long_ago", attr="month"
        )


def _check_values(values: Mapping[str, Any]) -> None:
    problems = [
        Problem(
            "figure_out_of_range",
            _("This number is between 0 and %(largest)d.") % {"largest": largest},
            name,
        )
        for name, largest in _LARGEST.items()
        if values.get(name) is not None and not 0 <= values[name] <= largest
    ]
    if not PRODUCTS.issuperset(values.get("further_products") or ()):
        problems.append(
            Problem("product_unknown", _("There is no such product."), "further_products")
        )
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, attr=first.attr, problems=problems)


def said(recorded: Recorded) -> str:
    """The result in words, for a screen."""
    written = recorded.added + recorded.changed
    return ngettext("%(days)d day was filed.", "%(days)d days were filed.", written) % {
        "days": written
    }
