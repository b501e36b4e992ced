"""Many rows with one statement, where Django's own way would cost more than the database does.

The rows travel as one JSON text, so that the statement stays the same however many they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import DatabaseError, connection, models


def insert(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]
) -> None:
    """Write new rows; one that stands already, by a unique rule, is left out.

    Each row names the same columns (`recipient_id`, not `recipient`); `same` holds what is equal
    in all of them, and what neither names is as the model has it by default.
    """
    if not rows:
        return
    fields = model._meta.local_concrete_fields
    own = [field for field in fields if field.attname in rows[0]]
    others = [field for field in fields if field.attname not in rows[0]]
    types = ", ".join(f"{_quoted(field)} {field.db_type(connection)}" for field in own)
    names = ", ".join(_quoted(field) for field in [*own, *others])
    values = ", ".join([*(f"given.{_quoted(field)}" for field in own), *["%s"] * len(others)])
    constants = [
        field.get_db_prep_save(same.get(field.attname, field.get_default()), connection)
        for field in others
    ]
    given = orjson.dumps([{one.column: row[one.attname] for one in own} for row in rows]).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} "  # noqa: S608
            f"FROM jsonb_to_recordset(%s::jsonb) AS given({types}) ON CONFLICT DO NOTHING",
            [*constants, given],
        )


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def why(failure: Exception) -> dict[str, Any]:
    """What a log says of rows that were not written: of the database's words the first line only,
    for the others quote the row, and with it what a message says of a merchant."""
    first = str(failure).partition("\n")[0]
    return {"error": first, "exc_info": not isinstance(failure, DatabaseError)}
