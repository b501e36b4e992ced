"""Webhooks against a real HTTPS server, which checks with the specification's own library that it
was us."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings as ChangedSettings
from standardwebhooks import Webhook, WebhookVerificationError

from crm.actors import SYSTEM
from crm.channels import webhook as channel
from crm.domain import delivery, reminders, webhook_endpoints, webhook_replays, webhooks
from crm.ids import uuid7
from crm.models import Delivery, DeliveryState, Notification, Resend, WebhookEndpoint
from tests.channels.servers import Asked, Reply, Server, certificate_for, http_server, raw_server
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate_for(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture(autouse=True)
def nobody_rests() -> Iterator[None]:
    channel._resting.clear()
    yield
    channel._resting.clear()


@pytest.fixture
def system(certificates: tuple[Path, Path], settings: ChangedSettings) -> Iterator[Server]:
    """A system of the bank that listens, inside its network."""
    server, authority = certificates
    settings.OUTGOING_CA_FILE = str(authority)
    settings.OUTGOING_INSIDE_HOSTS = ["127.0.0.1"]
    with http_server(certificate=server) as running:
        yield running


@pytest.fixture
def listening(system: Server, cast: Cast) -> tuple[WebhookEndpoint, str]:
    return webhook_endpoints.add(
        uuid7(),
        url=system.url("/crm"),
        unit_id=cast.shanghai.pk,
        by=cast.ada,
        at=timezone.now(),
    )


def happens(cast: Cast, **data: object) -> Delivery:
    webhooks.publish("lead.moved", {"n": 1, **data}, unit_id=cast.xuhui.pk, at=timezone.now())
    return Delivery.objects.latest("created_at", "pk")


def go(row: Delivery) -> Delivery:
    """Let the pause be over and deliver what is due."""
    Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))
    delivery.deliver_due()
    row.refresh_from_db()
    return row


def checking(*secrets: str) -> Callable[[Asked], Reply]:
    """Answers 204 to what every one of the secrets verifies, and 401 to everything else."""

    def answer(asked: Asked) -> Reply:
        try:
            for secret in secrets:
                Webhook(secret).verify(asked.body, asked.headers)
        except WebhookVerificationError as failed:
            return Reply(401, str(failed).encode())
        return Reply(204, b"")

    return answer


def test_the_library_of_the_specification_verifies_a_message(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    system.answer = checking(listening[1])
    row = go(happens(cast, lead="L"))
    assert row.state == DeliveryState.SENT, row.failure
    [asked] = system.asked
    assert (asked.path, asked.headers["content-type"]) == ("/crm", "application/json")
    assert asked.headers["webhook-id"] == f"msg_{row.pk.hex}"
    said = json.loads(asked.body)
    assert set(said) == {"type", "timestamp", "data"}
    assert (said["type"], said["data"]) == ("lead.moved", {"n": 1, "lead": "L"})
    assert datetime.fromisoformat(said["timestamp"]).utcoffset() == timedelta()


def test_a_message_signed_with_another_secret_is_refused_by_the_other_side(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    other = "whsec_" + "AAAA" * 11
    system.answer = checking(other)
    row = go(happens(cast))
    assert (row.state, row.failure) == (
        DeliveryState.RETRY,
        "http_401: No matching signature found",
    )


@pytest.mark.parametrize(("hours", "old_counts"), [(0, True), (23.9, True), (24.1, False)], ids=str)
def test_an_old_secret_counts_for_a_day(
    cast: Cast,
    system: Server,
    listening: tuple[WebhookEndpoint, str],
    hours: float,
    old_counts: bool,
) -> None:
    endpoint, old = listening
    rotated_at = timezone.now() - timedelta(hours=hours)
    _endpoint, new = webhook_endpoints.rotate(endpoint.pk, by=cast.ada, at=rotated_at)
    assert new != old
    system.answer = checking(new, old) if old_counts else checking(old)
    row = go(happens(cast))
    assert (row.state == DeliveryState.SENT) == old_counts
    assert len(system.asked[0].headers["webhook-signature"].split()) == (2 if old_counts else 1)
    system.answer = checking(new)
    assert go(happens(cast)).state == DeliveryState.SENT


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
def test_whatever_is_no_yes_is_tried_again_with_the_same_id_and_bytes(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str], status: int
) -> None:
    elsewhere = {"Location": system.url("/elsewhere")} if status == 302 else {}
    system.answer = lambda _asked: Reply(status, b"no", elsewhere)
    row = go(happens(cast))
    assert (row.state, row.attempts) == (DeliveryState.RETRY, 1)
    assert row.failure.startswith("redirected: " if status == 302 else f"http_{status}: no")
    assert row.next_try_at > timezone.now()
    system.answer = checking(listening[1])
    assert go(row).state == DeliveryState.SENT
    first, second = system.asked
    assert first.path == second.path == "/crm", "a redirect was followed"
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_system_that_is_gone_is_disabled_and_the_administrators_are_told_once(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    endpoint, _secret = listening
    system.answer = lambda _asked: Reply(410, b"bye")
    rows = [happens(cast), happens(cast)]
    delivery.deliver_due()
    for row in rows:
        row.refresh_from_db()
    assert sorted(row.failure for row in rows) == ["endpoint_disabled: 410 Gone", "gone: bye"]
    assert {row.state for row in rows} == {DeliveryState.DEAD}
    assert len(system.asked) == 1
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at is not None, endpoint.disabled_because) == (True, "410 Gone")
    reminders.release_due(at=timezone.now())
    delivery.deliver_due()
    [line] = Notification.objects.all()
    assert (line.recipient, line.kind) == (cast.ada, "webhook_gone")
    assert "127.0.0.1" in line.title


def test_a_disabled_webhook_loses_nothing(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    endpoint, secret = listening
    system.answer = lambda _asked: Reply(410)
    go(happens(cast, n=1))
    kept = happens(cast, n=2)
    assert (kept.state, kept.failure) == (DeliveryState.DEAD, "endpoint_disabled: 410 Gone")
    system.answer = checking(secret)
    enabled = webhook_endpoints.enable(
        endpoint.pk, send_missed=True, by=cast.ada, at=timezone.now()
    )
    assert [one.detail for one in enabled.notices] == ["2 messages will be sent again."]
    delivery.deliver_due()
    said = [json.loads(asked.body)["data"]["n"] for asked in system.asked]
    assert (said[0], sorted(said[1:])) == (1, [1, 2])
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).filter(endpoint=endpoint).exists()


def test_what_is_sent_again_shows_of_which_message_it_is_one(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    endpoint, secret = listening
    system.answer = checking(secret)
    row = go(happens(cast))
    at = timezone.now()
    webhook_replays.replay(endpoint.pk, row.pk, because="丢了", by=cast.ada, at=at)
    assert go(row).state == DeliveryState.SENT
    first, second = system.asked
    assert second.headers["webhook-id"] == f"{first.headers['webhook-id']}_2"
    assert first.body == second.body
    [kept] = Resend.objects.all()
    assert (kept.delivery, kept.revision, kept.by, kept.because) == (row, 2, cast.ada, "丢了")


INSIDE = (
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "localhost", "[::1]",
    "[::ffff:10.0.0.1]",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_our_network_is_refused_when_it_is_added_and_when_it_is_called(
    cast: Cast, at: datetime, host: str
) -> None:
    with pytest.raises(webhook_endpoints.InvalidInput) as refused:
        webhook_endpoints.add(
            uuid7(), url=f"https://{host}/x", unit_id=cast.xuhui.pk, by=cast.ada, at=at
        )
    assert refused.value.code == "webhook_address_inside"
    endpoint, _secret = webhook_endpoints.add(
        uuid7(), url="https://hooks.bank.example/x", unit_id=cast.xuhui.pk, by=cast.ada, at=at
    )
    # As if the name had come to lead there since.
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url=f"https://{host}/x")
    row = go(happens(cast))
    assert (row.state, row.failure.split(":")[0]) == (DeliveryState.DEAD, "address_inside")


def test_a_system_that_does_not_answer_is_left_alone_for_a_minute(
    cast: Cast, settings: ChangedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr("crm.channels.http.READ_SECONDS", 0.2)
    calls: list[int] = []

    def hang(client: Any, over: Any) -> None:
        calls.append(1)
        over.wait(20)

    with raw_server(hang) as port:
        webhook_endpoints.add(
            uuid7(),
            url=f"http://127.0.0.1:{port}/",
            unit_id=cast.xuhui.pk,
            by=cast.ada,
            at=timezone.now(),
        )
        rows = [happens(cast) for _ in range(5)]
        delivery.deliver_due()
        assert len(calls) == 1
    for row in rows:
        row.refresh_from_db()
    assert {(row.state, row.failure.split(":")[0]) for row in rows} == {
        (DeliveryState.RETRY, "timed_out")
    }
    assert sorted(row.attempts for row in rows) == [0, 0, 0, 0, 1], "a rest counts as no try"


def test_the_guide_for_the_receiving_side_tells_how_to_check_a_message(
    cast: Cast, system: Server, listening: tuple[WebhookEndpoint, str]
) -> None:
    [snippet] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    place: dict[str, Any] = {}
    exec(snippet, place)
    go(happens(cast))
    [asked] = system.asked
    assert place["verified"](listening[1], asked.headers, asked.body)["type"] == "lead.moved"
    with pytest.raises(ValueError, match="not signed"):
        place["verified"](listening[1], asked.headers, asked.body + b" ")
    old = {**asked.headers, "webhook-timestamp": "1"}
    with pytest.raises(ValueError, match="too old"):
        place["verified"](listening[1], old, asked.body)


def test_the_system_may_keep_webhooks_too(cast: Cast, system: Server) -> None:
    endpoint, _secret = webhook_endpoints.add(
        uuid7(), url=system.url(), unit_id=cast.xuhui.pk, by=SYSTEM, at=timezone.now()
    )
    assert endpoint.created_by is None
