"""Shapes: what an endpoint answers, declared once.

A shape becomes two things: the SQL by which PostgreSQL writes the rows as JSON itself (a page of
fifty costs a fortieth of what a serializer costs), and the component of the OpenAPI schema. They
cannot disagree, because there is nothing to keep in step.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Case, Combinable, When
from django.db.models.functions import Cast
from rest_framework import serializers

from crm import prepared

_WORD = re.compile(r"\w+")

type Column = models.Field[Any, Any]
type Described = serializers.Field[Any, Any, Any, Any]


class _JsonObject(Func):
    """json_build_object: keeps the order of the keys, which jsonb would not."""

    function = "json_build_object"
    output_field = models.TextField()


class _Literal(Value):
    """A word of our own code within SQL, so that the statement takes only the parameters that
    differ from call to call."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        assert _WORD.fullmatch(self.value), self.value
        return f"'{self.value}'::text", ()


class _YuanText(Func):
    """Fen as yuan with two places, as text: money is never a float."""

    template = "to_char(%(expressions)s / 100.0, 'FM9999999999999990.00')"
    output_field = models.TextField()


@dataclass(frozen=True)
class Yuan:
    """A column of fen, answered as a decimal string in yuan."""

    column: str


@dataclass(frozen=True)
class Constant:
    """The same word in every row."""

    value: str


@dataclass(frozen=True)
class Computed:
    """An expression, with the serializer field that describes its value."""

    expression: Any
    field: Described


@dataclass(frozen=True)
class Nested:
    """An object within the row; null where the foreign key is null."""

    key: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Many:
    """Rows that belong to the row, each in a shape of its own.

    `rows` names its outer row with OuterRef, and is ordered and cut.
    """

    shape: "Shape"
    rows: Any


def keys_of(rows: models.QuerySet[Any], column: str, *, tier: int = 0) -> models.QuerySet[Any]:
    """(tier, pk, key) of rows: what `Shape.page` joins its JSON to."""
    ranked = rows.annotate(page_tier=Value(tier, models.SmallIntegerField()))
    keys: models.QuerySet[Any] = ranked.values_list("page_tier", "pk", column)
    return keys


class Shape:
    """The JSON of one kind of row. Fields are column paths, Yuan, Constant,
    Computed, Nested or Many."""

    def __init__(self, name: str, model: type[models.Model], /, **fields: Any) -> None:
        self.name = name
        self.model = model
        self.fields = fields

    @cached_property
    def _select(self) -> str:
        """`SELECT <json> FROM <table and joins>`, compiled once per process."""
        rows = (
            self.model._default_manager.order_by()
            .annotate(_json=Cast(_built(self.fields), TextField()))
            .values_list("_json")
        )
        sql: str
        sql, parameters = rows.query.sql_with_params()
        assert not parameters, f"{self.name} has parameters; declare constants as Constant"
        return sql

    def page(
        self,
        keys: models.QuerySet[Any],
        *,
        ascending: bool,
        backward: bool = False,
        plan_anew: bool = False,
    ) -> list[tuple[str, str, str, str]]:
        """(json, pk, key, tier) as text, of the rows that `keys` names (see `keys_of`).
        Tiers come in their order, and in the opposite one when reading backward.

        One statement. The page is cut first and joined to what it shows after, so the joins see
        fifty rows and not the table.
        """
        try:
            inner, parameters = keys.query.sql_with_params()
        except EmptyResultSet:  # Django knows beforehand that nothing can be found.
            return []
        table = connection.ops.quote_name(self.model._meta.db_table)
        # By the table's name: what a Many selects stands before it, with a FROM of its own.
        head, from_, tail = self._select.partition(f" FROM {table}")
        direction, tiers = "ASC" if ascending else "DESC", "DESC" if backward else "ASC"
        sql = (
            f"{head}, page_id::text, page_key::text, page_tier::text{from_}{tail} "
            f"INNER JOIN ({inner}) page(page_tier, page_id, page_key) ON {table}.id = page_id "
            f"ORDER BY page.page_tier {tiers}, page.page_key {direction}, page.page_id {direction}"
        )
        return prepared.rows(sql, parameters, plan_anew=plan_anew)

    def fact(self, row: models.Model) -> str:
        """The JSON of a row that is never changed, and so has no version."""
        rows = self.model._default_manager.filter(pk=row.pk).order_by()
        keys = keys_of(rows, "pk")
        return self.page(keys, ascending=True)[0][0]

    def one(self, rows: models.QuerySet[Any], pk: UUID) -> tuple[str, int] | None:
        """The JSON text and the version of one row out of `rows`, or none if it is not there."""
        keys = keys_of(rows.filter(pk=pk).order_by(), "version")
        found = self.page(keys, ascending=True)
        return (found[0][0], int(found[0][2])) if found else None

    @cached_property
    def serializer(self) -> type[serializers.Serializer[Any]]:
        """The description of the shape for the schema."""
        return _described(self.name, self.model, self.fields)


def _built(fields: dict[str, Any]) -> _JsonObject:
    parts: list[Any] = []
    for name, field in fields.items():
        parts += [_Literal(name), _expression(field)]
    return _JsonObject(*parts)


def _expression(field: Any) -> Combinable | Any:
    match field:
        case str():
            return F(field)
        case Constant(value):
            return _Literal(value)
        case Yuan(column):
            return _YuanText(F(column))
        case Computed(expression, _field):
            return expression
        case Many(shape, rows):
            inside = rows.annotate(_json=_built(shape.fields)).values("_json")
            return Func(ArraySubquery(inside), function="to_json", output_field=TextField())
        case Nested(key, inner):
            return Case(When(**{f"{key}__isnull": False}, then=_built(inner)), default=None)
    raise TypeError(field)


def _described(
    name: str, model: type[models.Model], fields: dict[str, Any], within: str = ""
) -> type[serializers.Serializer[Any]]:
    described: dict[str, Any] = {
        own: _field(f"{name}{own.title().replace('_', '')}", model, field, within)
        for own, field in fields.items()
    }
    return type(name, (serializers.Serializer,), described)


_FIELDS: dict[type[Column], type[Described]] = {
    models.UUIDField: serializers.UUIDField,
    models.DateTimeField: serializers.DateTimeField,
    models.DateField: serializers.DateField,
    models.BooleanField: serializers.BooleanField,
    models.IntegerField: serializers.IntegerField,
}


def _field(name: str, model: type[models.Model], field: Any, within: str = "") -> Described:
    match field:
        case Constant(value):
            return serializers.ChoiceField(choices=[value])
        case Computed(_expression, described):
            return described
        case Yuan(column):
            return serializers.DecimalField(
                max_digits=18, decimal_places=2, allow_null=_column(model, column).null
            )
        case Many(shape, _rows):
            return shape.serializer(many=True)
        case Nested(key, inner):
            nested = _described(name, model, inner, within=key)
            return nested(allow_null=_column(model, key).null)
        case str():
            return _of_column(_column(model, field), nullable=_may_be_null(model, field, within))
    raise TypeError(field)


def _of_column(column: Column, *, nullable: bool) -> Described:
    if isinstance(column, models.ForeignKey):
        column = column.target_field
    if isinstance(column, ArrayField):
        return serializers.ListField(
            child=_of_column(column.base_field, nullable=False), allow_null=nullable
        )
    if isinstance(column, models.JSONField):
        # Any value at all, null among them: to say so twice would make null ambiguous.
        return serializers.JSONField()
    if column.choices:
        return serializers.ChoiceField(
            choices=column.choices, allow_blank=column.blank, allow_null=nullable
        )
    for kind, described in _FIELDS.items():
        if isinstance(column, kind):
            return described(allow_null=nullable)
    return serializers.CharField(allow_null=nullable, allow_blank=column.blank)


def _column(model: type[models.Model], path: str) -> Column:
    *steps, last = path.split("__")
    for step in steps:
        relation: Any = model._meta.get_field(step)
        model = relation.related_model
    name = last.removesuffix("_id") if not _has(model, last) else last
    found: Any = model._meta.get_field(name)
    column: Column = found
    return column


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def _may_be_null(model: type[models.Model], path: str, within: str) -> bool:
    """Whether a column is null, or something on the way to it. Within a nested object the object
    itself is null where its key is, and neither the key nor what the key leads to."""
    there = within.removesuffix("_id")
    parts = path.split("__")
    ways = ["__".join(parts[: end + 1]) for end in range(len(parts))]
    return any(
        _column(model, way).null
        for way in ways
        if way not in (within, there) and _is_column(model, way)
    )


def _is_column(model: type[models.Model], path: str) -> bool:
    """Whether the path ends in a column: a row that points back here has none."""
    return bool(getattr(_column(model, path), "concrete", False))
