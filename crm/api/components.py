"""The components of the OpenAPI schema: refusals, pages, and shapes with what may stand beside."""

from functools import cache
from typing import Any

from rest_framework import serializers

from crm.api.shapes import Shape

ID = "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"


class ProblemItem(serializers.Serializer[Any]):
    """One thing that is wrong, with the field it is about when there is one."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457). `code` is stable, `detail` is in the reader's language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemItem(many=True)  # type: ignore[assignment]
    retryable = serializers.BooleanField()


@cache
def page_of(shape: Shape, row: type[serializers.Serializer[Any]]) -> Any:
    """A page of a shape."""
    return type(
        f"{shape.name}Page",
        (serializers.Serializer,),
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )


@cache
def written(shape: Shape) -> Any:
    """A row after a verb, with what the verb has to say about it."""
    return type(
        f"{shape.name}Written",
        (shape.serializer,),
        {"notices": ProblemItem(many=True, required=False)},
    )


@cache
def overrun(shape: Shape) -> Any:
    """A 412 with the row as it now is."""
    current = shape.serializer(required=False, allow_null=True)
    return type(f"{shape.name}Stale", (Problem,), {"current": current})


def example_of(described: Any) -> Any:
    """A value of the form that a serializer or a field describes."""
    if isinstance(described, type):
        described = described()
    if isinstance(described, serializers.ListSerializer | serializers.ListField):
        return [example_of(described.child)]
    if isinstance(described, serializers.Serializer):
        return {name: example_of(field) for name, field in described.fields.items()}
    if isinstance(described, serializers.ChoiceField):
        return next(iter(described.choices))
    for kind, value in _EXAMPLES:
        if isinstance(described, kind):
            return value
    return "…"


_EXAMPLES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], Any], ...] = (
    (serializers.UUIDField, ID),
    (serializers.DateTimeField, "2026-11-18T02:00:00+00:00"),
    (serializers.DateField, "2027-02-22"),
    (serializers.DecimalField, "48000.00"),
    (serializers.IntegerField, 1),
    (serializers.BooleanField, True),
    (serializers.DictField, {}),
    (serializers.JSONField, {}),
    (serializers.URLField, "https://crm.bank.example/api/v1/leads/?cursor=WyI"),
    (serializers.EmailField, "ann@bank.example"),
)
