"""JSON out: bytes from orjson, with rows that PostgreSQL already wrote as JSON left as they are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

JSON = "application/json"
PROBLEM = "application/problem+json"


class Json(HttpResponse):
    """A JSON body. It is no page, so its content policy is one constant word: nothing."""

    def __init__(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = JSON,
    ) -> None:
        super().__init__(body, status=status, content_type=content_type)
        self.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        for name, value in (headers or {}).items():
            self.headers[name] = value


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | Decimal):
        return str(value)
    raise TypeError(f"{type(value)!r} has no JSON form")


def dumped(data: Any) -> bytes:
    """A value as JSON. `orjson.Fragment` marks text that is JSON already."""
    return orjson.dumps(data, default=_plain)


def answer(
    data: Any,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> HttpResponse:
    """A finished response: no negotiation, one format."""
    return Json(dumped(data), status=status, headers=headers, content_type=content_type)


class JsonRenderer(BaseRenderer):
    """For the framework's own needs (schema, OPTIONS)."""

    media_type = JSON
    format = "json"
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return dumped(data)
