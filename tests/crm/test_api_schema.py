"""The schema describes every operation fully, and its page asks nobody outside."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from crm.api.schema import Generator
from tests.api import Phone
from tests.conftest import Cast


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = Generator(api_version="1.0.0").get_schema(public=True)
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


BYTES = {
    "POST /api/v1/files/",
    "POST /api/v1/visits/{id}/photos/",
    "GET /api/v1/files/{id}/content/",
    "GET /api/v1/exports/{id}/content/",
    "GET /api/v1/imports/{id}/errors/file/",
    "GET /api/v1/card-figure-intakes/{id}/errors/file/",
    "GET /api/v1/proposals/{id}/print/",
}
"""What takes or answers a file as it is, not JSON."""

UNREPEATED = {
    # The address is shown once, and kept nowhere.
    "POST /api/v1/calendar-feed/",
    "POST /api/v1/devices/",
    "POST /api/v1/files/",
    "POST /api/v1/contacts/{id}/unmask/",
    "POST /api/v1/visits/{id}/photos/",
    "POST /api/v1/webhooks/",
    "POST /api/v1/webhooks/{id}/rotate/",
}
"""POSTs whose answer is never kept: what they answer is secret, or asking twice does no harm."""


def test_it_is_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert set(described["components"]["securitySchemes"]) == {"token", "session"}


def test_every_operation_is_described_with_examples(described: dict[str, Any]) -> None:
    seen = set()
    for name, operation in operations(described):
        assert operation["operationId"] not in seen, name
        seen.add(operation["operationId"])
        assert operation["summary"], name
        assert len(operation["tags"]) == 1, name
        assert "subclasses" not in operation.get("description", "").lower(), name
        public = name == "POST /api/v1/devices/"
        assert operation["security"] == ([{}] if public else [{"token": []}, {"session": []}])
        assert {"400", "401", "429", "503"} < set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if name in BYTES and status < "300":
                continue
            kind = "application/json" if status < "300" else "application/problem+json"
            content = response["content"][kind]
            assert content["examples"], (name, status)
            assert content["schema"], (name, status)


def test_every_body_is_closed_and_has_an_example(described: dict[str, Any]) -> None:
    bodies = 0
    for name, operation in operations(described):
        if "requestBody" not in operation or name in BYTES:
            continue
        bodies += 1
        content = operation["requestBody"]["content"]
        assert list(content) == ["application/json"], name
        component = content["application/json"]["schema"]["$ref"].split("/")[-1]
        assert described["components"]["schemas"][component]["additionalProperties"] is False
        if name.startswith("POST"):
            assert content["application/json"]["examples"], name
    assert bodies > 12


def test_what_can_be_repeated_or_overrun_says_so(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        headers = {one["name"]: one for one in operation.get("parameters", ())}
        statuses = set(operation["responses"])
        assert ("Idempotency-Key" in headers) == ("422" in statuses), name
        assert ("If-Match" in headers) == ("412" in statuses), name
        if name.startswith("PATCH"):
            assert headers["If-Match"]["required"], name
            assert "428" in statuses, name
        if name.startswith("POST") and name not in UNREPEATED:
            assert "Idempotency-Key" in headers, name
        if "412" in statuses:
            content = operation["responses"]["412"]["content"]["application/problem+json"]
            assert content["schema"]["$ref"].endswith("Stale"), name
            assert "current" in next(iter(content["examples"].values()))["value"], name


@pytest.mark.django_db
def test_the_page_asks_nobody_outside_and_keeps_to_our_policy(client: Client, cast: Cast) -> None:
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "no script within the page"
    asked = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(asked) >= 4
    for address in asked:
        assert urlsplit(address).netloc == "", address
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
    script = client.get(next(one for one in asked if "script" in one))
    assert script.status_code == 200
    assert not re.search(r"https?://(?!127\.0\.0\.1|testserver)", script.content.decode())


@pytest.mark.django_db
def test_the_schema_is_served_as_it_is(cast: Cast) -> None:
    answer = Phone(None).get("schema/")
    assert answer.status_code == 200
    assert b"leads_advance" in answer.content
