"""Statements that PostgreSQL prepares once and then only runs.

The ORM interpolates its parameters into the text, so PostgreSQL parses and plans each statement
anew; for a page of JSON with four joins that costs as much as running it. Sent with real
parameters, psycopg has it prepared at the second use of the same text.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


class _PlannedAnew(ServerBindingCursor):
    """For statements whose best plan depends on their parameters."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=False)  # type: ignore[misc]


def rows(sql: str, parameters: Sequence[Any], *, plan_anew: bool = False) -> list[tuple[Any, ...]]:
    """Run a statement with server-side parameters; it is logged and timed like any other.

    With `plan_anew` PostgreSQL looks at these very parameters: a plan for a text that ten rows
    hold is the wrong one for a text that all hold.
    """
    connection.ensure_connection()
    connection.close_if_health_check_failed()
    kind = _PlannedAnew if plan_anew else ServerBindingCursor
    bare: Any = kind(connection.connection)  # type: ignore[call-arg]
    cursor = (
        connection.make_debug_cursor(bare)
        if connection.queries_logged
        else connection.make_cursor(bare)
    )
    with cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
