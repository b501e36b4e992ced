"""What a statement says on paper: its head, its totals, its campaigns, its adjustments, its lines.

Asked once for PDF and workbook alike; lines are read a few thousand at a time.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from campaigns.models import LineKind, Party, Statement, StatementState

CHUNK = 2_000
MOST_CAMPAIGNS = 50
LINE_COLUMNS = (
    "number",
    "day",
    "kind",
    "reference",
    "mid",
    "outlet__name",
    "campaign__name",
    "amount_fen",
    "discount_fen",
    *(f"{party}_fen" for party in Party),
    "payable_fen",
    "reason",
)


def head(statement: Statement) -> list[tuple[str, str]]:
    """Who settles what with whom, label by label."""
    merchant = statement.merchant
    facts = [
        (_("Statement number"), statement.number),
        (_("Merchant"), merchant.name),
        (_("Credit code"), merchant.credit_code or "—"),
        (_("Unit of the bank"), merchant.unit.name),
        (_("Period"), f"{statement.first_day:%Y-%m-%d} – {statement.last_day:%Y-%m-%d}"),
        (_("State"), str(StatementState(statement.state).label)),
    ]
    if statement.confirmed_on:
        facts.append((_("Confirmed on"), f"{statement.confirmed_on:%Y-%m-%d}"))
    if statement.due_on:
        facts.append((_("To be paid by"), f"{statement.due_on:%Y-%m-%d}"))
    return facts


def counts(statement: Statement) -> list[tuple[str, int]]:
    """How many purchases, and how many returns."""
    return [
        (_("Redemptions"), statement.redemption_count),
        (_("Refunds and reversals"), statement.return_count),
    ]


def totals(statement: Statement) -> list[tuple[str, int]]:
    """Sums in fen; parties that bear nothing are left out."""
    borne = [
        (str(_("Borne by: %(party)s") % {"party": party.label}), fen)
        for party in Party
        if (fen := getattr(statement, f"{party}_fen"))
    ]
    return [
        (_("Sales"), statement.amount_fen),
        (_("Discount"), statement.discount_fen),
        *borne,
        (_("Adjustments"), statement.adjustment_fen),
        (_("Payable to the merchant"), statement.payable_fen),
    ]


def campaigns(statement: Statement) -> list[tuple[str, int, int, int]]:
    """Name, lines, discount and payable (fen) of each campaign, the largest first."""
    of_campaign = statement.lines.events().values("campaign__name").order_by()
    summed = of_campaign.annotate(
        count=Count("pk"), discount=Sum("discount_fen"), payable=Sum("payable_fen")
    )
    rows = summed.order_by("-payable")[:MOST_CAMPAIGNS]
    return [(one["campaign__name"], one["count"], one["discount"], one["payable"]) for one in rows]


def adjustments(statement: Statement, most: int) -> list[tuple[int, str, int]]:
    """Line number, reason and amount (fen) of the adjustments that count."""
    rows = statement.lines.adjustments().filter(approved_at__isnull=False).order_by("number")
    return list(rows.values_list("number", "reason", "payable_fen")[:most])


def lines(statement: Statement, most: int | None = None) -> Iterator[dict[str, Any]]:
    """The lines in their order; adjustments that nobody approved are none yet."""
    pending = {"kind": LineKind.ADJUSTMENT, "approved_at__isnull": True}
    rows = statement.lines.exclude(**pending).order_by("number").values_list(*LINE_COLUMNS)
    if most is not None:
        rows = rows[:most]
    for one in rows.iterator(CHUNK):
        yield dict(zip(LINE_COLUMNS, one, strict=True))
