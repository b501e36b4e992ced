"""Statements that PostgreSQL prepares once and then only runs.

The ORM interpolates its parameters into the text, so PostgreSQL parses and plans each statement
anew; for a page of JSON with four joins that costs as much as running it. Sent with real
parameters, psycopg has it prepared at the second use of the same text.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement with server-side parameters; it is logged and timed like any other."""
    connection.ensure_connection()
    connection.close_if_health_check_failed()
    bare: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    cursor = (
        connection.make_debug_cursor(bare)
        if connection.queries_logged
        else connection.make_cursor(bare)
    )
    with cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
