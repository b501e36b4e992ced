"""What objections add to the pipeline report."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section
from leads.domain import objection_metrics
from leads.domain.objection_metrics import GroupBy
from leads.models import Objection

OBJECTIONS = "/admin/leads/objection/"


@counted("objections", Objection)
def _raised(audience: Audience, period: Period) -> Any:
    rows = audience.narrow(
        Objection.objects.visible_to(audience.viewer),
        unit="merchant__unit",
        owner="merchant__owner",
    )
    return rows.raised_between(period.start, period.end)


@section("objections", _("Objections by reason"), order=65)
def objections(audience: Audience, period: Period) -> Table:
    """Objections raised in the period, by reason, with the share that was resolved, in the same
    conversation or later, and the share of decided leads that were won."""
    rows = _raised(audience, period)
    link = address(OBJECTIONS, "objections", audience, period)
    groups = objection_metrics.of(rows, by=GroupBy.REASON, at=period.end)
    raised = sum(one.tally.raised for one in groups)
    return Table(
        columns=(
            Column("reason", _("Reason")),
            Column("count", _("Raised"), Kind.COUNT),
            Column("resolution", _("Resolved"), Kind.PERCENT),
            Column("same", _("In the same conversation"), Kind.PERCENT),
            Column("won", _("Win rate"), Kind.PERCENT),
        ),
        rows=[
            {
                "link": address(
                    OBJECTIONS, "objections", audience, period, f"declared_reason={one.key}"
                ),
                "reason": str(one.label),
                "count": one.tally.raised,
                "resolution": _basis_points(one.tally.resolution),
                "same": _basis_points(one.tally.same_conversation_rate),
                "won": _basis_points(one.tally.win),
            }
            for one in groups
        ],
        figures=(Figure("objections", _("Objections"), raised, link=link),) if raised else (),
        link=link,
        bar="count",
    )


def _basis_points(rate: Decimal | None) -> int | None:
    return None if rate is None else int(rate * 100)
