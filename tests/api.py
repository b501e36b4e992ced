"""What tests of the API share: somebody's token, and requests sent with it."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from crm.domain import devices
from crm.ids import uuid7
from crm.models import User

ROOT = "/api/v1/"


def token_of(user: User) -> str:
    """The token of a new phone of somebody's."""
    _device, token = devices.register(
        uuid7(), name="Phone", platform="android", by=user, at=timezone.now()
    )
    return token


class Phone:
    """Somebody's phone; or with nobody, an unknown one."""

    def __init__(self, user: User | None, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Accept-Language": language}
        if user is not None:
            self.headers["Authorization"] = f"Token {token_of(user)}"

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", if_match: str = ""
    ) -> HttpResponse:
        """One request. The path is below /api/v1/; the body is sent as JSON."""
        extra = {"Idempotency-Key": key, "If-Match": if_match}
        answer: HttpResponse = self.client.generic(
            method,
            path if path.startswith("http") else f"{ROOT}{path.removeprefix('/')}",
            _encoded(body),
            content_type="application/json",
            headers={**self.headers, **{name: value for name, value in extra.items() if value}},
        )
        return answer

    def get(self, path: str) -> HttpResponse:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **with_: str) -> HttpResponse:
        return self.send("POST", path, {} if body is None else body, **with_)

    def patch(self, path: str, body: Any, **with_: str) -> HttpResponse:
        return self.send("PATCH", path, body, **with_)


def _encoded(body: Any) -> bytes:
    import orjson

    if body is None or isinstance(body, bytes):
        return body or b""
    return orjson.dumps(body)
