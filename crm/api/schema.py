"""The OpenAPI schema: written from the same shapes, filters and bodies that the endpoints use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from crm.api.pages import DEFAULT_LIMIT, LARGEST_LIMIT, Listing
from crm.api.shapes import Shape


class Schema(AutoSchema):
    """One format only; operation ids are given by hand."""

    def map_renderers(self, attribute: str) -> list[str]:
        return ["application/json"]


class ProblemItem(serializers.Serializer[Any]):
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
    errors = ProblemItem(many=True)
    retryable = serializers.BooleanField()


_REASONS: dict[int, tuple[str, str]] = {
    400: ("A value or a parameter is not valid.", "invalid"),
    401: ("No token, or one that is not valid any more.", "not_authenticated"),
    403: ("Not allowed.", "not_allowed"),
    404: ("There is no such row, or it is not yours to know of.", "not_found"),
    409: ("A rule says no.", "rule_broken"),
    412: ("Somebody changed the row since you read it.", "stale"),
    415: ("The body is not JSON.", "unsupported_media_type"),
    422: ("The Idempotency-Key was used for another request.", "key_reused"),
    428: ("If-Match is missing.", "if_match_required"),
    429: ("Too many requests.", "too_many_requests"),
    503: ("Not available for a moment; try again.", "unavailable"),
}

_READ = (400, 401, 404, 429, 503)
_WRITE = (400, 401, 403, 404, 409, 412, 415, 422, 429, 503)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeat a request safely: the same key acts once, for seven days.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The version that was read, as `"3"`.'
)


def _problems(statuses: Sequence[int]) -> dict[Any, Any]:
    return {
        (status, "application/problem+json"): OpenApiResponse(
            Problem,
            description=_REASONS[status][0],
            examples=[
                OpenApiExample(
                    _REASONS[status][1],
                    value={
                        "type": f"urn:crm:problem:{_REASONS[status][1]}",
                        "title": "…",
                        "status": status,
                        "code": _REASONS[status][1],
                        "detail": _REASONS[status][0],
                        "instance": "/api/v1/",
                        "request_id": "0192f0c1d2e37aaab0c1d2e3f4a5b6c7",
                        "errors": [
                            {"code": _REASONS[status][1], "detail": "…", "attr": None},
                        ],
                        "retryable": status in (429, 503),
                    },
                )
            ],
        )
        for status in statuses
    }


def page_of(shape: Shape) -> type[serializers.Serializer[Any]]:
    """The component for a page of a shape."""
    return type(
        f"{shape.name}Page",
        (serializers.Serializer,),
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape.serializer(many=True),
        },
    )


def lists(
    operation_id: str, summary: str, listing: Listing, *, tag: str
) -> Callable[[Any], Any]:
    """Describe a GET that answers a page."""
    parameters = [
        OpenApiParameter(
            name,
            one.kind if one.kind != "string" else str,
            many=one.repeated,
            description=one.description,
        )
        for name, one in listing.filters.items()
    ]
    orders = [sign + column for column in listing.columns for sign in ("-", "")]
    parameters += [
        OpenApiParameter("ordering", str, enum=orders, default=listing.default_ordering),
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        ),
        OpenApiParameter("cursor", str, description="From `next` or `previous`; opaque."),
    ]
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=parameters,
        responses={200: page_of(listing.shape), **_problems(_READ)},
    )


def reads(
    operation_id: str,
    summary: str,
    answer: Any,
    *,
    tag: str,
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[Any], Any]:
    """Describe a GET that answers one thing."""
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=list(parameters),
        responses={200: _component(answer), **_problems(_READ)},
    )


def writes(
    operation_id: str,
    summary: str,
    answer: Any,
    *,
    tag: str,
    body: type[serializers.Serializer[Any]] | None = None,
    status: int = 200,
    example: Mapping[str, Any] | None = None,
    if_match: bool = False,
    public: bool = False,
) -> Callable[[Any], Any]:
    """Describe a POST, PATCH or DELETE."""
    statuses = (*_WRITE, 428) if if_match else _WRITE
    extra: dict[str, Any] = {"auth": []} if public else {}
    examples = [OpenApiExample("example", value=example, request_only=True)] if example else []
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=body,
        parameters=[IF_MATCH] if if_match else [IDEMPOTENCY_KEY],
        examples=examples,
        responses={status: _component(answer), **_problems(statuses)},
        **extra,
    )


def _component(answer: Any) -> Any:
    return answer.serializer if isinstance(answer, Shape) else answer
