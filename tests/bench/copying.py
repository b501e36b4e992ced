"""Rows by COPY: what is not said has the column's own default, so that new columns change nothing
here."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connection, models


def copy_rows(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows given as column → value, the keys the same in all of them."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    defaults = {
        field.column: _default(field)
        for field in model._meta.concrete_fields
        if field.column not in first and not isinstance(field, models.GeneratedField)
    }
    columns = [*first, *defaults]
    said = ", ".join(connection.ops.quote_name(column) for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({said}) FROM STDIN") as copy,
    ):
        copy.write_row((*first.values(), *defaults.values()))
        for row in rows:
            copy.write_row((*row.values(), *defaults.values()))


def _default(field: Any) -> Any:
    value = field.get_default()
    return orjson.dumps(value).decode() if isinstance(field, models.JSONField) else value
