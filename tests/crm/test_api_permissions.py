"""Who may do what through the API: every operation against the whole cast, as one table."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import transaction

from crm.api.schema import Generator
from crm.ids import uuid7
from tests import permissions
from tests.api import Phone
from tests.conftest import EVERYBODY, Cast
from tests.permissions import Row

pytestmark = pytest.mark.django_db

TABLE = permissions.whole_table()


@pytest.fixture
def names(cast: Cast, row: Row) -> dict[str, str]:
    return permissions.placeholders(cast, row)


class Undone(Exception):
    """Takes back what one person did, before the next one tries."""


def filled(value: Any, names: dict[str, str]) -> Any:
    text = orjson.dumps(value).decode()
    for name, meant in names.items():
        text = text.replace(f"{{{name}}}", meant)
    return orjson.loads(text)


def attempts(row: Row, cast: Cast, names: dict[str, str]) -> Iterator[tuple[str, Any, Phone]]:
    """Everybody's answer, each on untouched rows."""
    for name in EVERYBODY:
        phone = Phone(cast.named(name))
        try:
            with transaction.atomic():
                answer = phone.send(
                    row.method,
                    filled(row.path, names),
                    filled(row.body, names),
                    if_match=row.if_match,
                )
                raise Undone
        except Undone:
            yield name, answer, phone


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_everybody_gets_what_the_table_says(row: Row, cast: Cast, names: dict[str, str]) -> None:
    got, said = {}, {}
    for name, answer, phone in attempts(row, cast, names):
        got[name], said[name] = answer.status_code, row.status_for(name)
        if answer.status_code == 404:
            assert_like_missing(answer, phone, row, names)
    assert got == said


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_nobody_gets_in_without_a_token(row: Row, cast: Cast, names: dict[str, str]) -> None:
    answer = Phone(None).send(row.method, filled(row.path, names), filled(row.body, names))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json()["code"] == "not_authenticated"


def assert_like_missing(answer: Any, phone: Phone, row: Row, names: dict[str, str]) -> None:
    """What one may not know of answers, byte for byte, like what does not exist."""
    noun = row.path.split("{")[1].split("}")[0]
    missing = phone.send(
        row.method,
        filled(row.path, {**names, noun: str(uuid7())}),
        filled(row.body, names),
        if_match=row.if_match,
    )
    assert missing.status_code == 404
    assert without_names(answer) == without_names(missing)


def without_names(answer: Any) -> bytes:
    problem = answer.json()
    request_id, address = problem["request_id"], problem["instance"]
    return bytes(answer.content.replace(request_id.encode(), b"").replace(address.encode(), b""))


def test_the_table_has_a_row_for_every_operation() -> None:
    described = Generator().get_schema(public=True)["paths"]
    offered = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", pattern.removeprefix("/api/v1/")))
        for pattern, methods in described.items()
        for method in methods
    }
    listed = {
        (row.method, "{}".join(part.split("}")[-1] for part in row.path.split("{")))
        for row in TABLE
    }
    assert offered - listed == {("POST", "devices/")}, "signing in has tests of its own"
    assert listed <= offered
