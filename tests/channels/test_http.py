"""The one HTTP client: only public addresses, only the address that was checked, never for long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as ChangedSettings

from crm.channels import Refused, http
from tests.channels.servers import Reply, Server, certificate_for, http_server, raw_server

HOST = "robot.bank.test"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate_for(tmp_path_factory.mktemp("certificates"), HOST, "127.0.0.1")


@pytest.fixture
def secure(
    certificates: tuple[Path, Path], settings: ChangedSettings, names: dict[str, list[str]]
) -> Iterator[Server]:
    """An HTTPS server under a name that leads to this machine, and that settings trust."""
    server, authority = certificates
    settings.OUTGOING_CA_FILE = str(authority)
    settings.OUTGOING_INSIDE_HOSTS = [HOST]
    names[HOST] = ["127.0.0.1"]
    with http_server(certificate=server) as running:
        yield running


@pytest.fixture
def plain(settings: ChangedSettings) -> Iterator[Server]:
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]
    with http_server() as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the name server answers, for names that no real one knows."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host in known:
            return [row for one in known[host] for row in real(one, port, *rest, **named)]
        return real(host, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_a_body_is_posted_and_the_answer_comes_back(secure: Server) -> None:
    secure.answer = lambda _asked: Reply(202, "好".encode(), {"X-Word": "yes"})

    answer = http.post(
        secure.url("/a/b?key=1", HOST), b'{"a": 1}', {"Content-Type": "application/json"}
    )

    assert (answer.status, answer.text, answer.headers["x-word"]) == (202, "好", "yes")
    [asked] = secure.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/a/b?key=1", b'{"a": 1}')
    assert asked.headers["host"] == f"{HOST}:{secure.port}"
    assert asked.headers["content-type"] == "application/json"


REFUSED_BEFORE_ASKING = [
    ("no_tls", "http://robot.example/x", "not_https"),
    ("no_scheme", "robot.example/x", "bad_url"),
    ("a_file", "file:///etc/passwd", "bad_url"),
    ("a_password", "https://ann:secret@robot.example/", "bad_url"),
    ("a_line_break", "https://robot.example/\r\nX-Word: yes", "bad_url"),
    ("a_backslash", "https://robot.example\\@127.0.0.1/", "bad_url"),
    ("not_ascii", "https://银行.example/", "bad_url"),
    ("no_such_port", "https://robot.example:99999/", "bad_url"),
    ("no_host", "https:///x", "bad_url"),
    ("a_zone", "https://[fe80::1%25eth0]/", "bad_url"),
    ("loopback", "https://127.0.0.1/", "address_inside"),
    ("loopback_as_a_number", "https://2130706433/", "address_inside"),
    ("loopback_short", "https://127.1/", "address_inside"),
    ("loopback_by_name", "https://localhost/", "address_inside"),
    ("loopback_6", "https://[::1]/", "address_inside"),
    ("loopback_mapped", "https://[::ffff:127.0.0.1]/", "address_inside"),
    ("private_10", "https://10.0.0.1/", "address_inside"),
    ("private_172", "https://172.16.0.1/", "address_inside"),
    ("private_192", "https://192.168.1.1/", "address_inside"),
    ("carrier", "https://100.64.0.1/", "address_inside"),
    ("cloud_secrets", "https://169.254.169.254/", "address_inside"),
    ("nowhere", "https://0.0.0.0/", "address_inside"),
    ("everybody", "https://255.255.255.255/", "address_inside"),
    ("a_group", "https://224.0.0.1/", "address_inside"),
    ("unique_local_6", "https://[fd00::1]/", "address_inside"),
    ("link_local_6", "https://[fe80::1]/", "address_inside"),
    ("translated", "https://[64:ff9b::a00:1]/", "address_inside"),
    ("six_to_four", "https://[2002:a00:1::]/", "address_inside"),
]


@pytest.mark.parametrize(
    ("url", "code"),
    [(url, code) for _name, url, code in REFUSED_BEFORE_ASKING],
    ids=[name for name, _url, _code in REFUSED_BEFORE_ASKING],
)
def test_an_address_that_may_not_be_called_is_refused_for_good(url: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        http.post(url, b"", {})

    assert (refusal.value.code, refusal.value.final) == (code, True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_may_be_called(address: str) -> None:
    assert http.is_public(address)


def test_one_inside_address_among_public_ones_is_enough_to_refuse(
    names: dict[str, list[str]],
) -> None:
    names["half.example"] = ["93.184.215.14", "10.0.0.7"]

    with pytest.raises(Refused) as refusal:
        http.post("https://half.example/", b"", {})

    assert refusal.value.code == "address_inside"
    assert "10.0.0.7" in refusal.value.text


def test_the_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_later(
    secure: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is checked and ours when it is called is asked only once."""
    real = socket.getaddrinfo
    asked: list[Any] = []

    def rebinding(host: Any, *rest: Any, **named: Any) -> Any:
        if host == HOST:
            asked.append(host)
            if len(asked) > 1:
                raise AssertionError("the name was looked up a second time")
        return real("127.0.0.1" if host == HOST else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    assert http.post(secure.url("/", HOST), b"", {}).is_good
    assert asked == [HOST]


def test_a_redirect_is_not_followed(plain: Server) -> None:
    plain.answer = lambda _asked: Reply(302, b"", {"Location": plain.url("/elsewhere")})

    with pytest.raises(Refused) as refusal:
        http.post(plain.url("/"), b"", {})

    assert (refusal.value.code, refusal.value.final) == ("redirected", False)
    assert [asked.path for asked in plain.asked] == ["/"]


def test_a_proxy_in_the_environment_is_not_used(
    plain: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert http.post(plain.url("/"), b"", {}).is_good


def test_an_error_is_an_answer_too(plain: Server) -> None:
    plain.answer = lambda _asked: Reply(503, b"later")

    answer = http.post(plain.url("/"), b"", {})

    assert (answer.status, answer.text, answer.is_good) == (503, "later", False)


def test_a_long_answer_is_cut(plain: Server) -> None:
    plain.answer = lambda _asked: Reply(200, b"x" * 1_000_000)

    assert len(http.post(plain.url("/"), b"", {}).text) == http.ANSWER_BYTES


def test_a_certificate_of_another_host_is_refused(
    secure: Server, settings: ChangedSettings, names: dict[str, list[str]]
) -> None:
    names["other.bank.test"] = ["127.0.0.1"]
    settings.OUTGOING_INSIDE_HOSTS = [HOST, "other.bank.test"]

    with pytest.raises(Refused) as refusal:
        http.post(secure.url("/", "other.bank.test"), b"secret", {})

    assert refusal.value.code == "bad_certificate"
    assert not secure.asked


def test_a_certificate_of_an_unknown_authority_is_refused(
    secure: Server, settings: ChangedSettings
) -> None:
    settings.OUTGOING_CA_FILE = ""

    with pytest.raises(Refused) as refusal:
        http.post(secure.url("/", HOST), b"secret", {})

    assert refusal.value.code == "bad_certificate"
    assert not secure.asked


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(Refused) as refusal:
        http.post("https://nobody.invalid/", b"", {})

    assert (refusal.value.code, refusal.value.final) == ("unresolved", False)


def _silent(client: socket.socket, over: threading.Event) -> None:
    over.wait(30)


def _dripping_head(client: socket.socket, over: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(0.05):
        client.sendall(b"x")


def _dripping_body(client: socket.socket, over: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while not over.wait(0.05):
        client.sendall(b"x")


@pytest.mark.parametrize("talk", [_silent, _dripping_head, _dripping_body])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_hangs_or_drips_costs_no_more_than_the_whole_time(
    talk: Callable[[socket.socket, threading.Event], None],
    scheme: str,
    settings: ChangedSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With https the other side drips before the handshake ends."""
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(http, "READ_SECONDS", 0.4)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.8)
    begun = time.monotonic()

    with raw_server(talk) as port, pytest.raises(Refused) as refusal:
        http.post(f"{scheme}://127.0.0.1:{port}/", b"{}", {})

    assert not refusal.value.final
    if scheme == "http":
        assert refusal.value.code == "timed_out"
    assert time.monotonic() - begun < 3


def test_whoever_does_not_speak_http_is_refused(settings: ChangedSettings) -> None:
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]

    def nonsense(client: socket.socket, over: threading.Event) -> None:
        client.recv(65_536)
        client.sendall(b"220 mail.bank.test ESMTP\r\n")

    with raw_server(nonsense) as port, pytest.raises(Refused) as refusal:
        http.post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert (refusal.value.code, refusal.value.final) == ("no_http", False)


def test_nobody_listens(settings: ChangedSettings) -> None:
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(Refused) as refusal:
        http.post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert (refusal.value.code, refusal.value.final) == ("unreachable", False)
