"""A dead database is 503 with Retry-After and never 500; back again, nobody has to restart."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import orjson
import pytest

from config.local.postgres import LocalPostgres

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class Web:
    """The web server as it runs in production, beside a database of its own."""

    def __init__(self, database: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {
            **os.environ,
            "CRM_MODE": "test",
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "granian",
                    "--interface",
                    "wsgi",
                    "config.wsgi:application",
                ),
                *("--port", str(self.port), "--workers", "1", "--log-level", "critical"),
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, path: str, token: str = "") -> tuple[int, Message, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if token:
            request.add_header("Authorization", f"Token {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, refusal.read()

    def wait_until(self, path: str, status: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        last: object = None
        while time.monotonic() < until:
            try:
                last = self.ask(path)[0]
            except OSError as failure:
                last = failure
            if last == status:
                return
        raise AssertionError(f"{path} was {last!r} and never {status}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[LocalPostgres]:
    server = LocalPostgres(tmp_path / "postgres", durable=False)
    server.ensure()
    yield server
    server.remove()


@pytest.fixture
def web(postgres: LocalPostgres) -> Iterator[Web]:
    server = Web(postgres.url)
    yield server
    server.stop()


def test_the_web_server_outlives_its_database(postgres: LocalPostgres, web: Web) -> None:
    web.wait_until("/readyz", 200)
    assert web.ask("/api/v1/me/", "crm_x")[0] == 401
    postgres.stop()
    for path, token in (("/api/v1/me/", "crm_x"), ("/api/v1/leads/?owner=me", "crm_x")):
        for _ in range(3):
            status, headers, body = web.ask(path, token)
            assert (status, headers["Content-Type"]) == (503, "application/problem+json"), body
            assert headers["Retry-After"] == "1"
            problem = orjson.loads(body)
            assert (problem["code"], problem["retryable"]) == ("unavailable", True)
    assert web.ask("/readyz")[0] == 503
    assert web.ask("/healthz/scheduler")[0] == 503
    assert web.ask("/livez")[0] == 200
    postgres.ensure()
    web.wait_until("/readyz", 200)
    web.wait_until("/api/v1/me/", 401)
    assert web.ask("/api/v1/me/", "crm_x")[0] == 401
