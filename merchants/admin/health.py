"""The health page of a partnership: its score, its maturity, and where figures are filed."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin
from crm.admin.site import page, viewer
from merchants import policies
from merchants.admin import health_chart
from merchants.admin.health_forms import FiguresForm, SalesForm, filed
from merchants.domain import figures, health_words, known_facts, scoring, standing
from merchants.domain.maturity import Criterion
from merchants.models import HealthReading, Partnership, PeriodFigures, SalesDay
from merchants.models.partnership_numbers import ALARMING_HEALTH, RECOVERED_HEALTH

DRAWN_DAYS = 90
SALES_SHOWN = 14
MONTHS_SHOWN = 6

HEALTH_PAGES: Mapping[str, str] = {
    "health": "health_page",
    "file-sales": "sales_page",
    "file-figures": "figures_page",
}
"""Pages below a partnership's own: address → method of HealthPages."""


class HealthPages(RoomAdmin):
    """What the admin of partnerships shows of their health."""

    def health_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The score with its parts, its history, the ladder of maturity, and what was filed."""
        row: Partnership = self.row_or_404(request, pk)
        at = self.now()
        today = timezone.localdate(at)
        found = standing.health_of(row.pk, days=DRAWN_DAYS, at=at)
        ahead = scoring.health_now(row, at=at)
        ladder = standing.maturity_of(row, at=at)
        months = [
            known_facts.months_before(known_facts.first_of(today), back)
            for back in range(-1, MONTHS_SHOWN)
        ]
        known = {
            one.month: one
            for one in PeriodFigures.objects.filter(partnership=row, month__in=months)
        }
        return page(
            request,
            "merchants/health.html",
            title=_("Health: %(partnership)s") % {"partnership": row},
            partnership=row,
            back=self.url("change", pk),
            standing=found,
            tone=tone(found.score),
            parts=[(one, bar(one.share)) for one in found.parts],
            ahead=ahead.score if _differs(ahead, found) else None,
            chart=health_chart.drawn(
                found.history,
                first=today - timedelta(days=DRAWN_DAYS - 1),
                last=today,
                levels=(ALARMING_HEALTH.value, RECOVERED_HEALTH.value),
            ),
            ladder=ladder,
            level=health_words.LEVELS[ladder.level],
            measured=health_words.LEVELS[ladder.measured],
            rungs=[
                (
                    rung,
                    [_shown(one.criterion, one.value, one.bar, one.met) for one in rung.findings],
                )
                for rung in ladder.rungs
            ],
            sides=[
                (health_words.SIDES[side], score, side in ladder.weakest)
                for side, score in ladder.sides
            ],
            sales=[
                (one, health_words.yuan(one.sales_fen))
                for one in SalesDay.objects.filter(partnership=row).order_by("-day")[:SALES_SHOWN]
            ],
            months=[(f"{month:%Y-%m}", known.get(month)) for month in months],
            may_file=policies.may_file_figures(viewer(request), row.merchant),
            sales_url=self.url("file-sales", pk),
            figures_url=self.url("file-figures", pk),
        )

    def sales_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Sales of some days, a line for each."""
        row: Partnership = self.row_or_404(request, pk)

        def file(given: dict[str, Any]) -> figures.Recorded:
            return figures.record_sales_days(pk, given["days"], by=viewer(request), at=self.now())

        return self.verb_page(
            request,
            SalesForm(request.POST or None),
            file,
            title=_("File sales"),
            intro=str(row),
            submit=_("File them"),
            said=_("The sales are filed. They count from tomorrow morning on."),
            back=self.url("health", pk),
        )

    def figures_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The figures of the month in the address."""
        row: Partnership = self.row_or_404(request, pk)
        month = _month(request.GET.get("month", ""))
        known = PeriodFigures.objects.filter(partnership=row, month=month).first()

        def file(given: dict[str, Any]) -> PeriodFigures:
            return figures.file_figures(
                pk, month, given, source=given.pop("source"), by=viewer(request), at=self.now()
            )

        return self.verb_page(
            request,
            FiguresForm(request.POST or None, initial=filed(known)),
            file,
            title=_("Figures of %(month)s") % {"month": f"{month:%Y-%m}"},
            intro=str(row),
            submit=_("File them"),
            said=_("The figures are filed. They count from tomorrow morning on."),
            back=self.url("health", pk),
        )


def tone(score: Decimal | None) -> str:
    """Red is alarming, green is sound."""
    if score is None:
        return "calm"
    return (
        "bad"
        if score < ALARMING_HEALTH.value
        else "good"
        if score >= RECOVERED_HEALTH.value
        else "warn"
    )


def bar(share: Decimal | None) -> str:
    """The width of a bar in percent, as text free of any locale."""
    return "0" if share is None else f"{share * 100:.1f}"


def _differs(ahead: HealthReading, found: standing.Standing) -> bool:
    return ahead.score is not None and ahead.score != found.score


def _shown(criterion: Criterion, value: int | None, bar: int, met: bool) -> dict[str, Any]:
    return {
        "label": health_words.CRITERIA[criterion],
        "value": health_words.measure(criterion, value),
        "asked": health_words.asked(criterion, bar),
        "met": met,
    }


def _month(text: str) -> date:
    try:
        if len(text) != 7:
            raise ValueError(text)
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None
