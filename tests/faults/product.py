"""The product as it runs in production, beside a test: web server, workers, beats, and the loop
that needs no broker. What dies by itself is started again, as any supervisor would."""

import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from tests.faults.brokers import free_port, port_answers

type Begin = Callable[[], "subprocess.Popen[bytes]"]

CELERY = ("-m", "celery", "-A", "config")
QUIET = ("--loglevel", "CRITICAL")
WORKER = (
    *CELERY,
    *("worker", "--concurrency", "1", "-Q", "tick,delivery,report,jobs"),
    *("--without-gossip", "--without-mingle", *QUIET),
)
BEAT = (*CELERY, "beat", "-S", "celery.beat:Scheduler", *QUIET)
LOOP = ("manage.py", "run_due", "--loop", "--seconds", "5")


class Supervisor:
    """Keeps processes alive, and counts how often it had to."""

    def __init__(self) -> None:
        self.restarts = 0
        self._begin: list[Begin] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def keep(self, begin: Begin) -> None:
        self._begin.append(begin)
        self._processes.append(begin())

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            for place, process in enumerate(self._processes):
                if process.poll() is not None and not self._over.is_set():
                    self.restarts += 1
                    self._processes[place] = self._begin[place]()

    @contextmanager
    def watching(self) -> Iterator["Supervisor"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join(10)


@dataclass
class Answers:
    """What a client got: how long each answer took, and which were no success."""

    seconds: list[float] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


class Web:
    """The web server, and one phone that asks it."""

    def __init__(self, start: Callable[..., "subprocess.Popen[bytes]"], **environment: str) -> None:
        self.port = free_port()
        start(
            *("-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
            *("--port", str(self.port), "--workers", "1", "--log-level", "critical"),
            **environment,
        )
        deadline = time.monotonic() + 60
        while not port_answers(self.port):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def ask(
        self, method: str, path: str, token: str, body: object = None, *, answers: Answers
    ) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else orjson.dumps(body),
            method=method,
            headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
        )
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                answers.failures.append(refusal.code)
        answers.seconds.append(time.monotonic() - begun)
