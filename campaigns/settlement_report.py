"""What settlement adds to the pipeline report: what is to be paid, and what is late."""

from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.models import Payment, Statement, StatementState, StatementStep
from campaigns.models.settlement_words import OWED, PaymentDirection
from crm.report_lists import address, counted
from crm.sections import Audience, Column, Figure, Kind, Period, Table, section

SHOWN = 10
STATEMENTS = "/admin/campaigns/statement/"


_OWED = Q(state_then__in=OWED)
_DISPUTED = Q(state_then=StatementState.DISPUTED)


def _late(period: Period) -> Q:
    return _OWED & Q(due_on__lt=period.last_day)


def _statements(audience: Audience, period: Period) -> Any:
    rows = audience.narrow(
        Statement.objects.visible_to(audience.viewer),
        unit="merchant__unit",
        owner="merchant__owner",
    )
    return _then(rows.filter(created_at__lt=period.end), period.end)


@counted("statements_owed", Statement)
def _owed_rows(audience: Audience, period: Period) -> Any:
    return _statements(audience, period).filter(_OWED)


@counted("statements_late", Statement)
def _late_rows(audience: Audience, period: Period) -> Any:
    return _statements(audience, period).filter(_late(period))


@counted("statements_disputed", Statement)
def _disputed_rows(audience: Audience, period: Period) -> Any:
    return _statements(audience, period).filter(_DISPUTED)


@section("settlement", _("Statements to be paid"), order=78)
def to_be_paid(audience: Audience, period: Period) -> Table:
    """Agreed statements that are not paid yet, the first due first, and how much is disputed."""
    rows = _statements(audience, period)
    link = address(STATEMENTS, "statements_owed", audience, period)
    found = rows.order_by().aggregate(
        owed=Sum(F("payable_fen") - F("paid_then"), filter=_OWED),
        late=Count("pk", filter=_late(period)),
        disputed=Count("pk", filter=_DISPUTED),
        count=Count("pk", filter=_OWED),
    )
    owed = rows.filter(_OWED).select_related("merchant").order_by("due_on", "id")
    count = found["count"]
    if not count and not found["disputed"]:
        return Table(columns=_COLUMNS)
    return Table(
        columns=_COLUMNS,
        rows=[_row(one, period) for one in (owed[:SHOWN] if count else ())],
        figures=(
            Figure("owed", _("To be paid"), found["owed"] or 0, Kind.MONEY, link),
            Figure(
                "late",
                _("Overdue"),
                found["late"],
                link=address(STATEMENTS, "statements_late", audience, period),
            ),
            Figure(
                "disputed",
                StatementState.DISPUTED.label,
                found["disputed"],
                link=address(STATEMENTS, "statements_disputed", audience, period),
            ),
        ),
        link=link,
        left_out=max(0, count - SHOWN),
    )


def _then(rows: Any, end: datetime) -> Any:
    """Statements with `state_then` and `paid_then`: where each stood at a moment, by its steps, and
    what had been recorded as paid by then."""
    steps = StatementStep.objects.filter(statement=OuterRef("pk"))
    last = steps.filter(at__lt=end).order_by("-at", "-id").values("to_state")[:1]
    next_one = steps.filter(at__gte=end).order_by("at", "id").values("from_state")[:1]
    since = Payment.objects.filter(statement=OuterRef("pk"), created_at__gte=end).order_by()
    signed = Case(
        When(direction=PaymentDirection.OUT, then=F("amount_fen")), default=-F("amount_fen")
    )
    paid_since = since.values("statement").annotate(sum=Sum(signed)).values("sum")
    return rows.annotate(
        state_then=Case(
            When(updated_at__lt=end, then=F("state")),
            default=Coalesce(Subquery(last), Subquery(next_one), F("state")),
            output_field=CharField(),
        ),
        paid_then=F("paid_fen") - Coalesce(Subquery(paid_since), 0, output_field=BigIntegerField()),
    )


_COLUMNS = (
    Column("merchant", _("Merchant")),
    Column("payable", _("Still to be paid"), Kind.MONEY),
    Column("due_on", _("To be paid by"), Kind.DAY),
    Column("days_left", _("Days left"), Kind.COUNT),
)


def _row(statement: Any, period: Period) -> dict[str, Any]:
    assert statement.due_on is not None
    return {
        "link": f"{STATEMENTS}{statement.pk}/change/",
        "merchant": str(statement.merchant),
        "payable": statement.payable_fen - statement.paid_then,
        "due_on": statement.due_on,
        "days_left": (statement.due_on - period.last_day).days,
    }
