"""The world outside for the fault tests: a mail server that keeps its own record and misbehaves on
request, worker processes that can be killed, and second database sessions."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
LEASE_SECONDS = 2


class MailRecord:
    """What the mail server took, by its own account: the Message-ID of each mail, in order."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.to: list[str] = []
        self.asked: Counter[str] = Counter()
        """How often a recipient was named, taken or not."""
        self.replies: dict[str, str] = {}
        """What to answer when this recipient is named, instead of taking the mail."""
        self.sender_reply = ""
        self.cut_after_dot = 0
        """So many times: keep the mail, then hang up without a word."""
        self._lock = threading.Lock()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked[address] += 1
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        with self._lock:
            self.taken.append(str(BytesHeaderParser().parsebytes(content)["Message-ID"]))
            self.to.extend(envelope.rcpt_tos)
            if self.cut_after_dot:
                self.cut_after_dot -= 1
                assert server.transport is not None
                server.transport.abort()
        return "250 Kept"

    @property
    def extras(self) -> int:
        return len(self.taken) - len(set(self.taken))


class MailServer:
    def __init__(self) -> None:
        self.record = MailRecord()
        self.controller = Controller(self.record, hostname="127.0.0.1", port=free_port())
        self.controller.start()

    @property
    def port(self) -> int:
        return int(self.controller.port)

    def stop(self) -> None:
        self.controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def record(mail_server: MailServer, settings: Any) -> MailRecord:
    """The record of a mail server that this process sends to as well."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    return mail_server.record


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes every connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(100)
        yield int(server.getsockname()[1])


def environment(mail_port: int, **more: str) -> dict[str, str]:
    """What a process of ours needs to work on the database of this test."""
    known = connection.settings_dict
    login = quote(known["USER"], safe="")
    if known["PASSWORD"]:
        login += ":" + quote(known["PASSWORD"], safe="")
    host = f"host={quote(known['HOST'], safe='')}" if known["HOST"] else ""
    port = f"&port={known['PORT']}" if known["PORT"] else ""
    return {
        "PATH": os.environ["PATH"],
        "CRM_MODE": "test",
        "DATABASE_URL": f"postgresql://{login}@/{known['NAME']}?{host}{port}",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
        **more,
    }


type Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(transactional_db: None, mail_server: MailServer, tmp_path: Path) -> Iterator[Start]:
    """Start processes of ours beside the test; whatever still runs at its end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        log = (tmp_path / f"worker-{len(started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(mail_server.port, **more),
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            kill(process)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """Write a figure down; at the end of the run all of them are printed."""
    return lambda name, value: record_property(f"figure: {name}", value)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was measured, one figure a line."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    lines = [
        f"{name.removeprefix('figure: '):<60} {value}"
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name.startswith("figure: ")
    ]
    if lines:
        terminalreporter.section("figures")
        for line in sorted(lines):
            terminalreporter.write_line(line)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9, with its children."""
    os.killpg(process.pid, 9)
    process.wait()


def eventually(question: Callable[[], object], seconds: float = 60) -> None:
    """Ask until the answer is true."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@pytest.fixture
def other_session(transactional_db: None) -> Iterator[Callable[..., Future[Any]]]:
    """Run something at once in another database session."""

    def run_and_hang_up(action: Callable[[], Any]) -> Any:
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        yield lambda action: threads.submit(run_and_hang_up, action)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that the fault tests reached."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")
