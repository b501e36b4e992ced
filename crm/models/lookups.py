"""`any_of`: one array parameter instead of a list of them.

`= ANY(array)` keeps the statement's text the same however long the list is, so PostgreSQL can keep
its plan, and it is quicker to build than IN with its parameter for each value.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import ForeignKey, UUIDField
from django.db.models.lookups import Lookup


@ForeignKey.register_lookup
@UUIDField.register_lookup
class AnyOf(Lookup):  # type: ignore[type-arg]
    """`unit__any_of=ids`: the column is one of these UUIDs, given or found by an ArraySubquery.

    With a subquery PostgreSQL finds the ids first and then looks each of them up, whatever it
    believes about how many there are; as a join it now and then walks the whole table.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any
    ) -> tuple[str, Sequence[Any]]:
        left, parameters = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, ArraySubquery):
            ids, more = compiler.compile(self.rhs)
            return f"{left} = ANY({ids})", [*parameters, *more]
        return f"{left} = ANY(%s::uuid[])", [*parameters, list(self.rhs)]
