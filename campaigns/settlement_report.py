"""What settlement adds to the pipeline report: what is to be paid, and what is late."""

from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.models import Statement, StatementState
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
STATEMENTS = "/admin/campaigns/statement/"


@section("settlement", _("Statements to be paid"), order=78)
def to_be_paid(audience: Audience, period: Period) -> Table:
    """Agreed statements that are not paid yet, the first due first, and how much is disputed."""
    rows = audience.narrow(
        Statement.objects.visible_to(audience.viewer),
        unit="merchant__unit",
        owner="merchant__owner",
    )
    day = period.last_day
    found = rows.order_by().aggregate(
        owed=Sum(F("payable_fen") - F("paid_fen"), filter=Q(pk__in=rows.owed().values("pk"))),
        late=Count("pk", filter=Q(pk__in=rows.overdue(day).values("pk"))),
        disputed=Count("pk", filter=Q(state=StatementState.DISPUTED)),
    )
    owed = rows.owed().select_related("merchant").order_by("due_on", "id")
    count = owed.count()
    if not count and not found["disputed"]:
        return Table(columns=_COLUMNS)
    return Table(
        columns=_COLUMNS,
        rows=[_row(one, period) for one in owed[:SHOWN]],
        figures=(
            Figure(
                "owed", _("To be paid"), found["owed"] or 0, Kind.MONEY, f"{STATEMENTS}?due=owed"
            ),
            Figure("late", _("Overdue"), found["late"], link=f"{STATEMENTS}?due=overdue"),
            Figure(
                "disputed",
                StatementState.DISPUTED.label,
                found["disputed"],
                link=f"{STATEMENTS}?state={StatementState.DISPUTED}",
            ),
        ),
        link=f"{STATEMENTS}?due=owed",
        left_out=max(0, count - SHOWN),
    )


_COLUMNS = (
    Column("merchant", _("Merchant")),
    Column("payable", _("Still to be paid"), Kind.MONEY),
    Column("due_on", _("To be paid by"), Kind.DAY),
    Column("days_left", _("Days left"), Kind.COUNT),
)


def _row(statement: Statement, period: Period) -> dict[str, Any]:
    assert statement.due_on is not None
    return {
        "link": f"{STATEMENTS}{statement.pk}/change/",
        "merchant": str(statement.merchant),
        "payable": statement.open_fen,
        "due_on": statement.due_on,
        "days_left": (statement.due_on - period.last_day).days,
    }
