"""Keeps the demo's processes alive in one terminal, and leaves none behind.

A process that ends is started again, after a pause that grows while it keeps failing. Each runs in
a session of its own, so that Ctrl-C reaches the supervisor alone and the order of the end is ours.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.local.machine import CannotRunHere

SECONDS_TO_BE_READY = 60
SECONDS_TO_END = 6.0
SECONDS_FOR_FOUNDATIONS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
LIVED_WELL = 20.0
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_POLLS = 0.05

TIED = str(Path(__file__).with_name("tied.py"))

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95)


class Server(Protocol):
    """A server that runs on its own and outlives us if we are killed, such as PostgreSQL."""

    def answers(self) -> bool: ...

    def ensure(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Process:
    """A program to keep running; with `once`, one that must succeed before the next is started.

    The next process waits until `ready` says yes; then what `when_ready` returns is shown. A
    `foundation` is stopped after all others.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None
    when_ready: Callable[[], str] | None = None
    once: bool = False
    foundation: bool = False


class Terminal:
    """One terminal for all: each line begins with the name of who says it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.width = max(map(len, names))
        self.colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, name: str, line: str) -> None:
        """Write a line. A terminal that is gone must not stop us from ending the others."""
        start = f"{name:<{self.width}} |"
        if self.coloured:
            start = f"\033[{self.colours.get(name, 37)}m{start}\033[0m"
        self.write(f"{start} {line}")

    def write(self, text: str) -> None:
        """Write text as it is."""
        with contextlib.suppress(OSError, ValueError):
            print(text, flush=True)


class Supervisor:
    """Starts servers, then processes, in the order given; ends them in the opposite order."""

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        servers: Mapping[str, Server] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.processes = processes
        self.servers = dict(servers or {})
        self.environment = {**os.environ, **(environment or {})}
        self.terminal = Terminal(["demo", *self.servers, *(each.name for each in processes)])
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._interrupted = 0

    def run(self) -> int:
        """Run until a signal asks for the end, or a start fails; returns the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        asked = asyncio.Event()

        def end() -> None:
            self._interrupted += 1
            asked.set()

        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(each, end)
        starting = asyncio.create_task(self._start_all())
        asking = asyncio.create_task(asked.wait())
        try:
            await asyncio.wait({starting, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.is_set():
                starting.result()
                await asked.wait()
        except CannotRunHere as reason:
            self.terminal.say("demo", str(reason))
            return 1
        else:
            return 0
        finally:
            starting.cancel()
            await self._end_all()

    async def _start_all(self) -> None:
        for name, server in self.servers.items():
            self.terminal.say(name, "starting")
            await asyncio.to_thread(server.ensure)
            self._tasks.append(asyncio.create_task(self._watch(name, server)))
        for process in self.processes:
            if process.once:
                await self._run_once(process)
                continue
            self._tasks.append(asyncio.create_task(self._keep_running(process)))
            await self._wait_until_ready(process)
            if process.when_ready:
                self.terminal.write(process.when_ready())

    async def _watch(self, name: str, server: Server) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            if await asyncio.to_thread(server.answers):
                continue
            self.terminal.say(name, "does not answer; starting it again")
            try:
                await asyncio.to_thread(server.ensure)
            except CannotRunHere as reason:
                self.terminal.say(name, str(reason))
                await asyncio.sleep(LONGEST_PAUSE)
            else:
                self.terminal.say(name, "answers again")

    async def _run_once(self, process: Process) -> None:
        code = await self._ended(self._started(process))
        if code != 0:
            raise CannotRunHere(f"`{process.name}` {_how(code)}; its lines above say why.")

    async def _keep_running(self, process: Process) -> None:
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            code = await self._ended(self._started(process))
            if time.monotonic() - since > LIVED_WELL:
                pause = FIRST_PAUSE
            self.terminal.say(process.name, f"{_how(code)}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _wait_until_ready(self, process: Process) -> None:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while process.ready and not await asyncio.to_thread(process.ready):
            if time.monotonic() > deadline:
                raise CannotRunHere(
                    f"`{process.name}` was not ready after {SECONDS_TO_BE_READY} s; "
                    "its lines above say why."
                )
            await asyncio.sleep(SECONDS_BETWEEN_POLLS)

    def _started(self, process: Process) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-IS", TIED, str(os.getpid()), *process.command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running[process.name] = child
        self._relay(process.name, child)
        return child

    def _relay(self, name: str, child: subprocess.Popen[bytes]) -> None:
        """Pass on what a process says, line by line, for as long as one of its group lives."""
        assert child.stdout is not None
        pipe, loop, unfinished = child.stdout, asyncio.get_running_loop(), b""

        def read() -> None:
            nonlocal unfinished
            said = os.read(pipe.fileno(), 65536)
            *lines, unfinished = (unfinished + said).split(b"\n")
            if not said:
                loop.remove_reader(pipe.fileno())
                pipe.close()
                lines = [unfinished] if unfinished else []
            for line in lines:
                self.terminal.say(name, line.decode(errors="replace").rstrip("\r"))

        loop.add_reader(pipe.fileno(), read)

    async def _ended(self, child: subprocess.Popen[bytes]) -> int:
        """Wait for a process to end, then end what it started itself."""
        while (code := child.poll()) is None:
            await asyncio.sleep(SECONDS_BETWEEN_POLLS)
        _kill_group(child)
        return code

    async def _end_all(self) -> None:
        self.terminal.say("demo", "stopping")
        for task in self._tasks:
            task.cancel()
        last_first = list(reversed(self.processes))
        await self._end([each for each in last_first if not each.foundation], SECONDS_TO_END)
        await self._end([each for each in last_first if each.foundation], SECONDS_FOR_FOUNDATIONS)
        for server in reversed(self.servers.values()):
            await asyncio.to_thread(server.stop)
        self.terminal.say("demo", "stopped")

    async def _end(self, processes: Sequence[Process], seconds: float) -> None:
        """Ask politely; after some seconds, or a second Ctrl-C, insist."""
        named = (self._running.get(each.name) for each in processes)
        children = [child for child in named if child is not None]
        for child in children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + seconds
        while any(child.poll() is None for child in children):
            if time.monotonic() > deadline or self._interrupted > 1:
                break
            await asyncio.sleep(SECONDS_BETWEEN_POLLS)
        for child in children:
            _kill_group(child)
            child.wait()


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
