"""The lines of a statement: drafted in one statement of SQL, adjusted one by one.

A hundred thousand events become lines without passing through Python.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import statement_steps as steps
from campaigns.models import LineKind, MerchantRow, Party, Statement, StatementLine
from campaigns.models.settlement_words import WRITABLE
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.locking import take
from crm.policies import require
from crm.presentation import yuan
from merchants.domain import timeline

LARGEST_FEN = 10**13
PARTS = ", ".join(f"{party}_fen" for party in Party)

_DRAFT = """
INSERT INTO campaigns_statementline (id, statement_id, number, kind, event_id, campaign_id,
    outlet_id, mid, reference, day, amount_fen, discount_fen, {parts}, payable_fen,
    "match", reason)
SELECT uuidv7(), %(statement)s, row_number() OVER (ORDER BY e.day, e.id),
    CASE e.kind WHEN 'cleared' THEN 'redemption' WHEN 'refunded' THEN 'refund'
        ELSE 'reversal' END,
    e.id, e.campaign_id, e.outlet_id, r.mid, e.reference, e.day, e.amount_fen, e.discount_fen,
    {event_parts}, e.discount_fen - e.merchant_fen, '', ''
FROM campaigns_redemptionevent e JOIN campaigns_redemption r ON r.id = e.redemption_id
WHERE e.merchant_id = %(merchant)s AND e.day <= %(last_day)s
    AND e.kind <> 'authorised' AND e.discount_fen <> 0
    AND NOT EXISTS (SELECT 1 FROM campaigns_statementline l WHERE l.event_id = e.id)
ORDER BY e.day, e.id
"""

_TOTAL = """
UPDATE campaigns_statement s SET redemption_count = t.redemptions, return_count = t.returns,
    amount_fen = t.amount, discount_fen = t.discount, {assigned},
    adjustment_fen = t.adjustments, payable_fen = t.discount - t.merchant_fen + t.adjustments
FROM (
    SELECT count(*) FILTER (WHERE kind = 'redemption') AS redemptions,
        count(*) FILTER (WHERE kind IN ('refund', 'reversal')) AS returns,
        coalesce(sum(amount_fen), 0) AS amount, coalesce(sum(discount_fen), 0) AS discount,
        {summed},
        coalesce(sum(payable_fen) FILTER (WHERE kind = 'adjustment'
            AND approved_at IS NOT NULL), 0) AS adjustments
    FROM campaigns_statementline WHERE statement_id = %(statement)s
) t
WHERE s.id = %(statement)s
"""

ADJUSTED = timeline.kind(
    "statement.adjusted",
    _("Statement adjusted"),
    _("An adjustment of %(amount)s yuan was entered on the statement %(number)s: %(reason)s"),
)
ADJUSTMENT_APPROVED = timeline.kind(
    "statement.adjustment_approved",
    _("Adjustment approved"),
    _("An adjustment of %(amount)s yuan on the statement %(number)s was approved."),
)
ADJUSTMENT_DROPPED = timeline.kind(
    "statement.adjustment_dropped",
    _("Adjustment dropped"),
    _("An adjustment of %(amount)s yuan on the statement %(number)s was dropped."),
)


def draft(statement: Statement) -> int:
    """Write a line for every event of the merchant up to the last day that stands on no statement
    yet: what came late is settled with the next one. Returns how many."""
    sql = _DRAFT.format(parts=PARTS, event_parts=", ".join(f"e.{party}_fen" for party in Party))
    values: dict[str, UUID | date] = {
        "statement": statement.pk,
        "merchant": statement.merchant_id,
        "last_day": statement.last_day,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        written: int = cursor.rowcount
    total(statement)
    return written


def total(statement: Statement) -> None:
    """Reckon the statement's totals from its lines; adjustments nobody approved do not count."""
    sql = _TOTAL.format(
        assigned=", ".join(f"{party}_fen = t.{party}_fen" for party in Party),
        summed=", ".join(f"coalesce(sum({party}_fen), 0) AS {party}_fen" for party in Party),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"statement": statement.pk})
    statement.refresh_from_db(fields=TOTALS)


TOTALS = (
    "redemption_count",
    "return_count",
    "amount_fen",
    "discount_fen",
    *(f"{party}_fen" for party in Party),
    "adjustment_fen",
    "payable_fen",
)


def take_away(statement: Statement, *, adjustments: bool) -> None:
    """Let the events of a draft go, so that they can stand on another statement."""
    rows = MerchantRow.objects.filter(statement=statement)
    rows._raw_delete(rows.db)  # type: ignore[attr-defined]
    lines = statement.lines.all() if adjustments else statement.lines.events()
    lines._raw_delete(lines.db)


@command
def adjust(
    line_id: UUID,
    statement_id: UUID,
    *,
    amount_fen: int,
    reason: str,
    by: Actor,
    at: datetime,
    day: date | None = None,
    version: int | None = None,
) -> Statement:
    """Enter an adjustment: above zero for the merchant, below zero against it. It counts once
    somebody else has approved it.

    Raises NotFound, NotAllowed, Stale, InvalidInput; RuleBroken with code `statement_state` once
    the statement was sent.
    """
    statement = steps.taken(statement_id, by=by, version=version)
    steps.require_state(statement, *WRITABLE)
    reason = steps.said(reason, "reason")
    if not amount_fen or abs(amount_fen) > LARGEST_FEN:
        raise InvalidInput(
            _("An adjustment is above or below zero."), code="adjustment_amount", attr="amount"
        )
    last = statement.lines.aggregate(last=Max("number"))["last"] or 0
    StatementLine.objects.create(
        pk=line_id,
        statement=statement,
        number=last + 1,
        kind=LineKind.ADJUSTMENT,
        day=day or timezone.localdate(at),
        payable_fen=amount_fen,
        reason=reason,
        entered_by_id=user_id(by),
    )
    _record(ADJUSTED, statement, amount_fen, by=by, at=at, reason=reason)
    return statement.change(at=at)


@command
def approve_adjustment(line_id: UUID, *, by: Actor, at: datetime) -> Statement:
    """Let an adjustment count. Raises NotFound, NotAllowed; RuleBroken with code `self_approval`
    for one's own, `adjustment_approved`, `statement_state`."""
    line, statement = _pending(line_id, by=by)
    require(
        policies.may_approve_settlement(by, statement.merchant.unit_id),
        _("Finance and the branch's manager approve."),
    )
    if line.entered_by_id is not None and line.entered_by_id == by.pk:
        raise RuleBroken(_("Nobody approves what they entered themselves."), code="self_approval")
    StatementLine.objects.filter(pk=line.pk).update(approved_by_id=user_id(by), approved_at=at)
    total(statement)
    _record(ADJUSTMENT_APPROVED, statement, line.payable_fen, by=by, at=at)
    return statement.change(at=at)


@command
def drop_adjustment(line_id: UUID, *, by: Actor, at: datetime) -> Statement:
    """Take back an adjustment that nobody approved. Raises NotFound, NotAllowed; RuleBroken with
    code `adjustment_approved`, `statement_state`."""
    line, statement = _pending(line_id, by=by)
    unit_id = statement.merchant.unit_id
    require(
        policies.may_settle_statements(by, unit_id) or policies.may_approve_settlement(by, unit_id)
    )
    lines = StatementLine.objects.filter(pk=line.pk)
    lines._raw_delete(lines.db)  # type: ignore[attr-defined]
    _record(ADJUSTMENT_DROPPED, statement, line.payable_fen, by=by, at=at)
    return statement.change(at=at)


def _pending(line_id: UUID, *, by: Actor) -> tuple[StatementLine, Statement]:
    """An adjustment that waits, its statement locked."""
    seen = StatementLine.objects.seen_by(by).adjustments().filter(pk=line_id)
    statement_id = seen.values_list("statement", flat=True).first()
    if statement_id is None:
        raise NotFound(_("There is no such row."))
    statement = take(Statement.objects.seen_by(by), statement_id)
    steps.require_state(statement, *WRITABLE)
    line = StatementLine.objects.filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("There is no such row."))
    if line.approved_at is not None:
        raise RuleBroken(_("This adjustment was approved already."), code="adjustment_approved")
    return line, statement


def _record(
    kind: timeline.Kind,
    statement: Statement,
    amount_fen: int,
    *,
    by: Actor,
    at: datetime,
    **facts: str,
) -> None:
    timeline.record(
        kind,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        number=statement.number,
        amount=yuan(amount_fen),
        **facts,
    )
