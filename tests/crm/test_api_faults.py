"""A dead or hanging broker is nobody's problem; a database that fails on the way is a 503."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from config.celery import app
from crm.models import Reminder
from crm.queue import doorbell
from tests import factories
from tests.api import Phone
from tests.conftest import Cast


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def dead_broker() -> str:
    """Nobody listens there any more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["dead_broker", "silent_broker"])
def test_a_follow_up_is_promised_whatever_the_broker_does(
    broker: str, cast: Cast, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", request.getfixturevalue(broker))
    monkeypatch.setattr(app.conf, "broker_write_url", app.conf.broker_url)
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    phone = Phone(cast.ann)
    body = {
        "merchant": str(merchant.pk),
        "title": "送方案",
        "due_at": (timezone.now() - timedelta(seconds=1)).isoformat(),
    }
    since = time.monotonic()
    answer = phone.post("follow-ups/", body)
    seconds = time.monotonic() - since
    assert answer.status_code == 201, answer.content
    assert seconds < 1, seconds
    assert Reminder.objects.get().state == "planned"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/me/", "/admin/"])
def test_a_failure_before_the_view_is_a_503_as_well(
    path: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.ann, backend="crm.authentication.EmailOrEmployeeNumberBackend")

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")


@pytest.mark.django_db
def test_a_bug_is_a_500_in_the_one_shape_and_says_nothing_of_itself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("crm.meta.everything", fail)
    answer = Phone(cast.ann).get("meta/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "internal_error"
    assert b"secret" not in answer.content


@pytest.mark.django_db
def test_health_is_told_without_signing_in(client: Client) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/healthz/scheduler").status_code == 503, "nothing has ticked yet"
