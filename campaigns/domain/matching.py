"""The bank's lines beside the merchant's list: what agrees, what only one side has, what differs.

Key: reference, store and day (对账; domain page, 5.4). Both lists may hold a key more than once (a
purchase and its refund of the same day): equal amounts find each other first, the rest in their
order. All in SQL, so that a hundred thousand rows are compared at once.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from campaigns.domain import discrepancies
from campaigns.domain.discrepancies import Finding
from campaigns.domain.merchant_lists import Row
from campaigns.models import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
    MatchClass,
    MerchantRow,
    Statement,
    StatementFile,
)
from crm.actors import Actor
from crm.presentation import yuan
from merchants.models import MerchantIdentifier, Outlet

CHUNK = 2_000

_AT_ONCE = """
SELECT set_config('enable_nestloop', 'off', true), set_config('statement_timeout', '120s', true)
"""
"""A list that was just laid down is in no statistics yet: the planner would take it for a handful
of rows and look for each by itself. This runs in a job, and may take its time."""
_AS_USUAL = "SET LOCAL enable_nestloop TO DEFAULT"

_FORGET = """
UPDATE campaigns_merchantrow SET "match" = '', line_id = NULL WHERE statement_id = %(statement)s
"""

_PAIRED = """
WITH bank AS (
    SELECT l.id, l.reference, l.outlet_id, l.day, l.discount_fen, l.amount_fen,
        row_number() OVER (PARTITION BY l.reference, l.outlet_id, l.day{same} ORDER BY l.number)
            AS place
    FROM campaigns_statementline l
    WHERE l.statement_id = %(statement)s AND l.kind <> 'adjustment'
        AND NOT EXISTS (SELECT 1 FROM campaigns_merchantrow r WHERE r.line_id = l.id)
), theirs AS (
    SELECT m.id, m.reference, m.outlet_id, m.day, m.discount_fen, m.amount_fen,
        row_number() OVER (PARTITION BY m.reference, m.outlet_id, m.day{same} ORDER BY m.number)
            AS place
    FROM campaigns_merchantrow m
    WHERE m.statement_id = %(statement)s AND m.line_id IS NULL
)
UPDATE campaigns_merchantrow r SET line_id = bank.id, "match" = CASE
    WHEN bank.discount_fen = theirs.discount_fen
        AND coalesce(theirs.amount_fen = bank.amount_fen, true) THEN 'matched'
    ELSE 'amount_diff' END
FROM bank JOIN theirs USING (reference, outlet_id, day, place{joined})
WHERE r.id = theirs.id
"""

_ALONE = """
UPDATE campaigns_merchantrow SET "match" = 'merchant_only'
WHERE statement_id = %(statement)s AND line_id IS NULL
"""

_LINES = """
UPDATE campaigns_statementline l SET "match" = found."match"
FROM (
    SELECT b.id, coalesce(r."match", 'bank_only') AS "match"
    FROM campaigns_statementline b LEFT JOIN campaigns_merchantrow r ON r.line_id = b.id
    WHERE b.statement_id = %(statement)s AND b.kind <> 'adjustment'
) found
WHERE l.id = found.id AND l."match" <> found."match"
"""


def lay_down(statement: Statement, file: StatementFile, rows: Iterable[Row]) -> int:
    """Keep the rows of a list instead of those of the one before; returns how many."""
    earlier = MerchantRow.objects.filter(statement=statement)
    earlier._raw_delete(earlier.db)  # type: ignore[attr-defined]
    outlets = _outlets(statement)
    count = 0
    for some in batched(rows, CHUNK):
        count += len(some)
        MerchantRow.objects.bulk_create(
            MerchantRow(
                statement=statement,
                file=file,
                number=row.number,
                reference=row.reference,
                store=row.store,
                outlet_id=outlets.get(row.store.lower()),
                day=row.day,
                amount_fen=row.amount_fen,
                discount_fen=row.discount_fen,
            )
            for row in some
        )
    return count


def compare(statement: Statement) -> dict[str, int]:
    """Compare both sides anew; returns how many there are of each class."""
    values = {"statement": statement.pk}
    equal, by_order = ("discount_fen", ", discount_fen"), ("", "")
    with connection.cursor() as cursor:
        cursor.execute(_AT_ONCE)
        cursor.execute(_FORGET, values)
        for column, joined in (equal, by_order):
            same = f", {column}" if column else ""
            cursor.execute(_PAIRED.format(same=same, joined=joined), values)
        cursor.execute(_ALONE, values)
        cursor.execute(_LINES, values)
        cursor.execute(_AS_USUAL)
    return counts(statement)


def counts(statement: Statement) -> dict[str, int]:
    """How many there are of each class; a pair counts once. Nothing before a list was compared."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT "match", count(*) FROM campaigns_merchantrow WHERE statement_id = %(statement)s'
            ' GROUP BY 1 UNION ALL SELECT "match", count(*) FROM campaigns_statementline'
            " WHERE statement_id = %(statement)s AND \"match\" = 'bank_only' GROUP BY 1",
            {"statement": statement.pk},
        )
        found = dict(cursor.fetchall())
    return {str(one): found.get(one, 0) for one in MatchClass} if found else {}


def queue_differences(statement: Statement, *, by: Actor, at: datetime) -> int:
    """Let every difference be cleared up by somebody: those of the list before are over, those that
    people have decided stay decided. Returns how many are new."""
    mine = Discrepancy.objects.filter(statement_id=statement.pk)
    mine.open().update(
        state=DiscrepancyState.RESOLVED,
        resolution=DiscrepancyResolution.CORRECTED,
        note=_("The merchant brought a newer list."),
        closed_at=at,
        updated_at=at,
    )
    decided = set(
        mine.filter(closed_by__isnull=False).values_list(
            "code", "reference", "bank_fen", "merchant_fen"
        )
    )
    fresh = (
        one
        for one in _differences(statement)
        if (one.code, one.reference, one.bank_fen, one.merchant_fen) not in decided
    )
    return sum(len(discrepancies.open_many(some, by=by, at=at)) for some in batched(fresh, CHUNK))


def _differences(statement: Statement) -> Iterator[Finding]:
    common: dict[str, Any] = {
        "statement_id": statement.pk,
        "merchant_id": statement.merchant_id,
        "unit_id": statement.merchant.unit_id,
        "owner_id": statement.drafted_by_id,
    }
    lines = statement.lines.filter(match=MatchClass.BANK_ONLY).order_by("number")
    for line in lines.select_related("outlet").iterator(CHUNK):
        yield Finding(
            code=DiscrepancyCode.BANK_ONLY,
            campaign_id=line.campaign_id,
            reference=line.reference,
            bank_fen=line.discount_fen,
            row={"day": line.day.isoformat(), "store": str(line.outlet or line.mid)},
            **common,
        )
    theirs = MerchantRow.objects.filter(
        statement=statement, match__in=(MatchClass.MERCHANT_ONLY, MatchClass.AMOUNT_DIFF)
    )
    for row in theirs.select_related("line").order_by("number").iterator(CHUNK):
        said = {"day": row.day.isoformat(), "store": row.store}
        if row.amount_fen is not None:
            said["amount"] = yuan(row.amount_fen)
        yield Finding(
            code=DiscrepancyCode.AMOUNT_DIFFERS if row.line else DiscrepancyCode.MERCHANT_ONLY,
            campaign_id=row.line.campaign_id if row.line else None,
            reference=row.reference,
            row_number=row.number,
            bank_fen=row.line.discount_fen if row.line else None,
            merchant_fen=row.discount_fen,
            row=said,
            **common,
        )


def _outlets(statement: Statement) -> dict[str, Any]:
    """What a list may call the merchant's outlets: by a merchant number or by name."""
    ours = Q(outlet__merchant=statement.merchant_id)
    named = dict(
        Outlet.objects.filter(merchant=statement.merchant_id)
        .annotate(plain=Lower("name"))
        .values_list("plain", "pk")
    )
    numbered = MerchantIdentifier.objects.filter(ours).order_by("valid_from")
    return named | {mid.lower(): pk for mid, pk in numbered.values_list("mid", "outlet")}
