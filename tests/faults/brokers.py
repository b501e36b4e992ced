"""Real brokers for the fault tests: Redis and RabbitMQ as Debian packs them, on ports of their own.

Redis is stood in for by the broker that comes with the demo where there is no `redis-server`;
RabbitMQ has no stand-in, and its tests say so where it is not installed.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from config.local.valkey import LocalBroker

RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 60


class Broker(Protocol):
    """A broker that can be stopped and started again, keeping its address."""

    url: str

    def start(self) -> None: ...

    def stop(self) -> None:
        """kill -9."""

    def remove(self) -> None: ...


class Redis:
    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        program = shutil.which("redis-server")
        self._local = None if program else LocalBroker(folder / "broker")
        self.url = self._local.url if self._local else f"redis://127.0.0.1:{self._port}/0"
        if self._local:
            self._local.prepare()
            self._command = self._local.command()
        else:
            self._command = [
                str(program),
                *("--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(folder)),
                *("--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
                *("--logfile", str(folder / "redis.log")),
            ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait(self._answers)

    def _answers(self) -> bool:
        return self._local.answers() if self._local else port_answers(self._port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.stop()


class Rabbit:
    """RabbitMQ with a node name, ports and folders of its own; its `epmd` goes with it."""

    def __init__(self, folder: Path) -> None:
        if not RABBIT.exists():
            pytest.skip("rabbitmq-server is not installed (Debian's package of that name)")
        self._port, self._distribution, self._mapper = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        # Not below the test's folder: RabbitMQ does not run as root, and must be let in.
        self._folder = Path(tempfile.mkdtemp(prefix="rabbit-"))
        self._account = pwd.getpwnam("rabbitmq") if os.geteuid() == 0 else None
        if self._account:
            os.chown(self._folder, self._account.pw_uid, self._account.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        account: dict[str, object] = {}
        if self._account:
            account = {
                "user": self._account.pw_uid,
                "group": self._account.pw_gid,
                "extra_groups": [],
            }
        self._process = subprocess.Popen(
            [str(RABBIT)],
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._folder),
                "RABBITMQ_NODENAME": f"crm{self._port}@localhost",
                "RABBITMQ_NODE_PORT": str(self._port),
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_DIST_PORT": str(self._distribution),
                "ERL_EPMD_PORT": str(self._mapper),
                "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
                "RABBITMQ_LOG_BASE": str(self._folder / "log"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **account,  # type: ignore[call-overload]
        )
        wait(lambda: port_answers(self._port))

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            wait(lambda: not port_answers(self._port))

    def remove(self) -> None:
        self.stop()
        subprocess.run(
            ["epmd", "-port", str(self._mapper), "-kill"], capture_output=True, check=False
        )
        shutil.rmtree(self._folder, ignore_errors=True)


KINDS: dict[str, type[Redis] | type[Rabbit]] = {"redis": Redis, "rabbitmq": Rabbit}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def wait(question: Callable[[], object]) -> None:
    """Ask until the answer is true."""
    deadline = time.monotonic() + START_SECONDS
    while not question():
        assert time.monotonic() < deadline, "the broker did not come in time"
        time.sleep(0.05)
