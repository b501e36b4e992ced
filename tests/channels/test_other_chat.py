"""Other chats, through the real Apprise, to a real server that speaks like Mattermost."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django import Settings as ChangedSettings

from crm.channels import http
from crm.domain import chat_addresses, delivery
from crm.ids import uuid7
from crm.models import Channel, ChatAddress, Delivery, DeliveryState, User
from tests import factories
from tests.channels.servers import HOST, Reply, Server, raw_server

pytestmark = pytest.mark.django_db

TOKEN = "0123456789abcdefghijklmnop"


@pytest.fixture
def ann() -> User:
    return factories.UserFactory(full_name="Ann", language="en")


def chat_of(user: User, port: int) -> ChatAddress:
    return chat_addresses.set_up(
        uuid7(),
        channel=Channel.OTHER_CHAT,
        address=f"mmosts://{HOST}:{port}/{TOKEN}",
        secret="",
        by=user,
        at=factories.AT,
    )


def delivered(user: User) -> Delivery:
    row: Delivery = factories.DeliveryFactory(
        recipient=user, channel=Channel.OTHER_CHAT, link="/admin/today/"
    )
    delivery.deliver_due()
    row.refresh_from_db()
    return row


def test_a_message_arrives_with_its_words_and_its_link(
    secure: Server, ann: User, settings: ChangedSettings
) -> None:
    chat_of(ann, secure.port)

    row = delivered(ann)

    assert row.state == DeliveryState.SENT, row.failure
    [asked] = secure.asked
    assert TOKEN in asked.path
    text = json.loads(asked.body)["text"]
    for expected in ("跟进提醒", "您约了海底捞火锅。", f"{settings.PUBLIC_URL}/admin/today/"):
        assert expected in text


def test_a_refusal_is_tried_again_and_says_what_was_answered(secure: Server, ann: User) -> None:
    chat_of(ann, secure.port)
    secure.answer = lambda _asked: Reply(503, b"later")

    row = delivered(ann)

    assert row.state == DeliveryState.RETRY
    assert row.failure.startswith("not_taken")
    assert "503" in row.failure
    assert TOKEN not in row.failure


def test_a_host_that_moved_inside_is_not_called(
    secure: Server, ann: User, settings: ChangedSettings
) -> None:
    chat = chat_of(ann, secure.port)
    settings.OUTGOING_INSIDE_HOSTS = []

    row = delivered(ann)

    assert row.state == DeliveryState.DEAD
    assert row.failure.startswith("address_inside")
    assert not secure.asked
    chat.refresh_from_db()
    assert chat.stopped_at


def test_without_the_guard_apprise_would_have_called_it(
    secure: Server, certificates: tuple[Path, Path], settings: ChangedSettings
) -> None:
    """The same request outside of a message of ours goes through: it is the guard that refuses."""
    settings.OUTGOING_INSIDE_HOSTS = []

    answer = requests.post(secure.url("/", HOST), timeout=5, verify=str(certificates[1]))

    assert answer.status_code == 200


def test_a_redirect_is_not_followed(secure: Server, ann: User) -> None:
    chat_of(ann, secure.port)
    secure.answer = lambda _asked: Reply(307, b"", {"Location": secure.url("/elsewhere", HOST)})

    row = delivered(ann)

    assert row.state == DeliveryState.RETRY
    assert len(secure.asked) == 1


def test_an_unknown_authority_is_refused(
    secure: Server, ann: User, settings: ChangedSettings
) -> None:
    chat_of(ann, secure.port)
    settings.OUTGOING_CA_FILE = ""

    row = delivered(ann)

    assert row.state == DeliveryState.RETRY
    assert not secure.asked


def test_a_proxy_in_the_environment_stands_in_the_way(
    secure: Server, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_of(ann, secure.port)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    row = delivered(ann)

    assert row.failure.startswith("proxy")
    assert not secure.asked


def test_whoever_drips_is_cut_off(
    ann: User,
    settings: ChangedSettings,
    names: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.OUTGOING_INSIDE_HOSTS = [HOST]
    names[HOST] = ["127.0.0.1"]
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.6)

    def drip(client: socket.socket, over: threading.Event) -> None:
        client.sendall(b"\x16\x03\x03\x3f\xff")  # A handshake that never ends.
        while not over.wait(0.05):
            client.sendall(b"x")

    def time_of(port: int) -> tuple[float, Any]:
        chat_of(ann, port)
        begun = time.monotonic()
        return delivered(ann), time.monotonic() - begun

    with raw_server(drip) as port:
        row, took = time_of(port)

    assert row.state == DeliveryState.RETRY
    assert took < 4


def test_loading_the_library_changes_nothing_about_our_own_mails() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\n"
            "from email import charset\n"
            "before = dict(charset.CHARSETS)\n"
            "from crm.channels import apprise_door\n"
            "apprise_door.loaded()\n"
            "assert charset.CHARSETS == before\n",
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "CRM_MODE": "test"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
