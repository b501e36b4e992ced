"""Endpoints about the health, maturity and figures of a partnership."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from crm.api import schema
from crm.api.pages import bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.errors import NotFound
from merchants.api import health_inputs as inputs
from merchants.api.health_shapes import (
    FIGURES,
    FIGURES_LIST,
    SALES_DAY,
    SALES_DAYS,
    HealthOut,
    MaturityOut,
    RecordedOut,
)
from merchants.domain import figures, health_words, standing
from merchants.domain.figures import DayOfSales
from merchants.domain.standing import LONGEST_HISTORY
from merchants.models import Partnership, PeriodFigures, SalesDay
from merchants.models.partnership_numbers import ALARMING_HEALTH, RECOVERED_HEALTH

HISTORY = 90
"""Days of history in an answer that did not ask for more or fewer."""
_ENTRY = {"day": "2026-11-17", "sales": "1200.50", "qualifying_sales": 8, "redemptions": 3}


def known_partnership(view: Door, pk: UUID) -> Partnership:
    """The partnership in the address, or the same 404 as for one that does not exist."""
    found = Partnership.objects.visible_to(view.user).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found


class PartnershipHealth(Door):
    takes_parameters = True

    @schema.reads(
        "partnerships_health",
        "How healthy a partnership is, why, and since when",
        HealthOut,
        tag="partnerships",
        parameters=[
            OpenApiParameter(
                "days",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LONGEST_HISTORY,
                    "default": HISTORY,
                },
                description="How many days of history",
            )
        ],
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        days = _days(request)
        partnership = known_partnership(self, pk)
        found = standing.health_of(partnership.pk, days=days, at=self.now())
        return answer(
            {
                "partnership": partnership.pk,
                "day": found.day,
                "score": found.score,
                "alarm_below": ALARMING_HEALTH.value,
                "recovered_from": RECOVERED_HEALTH.value,
                "parts": [
                    {
                        "part": one.part,
                        "label": one.label,
                        "share": one.share,
                        "weight": one.weight,
                        "points": one.points,
                        "text": one.text,
                    }
                    for one in found.parts
                ],
                "no_data": list(found.without_data),
                "history": [{"day": day, "score": score} for day, score in found.history],
            }
        )


def _days(request: Request) -> int:
    for name in request.query_params:
        if name != "days":
            raise bad_parameter(
                name,
                "unknown_parameter",
                _("“%(name)s” is not a parameter here.") % {"name": name},
            )
    given = request.query_params.getlist("days")
    if len(given) > 1:
        raise bad_parameter(
            "days", "parameter_repeated", _("“%(name)s” can be given once only.") % {"name": "days"}
        )
    text = given[0] if given else str(HISTORY)
    sound = text.isascii() and text.isdigit() and len(text) < 10
    if not sound or not 1 <= int(text) <= LONGEST_HISTORY:
        raise bad_parameter(
            "days",
            "days_invalid",
            _("The number of days is from 1 to %(most)d.") % {"most": LONGEST_HISTORY},
        )
    return int(text)


class PartnershipMaturity(Door):
    @schema.reads(
        "partnerships_maturity",
        "How mature a partnership is, and which criteria are met",
        MaturityOut,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        partnership = known_partnership(self, pk)
        found = standing.maturity_of(partnership, at=self.now())
        return answer(
            {
                "partnership": partnership.pk,
                "level": found.level,
                "label": health_words.LEVELS[found.level],
                "measured": found.measured,
                "criteria": [
                    {
                        "level": rung.level,
                        "criterion": one.criterion,
                        "label": health_words.CRITERIA[one.criterion],
                        "value": one.value,
                        "bar": one.bar,
                        "met": one.met,
                    }
                    for rung in found.rungs
                    for one in rung.findings
                ],
                "ecosystem": [
                    {
                        "side": side,
                        "label": health_words.SIDES[side],
                        "score": score,
                        "weakest": side in found.weakest,
                    }
                    for side, score in found.sides
                ],
                "history": [
                    {"month": one.month, "measured": one.measured, "level": one.level}
                    for one in found.history
                ],
            }
        )


class SalesDays(Door):
    shape = SALES_DAY
    takes_parameters = True

    @schema.lists(
        "partnerships_sales_days",
        "Sales of a partnership by day, the newest first",
        SALES_DAYS,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        partnership = known_partnership(self, pk)
        rows = SalesDay.objects.filter(partnership=partnership)
        return SALES_DAYS.answer(request, rows, self.user)

    @schema.writes(
        "partnerships_record_sales_days",
        "File sales by day; what is filed already is corrected",
        RecordedOut,
        tag="partnerships",
        body=inputs.SalesDaysIn,
        example={"days": [_ENTRY]},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        days = [_day_of_sales(one) for one in self.taken(inputs.SalesDaysIn)["days"]]
        done = figures.record_sales_days(pk, days, by=self.user, at=self.now())
        return answer({"added": done.added, "changed": done.changed, "unchanged": done.unchanged})


def _day_of_sales(given: dict[str, Any]) -> DayOfSales:
    return DayOfSales(
        day=given["day"],
        sales_fen=given["sales"],
        qualifying_sales=given["qualifying_sales"],
        redemptions=given["redemptions"],
    )


class MonthlyFigures(Door):
    shape = FIGURES
    takes_parameters = True

    @schema.lists(
        "partnerships_figures",
        "Monthly figures of a partnership, the newest first",
        FIGURES_LIST,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        partnership = known_partnership(self, pk)
        rows = PeriodFigures.objects.filter(partnership=partnership)
        return FIGURES_LIST.answer(request, rows, self.user)

    @schema.writes(
        "partnerships_file_figures",
        "File figures of a month; what is filed already is corrected",
        FIGURES,
        tag="partnerships",
        body=inputs.FiguresIn,
        example={"month": "2026-11", "source": "卡部月报", "planned_redemptions": 600},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.FiguresIn)
        month, source = values.pop("month"), values.pop("source")
        row = figures.file_figures(pk, month, values, source=source, by=self.user, at=self.now())
        return self.show(PeriodFigures.objects.all(), row.pk, row=row)
