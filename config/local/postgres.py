"""A PostgreSQL server of our own in a folder: made, started and stopped without an installation.

The programs are borrowed (`postgres_programs`); the life-cycle is ours, because it must survive
kill -9, eight processes at once, root, long paths and an empty environment.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.local import postgres_account, postgres_programs
from config.local.machine import (
    CannotRunHere,
    command_of,
    first_existing,
    make_private,
    make_reachable,
    open_once,
    socket_folder,
)
from config.local.postgres_programs import SHARED, Programs

# A loaded machine needs more than the 1 s that is usual.
SECONDS_TO_START = 60

# A killed server's children let go of its memory a moment after it; then it can start again.
STILL_LETTING_GO = (
    "pre-existing shared memory block",
    "postmaster.pid",
    "is another postmaster",
)


class LocalPostgres:
    """A server in a data folder, reached through a unix socket, with a database named `crm`.

    `durable=False` is for tests: faster, and a power cut may cost the data.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data.resolve()
        self.durable = durable
        self.account = postgres_account.account_for(self.data)
        if not self.account.may("x", first_existing(self.data.parent)):
            # Below a closed home. Open no door: the data goes where the account can reach it.
            digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]
            self.data = SHARED / f"postgres-{digest}"
            self.account = postgres_account.account_for(self.data)
        self.socket = socket_folder(self.data, "socket")
        self._log = self.data / "server.log"

    @property
    def url(self) -> str:
        """The address as a libpq URI; known before the server runs."""
        return f"postgresql://crm@/crm?host={quote(str(self.socket), safe='')}"

    def answers(self) -> bool:
        """Whether the server of this folder takes connections."""
        if not (self.data / "postmaster.pid").exists():
            return False
        asked = ("-h", str(self.socket), "-q", "-t", "3")
        return self._run("pg_isready", *asked).returncode == 0

    def ensure(self) -> None:
        """Make the server if it is not there, start it if it does not run, make its database.

        Safe to call from any number of processes. Raises CannotRunHere with a sentence to show.
        """
        postgres_account.demand_a_name(self.account)
        with self._alone():
            self._initialise()
            make_private(self.socket, self.account.user, self.account.group)
            if not self.answers():
                self._start()
            self._make_database()

    def stop(self) -> None:
        """Stop the server if it runs: running queries are cancelled, nothing committed is lost."""
        if not (self.data / "postmaster.pid").exists():
            return
        with self._alone():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "8", "stop")

    def remove(self) -> None:
        """Stop the server and delete its folder with everything in it."""
        self.stop()
        for folder in (self.data, self.socket):
            shutil.rmtree(folder, ignore_errors=True)
        self._lock_file.unlink(missing_ok=True)

    @property
    def _lock_file(self) -> Path:
        return self.data.with_name(f"{self.data.name}.lock")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        make_reachable(self.data.parent)
        lock = open_once(self._lock_file)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @functools.cached_property
    def _programs(self) -> Programs:
        return postgres_programs.find(self.account)

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._programs.run(name, *arguments, account=self.account)

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise CannotRunHere(f"{self.data} is not empty and holds no PostgreSQL. Remove it.")
        locale = self._programs.locale()
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)  # of a start that was interrupted
        make_private(unfinished, self.account.user, self.account.group)
        made = self._run(
            "initdb",
            *(
                "-D",
                str(unfinished),
                "-U",
                "crm",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ),
            *locale,
        )
        if made.returncode:
            raise CannotRunHere(f"PostgreSQL could not make its folder: {made.stderr.strip()}")
        unfinished.rename(self.data)

    def _settings(self) -> dict[str, str]:
        """Given at every start, so that a newer version of this file reaches an older folder."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        elif self._programs.has_library("pg_stat_statements"):
            settings["shared_preload_libraries"] = "pg_stat_statements"
        return settings

    def _start(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        if self._waited_for_a_live_server(deadline):
            return
        self._forget_dead_servers()
        options = " ".join(
            f"-c {shlex.quote(f'{name}={value}')}" for name, value in self._settings().items()
        )
        where = ("-D", str(self.data), "-l", str(self._log), "-o", options)
        while True:
            already_logged = self._log.stat().st_size if self._log.exists() else 0
            started = self._run("pg_ctl", *where, "-w", "-t", str(SECONDS_TO_START), "start")
            if started.returncode == 0:
                return
            said = ""
            with contextlib.suppress(OSError), self._log.open("rb") as log:
                log.seek(already_logged)
                said = log.read()[-2000:].decode(errors="replace")
            still = any(reason in said for reason in STILL_LETTING_GO)
            if not still or time.monotonic() > deadline:
                raise CannotRunHere(
                    f"PostgreSQL did not start in {self.data}. "
                    f"{started.stderr.strip()} Its log says: {said.strip()}"
                )
            time.sleep(0.2)

    def _waited_for_a_live_server(self, deadline: float) -> bool:
        """A server may be starting, recovering or stopping: wait for the outcome.

        A killed server that its parent has not collected still owns its number; it counts as gone.
        """
        while _is_postgres(_number_in(self.data / "postmaster.pid")):
            if self.answers():
                return True
            if time.monotonic() > deadline:
                raise CannotRunHere(f"PostgreSQL in {self.data} runs but does not answer.")
            if not (self.socket / ".s.PGSQL.5432").exists():  # a cleaner of /tmp removed its door
                self._run(
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-m",
                    "fast",
                    "-w",
                    "-t",
                    "10",
                    "stop",
                )
            time.sleep(0.1)
        return False

    def _forget_dead_servers(self) -> None:
        """Remove what a killed server left, so that its number or a reuse of it stops nothing."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        door = self.socket / ".s.PGSQL.5432.lock"
        for _ in range(50):
            owner = _number_in(door)
            if not _is_postgres(owner) or str(self.data) not in command_of(owner):
                break
            os.kill(owner, signal.SIGQUIT)  # its folder was deleted under it; it would notice
            time.sleep(0.1)
        door.unlink(missing_ok=True)

    def _make_database(self) -> None:
        with psycopg.connect(
            host=str(self.socket),
            port=5432,
            user="crm",
            dbname="postgres",
            autocommit=True,
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'crm'")
            if found.fetchone() is None:
                connection.execute("CREATE DATABASE crm")


def _number_in(lock: Path) -> int:
    try:
        return int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _is_postgres(process: int) -> bool:
    program = next(iter(command_of(process)), "")
    return Path(program).name == "postgres"
