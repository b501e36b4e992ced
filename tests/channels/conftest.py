"""What the channels' tests share: a name server's answers, a certificate, servers to talk to."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as ChangedSettings

from crm.channels import http
from tests.channels.servers import HOST, Server, certificate_for, http_server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A server's certificate for HOST, and the authority that signed it."""
    return certificate_for(tmp_path_factory.mktemp("certificates"), HOST, "127.0.0.1")


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
    http._tls.cache_clear()


@pytest.fixture
def plain(settings: ChangedSettings) -> Iterator[Server]:
    """An HTTP server on this machine that settings let us call."""
    settings.OUTGOING_INSIDE_HOSTS = settings.OUTGOING_PLAIN_HOSTS = ["127.0.0.1"]
    with http_server() as running:
        yield running
