"""The OpenAPI schema: written from the same shapes, filters and bodies that the endpoints use."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from django.conf import settings
from django.db.models import Choices
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from crm import parameters
from crm.api.components import Problem, example_of, overrun, page_of, written
from crm.api.inputs import Input, flag_of, id_of, moment_of
from crm.api.pages import DEFAULT_LIMIT, LARGEST_LIMIT, RELEVANCE, Filter, Listing
from crm.api.shapes import Shape

type Handler = Callable[..., Any]


class Generator(SchemaGenerator):
    """The interface is the same whatever numbers an administrator works with."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        with parameters.as_declared():
            return super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]


class Schema(AutoSchema):
    """One format only; operation ids are given by hand."""

    def map_renderers(self, attribute: str) -> list[str]:
        return ["application/json"]

    def get_description(self) -> str:  # type: ignore[override]
        """What the handler says of itself; the views' own words are for us."""
        return inspect.getdoc(getattr(self.view, self.method.lower())) or ""

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Input):
            mapped["additionalProperties"] = False
            if "__doc__" not in vars(type(serializer)) or not type(serializer).__doc__:
                mapped.pop("description", None)
        return mapped


class _Token(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crm.api.authentication.DeviceAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token crm_…`, as `POST /devices/` gave it.",
        }


class _Browser(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crm.api.authentication.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The admin's session; what writes needs `X-CSRFToken` as well.",
        }


_REASONS: dict[int, tuple[str, str]] = {
    400: ("A value or a parameter is not valid.", "invalid"),
    401: ("No token, or one that is not valid any more.", "not_authenticated"),
    403: ("Not allowed.", "not_allowed"),
    404: ("There is no such row, or it is not yours to know of.", "not_found"),
    409: ("A rule says no.", "rule_broken"),
    412: ("Somebody changed the row since you read it.", "stale"),
    413: ("The body is larger than 1 MB.", "body_too_large"),
    415: ("The body is not JSON.", "unsupported_media_type"),
    422: ("The Idempotency-Key was used for another request.", "key_reused"),
    428: ("If-Match is missing.", "if_match_required"),
    429: ("Too many requests.", "too_many_requests"),
    503: ("Not available for a moment; try again.", "unavailable"),
}
_ALWAYS = (400, 401, 429, 503)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 100},
    OpenApiParameter.HEADER,
    description="Repeat a request safely: the same key acts once, for seven days.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="The version of the row, for If-Match.",
    response=[200, 201],
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, description="Seconds.", response=[429, 503]
)
type IfMatch = Literal["required", "optional", "unused"]


def _if_match(use: IfMatch) -> OpenApiParameter:
    return OpenApiParameter(
        "If-Match",
        {"type": "string", "pattern": r'^(W/)?"?[0-9]{1,9}"?$'},
        OpenApiParameter.HEADER,
        required=use == "required",
        description='The version that was read, as `"3"`.',
    )


def _refusal(status: int, answered: Any = None) -> OpenApiResponse:
    sentence, code = _REASONS[status]
    stale = status == 412 and isinstance(answered, Shape)
    value = {
        "type": f"urn:crm:problem:{code}",
        "title": sentence,
        "status": status,
        "code": code,
        "detail": sentence,
        "instance": "/api/v1/",
        "request_id": "0192f0c1d2e37aaab0c1d2e3f4a5b6c7",
        "errors": [{"code": code, "detail": sentence, "attr": None}],
        "retryable": status in (429, 503),
    }
    if stale:
        value["current"] = example_of(answered.serializer)
    return OpenApiResponse(
        overrun(answered) if stale else Problem,
        description=sentence,
        examples=[OpenApiExample(code, value=value)],
    )


def _answers(
    status: int, answered: Any, statuses: Sequence[int], about: Any = None
) -> dict[Any, OpenApiResponse]:
    return {
        status: OpenApiResponse(
            answered, examples=[OpenApiExample("answer", value=example_of(answered))]
        ),
        **refusals(*_ALWAYS, *statuses, about=about),
    }


def refusals(*statuses: int, about: Any = None) -> dict[Any, OpenApiResponse]:
    """Describe the ways in which an operation says no."""
    return {(one, "application/problem+json"): _refusal(one, about) for one in sorted({*statuses})}


def lists(
    operation_id: str,
    summary: str,
    listing: Listing,
    *,
    tag: str,
    row: type[serializers.Serializer[Any]] | None = None,
    of_one: bool = False,
    for_few: bool = False,
) -> Callable[[Handler], Handler]:
    """Describe a GET that answers a page; `of_one`: of what belongs to the row in the address;
    `for_few`: others are told that it is not for them."""
    orders = [sign + column for column in listing.columns for sign in ("-", "")]
    if listing.relevance is not None:
        orders.append(RELEVANCE)
    parameters = [
        *(_parameter(name, one) for name, one in listing.filters.items()),
        OpenApiParameter("ordering", str, enum=orders, default=listing.default_ordering),
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        ),
        OpenApiParameter("cursor", str, description="From `next` or `previous`; opaque."),
    ]
    page = page_of(listing.shape, row or listing.shape.serializer)
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=[*parameters, RETRY_AFTER],
        responses=_answers(200, page, [404] * of_one + [403] * for_few),
    )


def _parameter(name: str, one: Filter) -> OpenApiParameter:
    kinds: dict[Callable[[str], Any], OpenApiTypes]
    kinds = {id_of: OpenApiTypes.UUID, moment_of: OpenApiTypes.DATETIME, flag_of: OpenApiTypes.BOOL}
    words = (
        list(one.parse.values)
        if isinstance(one.parse, type) and issubclass(one.parse, Choices)
        else None
    )
    return OpenApiParameter(
        name,
        kinds.get(one.parse, OpenApiTypes.STR),
        enum=words,
        pattern=one.pattern,
        many=one.repeated,
        description=one.description,
    )


def reads(
    operation_id: str,
    summary: str,
    answered: Any,
    *,
    tag: str,
    parameters: Sequence[OpenApiParameter] = (),
    of_one: bool = False,
) -> Callable[[Handler], Handler]:
    """Describe a GET that answers one thing; `of_one`: the row in the address."""
    tagged = [ETAG] if isinstance(answered, Shape) else []
    component = answered.serializer if isinstance(answered, Shape) else answered
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=[*parameters, *tagged, RETRY_AFTER],
        responses=_answers(200, component, [404] if of_one or tagged else []),
    )


def writes(
    operation_id: str,
    summary: str,
    answered: Any,
    *,
    tag: str,
    body: type[serializers.Serializer[Any]] | None = None,
    status: int = 200,
    example: Mapping[str, Any] | None = None,
    if_match: IfMatch = "unused",
    row: Shape | None = None,
    public: bool = False,
) -> Callable[[Handler], Handler]:
    """Describe a POST, PATCH or DELETE; `row`: what is overrun, where the answer is not the row."""
    examples = [OpenApiExample("request", value=example, request_only=True)] if example else []
    shaped = isinstance(answered, Shape)
    component = written(answered) if shaped else answered

    def describe(handler: Handler) -> Handler:
        repeatable = getattr(handler, "repeatable", False)
        statuses = {
            403: not public,
            404: not public,
            409: True,
            412: if_match != "unused",
            413: repeatable or body is not None,
            415: body is not None,
            422: repeatable,
            428: if_match == "required",
        }
        extra: dict[str, Any] = {"auth": [{}]} if public else {}
        parameters = [ETAG] if shaped else []
        if repeatable:
            parameters.append(IDEMPOTENCY_KEY)
        if if_match != "unused":
            parameters.append(_if_match(if_match))
        described: Handler = extend_schema(
            operation_id=operation_id,
            summary=summary,
            tags=[tag],
            request=body,
            parameters=[*parameters, RETRY_AFTER],
            examples=examples,
            responses=_answers(
                status,
                component,
                [one for one, given in statuses.items() if given],
                row or answered,
            ),
            **extra,
        )(handler)
        return described

    return describe
