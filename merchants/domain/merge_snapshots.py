"""Merchants' rows as PostgreSQL has them: remembered in a merge, taken away, brought back.

They go from column to column inside the database and never through Python, which would round
numbers and know only the columns of its own models.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from merchants.models import Merchant, MerchantMerge

_MERCHANTS = Merchant._meta.db_table
_MERGES = MerchantMerge._meta.db_table


def _run(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def _columns(of: str = "") -> str:
    """Every column that can be written."""
    return ", ".join(
        of + connection.ops.quote_name(str(column.column))
        for column in Merchant._meta.concrete_fields
        if not column.generated
    )


def remember(merge: MerchantMerge, column: str, merchant_id: UUID) -> None:
    """Write a merchant's row, as it is now, into a column of the merge."""
    _run(
        f"UPDATE {_MERGES} SET {column} = "
        f"(SELECT to_jsonb(merchant) FROM {_MERCHANTS} merchant WHERE merchant.id = %s) "
        f"WHERE id = %s",
        merchant_id,
        merge.pk,
    )


def delete(merchant_id: UUID) -> None:
    """Take the row away. Whatever still points at it, known to a model or not, is noticed now."""
    _run(f"DELETE FROM {_MERCHANTS} WHERE id = %s", merchant_id)
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    _run("SET CONSTRAINTS ALL DEFERRED")


def restore(merge: MerchantMerge) -> None:
    """Bring both rows back as they were; the kept one first, for it may have what is the other's
    and only one can have, its credit code say."""
    before = (
        f"(SELECT {_columns('before.')} FROM {_MERGES} merge, "
        f"jsonb_populate_record(NULL::{_MERCHANTS}, merge.%(snapshot)s) before "
        f"WHERE merge.id = %%s)"
    )
    _run(
        f"UPDATE {_MERCHANTS} SET ({_columns()}) = {before % {'snapshot': 'kept_before'}} "
        f"WHERE id = %s",
        merge.pk,
        merge.kept_id,
    )
    _run(
        f"INSERT INTO {_MERCHANTS} ({_columns()}) {before % {'snapshot': 'merged_before'}}",
        merge.pk,
    )


def changed_columns(merge: MerchantMerge) -> list[str]:
    """The columns of the kept row that are not what the merge left."""
    found = _run(
        f"SELECT now.key FROM {_MERCHANTS} merchant, {_MERGES} merge, "
        f"jsonb_each(to_jsonb(merchant)) now(key, value) "
        f"WHERE merchant.id = %s AND merge.id = %s "
        f"AND now.value IS DISTINCT FROM merge.kept_after -> now.key ORDER BY now.key",
        merge.kept_id,
        merge.pk,
    )
    keys = [key for (key,) in found]
    return [key for key in keys if key not in ("version", "updated_at")] or keys
