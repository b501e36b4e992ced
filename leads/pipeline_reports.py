"""What the lead machine adds to the pipeline report: the weighted forecast, and what was waived."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.domain import lead_forecasts
from leads.models import LeadWaiver
from leads.models.pipeline_parameters import probabilities
from leads.models.stages import Guard
from leads.report_rows import LEADS, leads_of, leads_then

WAIVERS = "/admin/leads/leadwaiver/"
SHOWN = 12


@section("forecast", _("Weighted forecast"), order=52)
def forecast(audience: Audience, period: Period) -> Table:
    """What the open leads are expected to bring, by month of signature: their value times the share
    of the stage that they were in when the period ended."""
    months = lead_forecasts.by_month_then(leads_then(audience, period), probabilities())
    total = lead_forecasts.together([one for _month, one in months])
    return Table(
        columns=(
            Column("month", _("Signature expected in")),
            Column("count", _("Leads"), Kind.COUNT),
            Column("value", _("Expected value"), Kind.MONEY),
            Column("weighted", _("Weighted value"), Kind.MONEY),
        ),
        rows=[
            {
                "month": month.strftime("%Y-%m") if month else _("No day yet"),
                "count": one.leads,
                "value": one.value_fen,
                "weighted": one.weighted_fen,
            }
            for month, one in months[:SHOWN]
        ],
        figures=(
            Figure(
                "open_value",
                _("Open pipeline"),
                total.value_fen,
                Kind.MONEY,
                audience.address(LEADS, "open=yes"),
                is_headline=True,
            ),
            Figure(
                "weighted",
                _("Weighted value"),
                total.weighted_fen,
                Kind.MONEY,
                audience.address(LEADS, "open=yes"),
            ),
        ),
        link=audience.address(LEADS, "open=yes"),
        bar="weighted",
        left_out=max(0, len(months) - SHOWN),
    )


@counted("waivers", LeadWaiver)
def _given(audience: Audience, period: Period) -> Any:
    waivers = LeadWaiver.objects.filter(lead__in=leads_of(audience, period).values("pk"))
    return waivers.between(period.start, period.end)


@section("lead_waivers", _("Guards waived"), order=62)
def waivers(audience: Audience, period: Period) -> Table:
    """What leaders let pass in the period, the commonest first."""
    given = (
        _given(audience, period)
        .order_by()
        .values_list("guard")
        .annotate(count=Count("pk"), leads=Count("lead", distinct=True))
        .order_by("-count", "guard")
    )
    counted = list(given)
    link = address(WAIVERS, "waivers", audience, period)
    total = sum(count for _guard, count, _leads in counted)
    return Table(
        columns=(
            Column("guard", _("What was waived")),
            Column("count", _("Times"), Kind.COUNT),
            Column("leads", _("Leads"), Kind.COUNT),
        ),
        rows=[
            {"guard": Guard(guard).label, "count": count, "leads": leads}
            for guard, count, leads in counted
        ],
        figures=(Figure("waived", _("Guards waived"), total, link=link),),
        link=link,
        bar="count",
    )
