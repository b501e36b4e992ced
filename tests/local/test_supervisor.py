"""The supervisor keeps processes alive, and leaves none behind, whatever ends it."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.local.demo import MARK, end_what_was_left
from config.local.machine import CannotRunHere, command_of
from config.local.one_at_a_time import only_one

# Small programs; the second has a child of its own that does not hear a polite request.
WATCH = """
import sys
from config.local.supervisor import Process, Supervisor
stubborn = "(trap '' TERM; exec sleep 600) & echo grandchild $!;"
sys.exit(Supervisor([
    Process("first", ["sh", "-c", "echo pid $$; exec sleep 600"]),
    Process("second", ["sh", "-c", f"{stubborn} echo pid $$; exec sleep 600"]),
    Process("third", ["sh", "-c", "echo pid $$; exec sleep 600"]),
]).run())
"""
FAIL_ONCE = """
import sys
from config.local.supervisor import Process, Supervisor
sys.exit(Supervisor([
    Process("load", ["sh", "-c", "echo no such table; exit 3"], once=True),
    Process("web", ["sh", "-c", "echo never"]),
]).run())
"""


class Watched:
    """A supervisor at work, and what it has written so far."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        assert program.stdout is not None
        self.program = program
        self.output = program.stdout.fileno()
        self.written = ""
        os.set_blocking(self.output, False)

    def said(self, pattern: str) -> list[str]:
        with suppress(BlockingIOError):
            self.written += os.read(self.output, 65536).decode()
        return re.findall(pattern, self.written)

    def number(self, name: str) -> int:
        return int(self.said(rf"{name} +\| pid (\d+)")[-1])

    def numbers(self) -> list[int]:
        """Of all processes under it, those it did not start itself included."""
        return [int(number) for number in self.said(r"(?:pid|grandchild) (\d+)")]


@pytest.fixture
def watched(
    folder: Path,
    python: Callable[..., subprocess.Popen[str]],
    eventually: Callable[..., object],
) -> Iterator[Watched]:
    supervisor = Watched(python("-c", WATCH, **{MARK: str(folder)}))
    eventually(lambda: len(supervisor.numbers()) == 4)
    yield supervisor
    supervisor.program.terminate()
    supervisor.program.wait()


def test_a_killed_process_is_started_again(
    watched: Watched, eventually: Callable[..., object]
) -> None:
    killed = watched.number("first")
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: watched.said(r"first +\| was ended by signal 9; starting it again in 0.5 s"))
    eventually(lambda: watched.number("first") != killed)
    assert command_of(watched.number("first"))
    assert "\033[" not in watched.written  # no colours: it is no terminal


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_end_leaves_nothing_behind(
    watched: Watched, eventually: Callable[..., object], how: signal.Signals
) -> None:
    numbers = watched.numbers()
    watched.program.send_signal(how)
    assert watched.program.wait(timeout=10) == 0
    eventually(lambda: not any(command_of(each) for each in numbers))
    assert watched.said("stopped")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux only")
def test_a_killed_supervisor_takes_its_processes_along(
    watched: Watched, eventually: Callable[..., object], folder: Path
) -> None:
    numbers = watched.numbers()
    second = watched.number("second")
    stubborn = [number for number in numbers if os.getpgid(number) == second != number]
    watched.program.kill()
    eventually(lambda: not any(command_of(each) for each in numbers if each not in stubborn))
    end_what_was_left(folder)  # the next start begins with it
    assert not any(command_of(each) for each in stubborn)


def test_a_first_step_that_fails_ends_the_start(
    python: Callable[..., subprocess.Popen[str]],
) -> None:
    supervisor = python("-c", FAIL_ONCE)
    said, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 1
    assert "no such table" in said
    assert "`load` ended with code 3; its lines above say why." in said
    assert "never" not in said


def test_a_second_demo_is_told_where_the_first_is(
    folder: Path, python: Callable[..., subprocess.Popen[str]]
) -> None:
    with only_one(folder / "demo.lock", what="The demo", note="Open http://127.0.0.1:8123/."):
        second = python("-m", "config.local.demo", CRM_DATA=str(folder))
        said, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    expected = "The demo already runs in this folder. Open http://127.0.0.1:8123/."
    assert said.strip() == expected


def test_the_lock_ends_with_its_holder(folder: Path) -> None:
    with (
        only_one(folder / "some.lock", what="It"),
        pytest.raises(CannotRunHere, match="It alr"),
    ):
        only_one(folder / "some.lock", what="It").__enter__()
    with only_one(folder / "some.lock", what="It"):
        pass


def test_a_port_in_use_is_named_with_the_way_out(
    folder: Path, port: int, python: Callable[..., subprocess.Popen[str]]
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        demo = python("-m", "config.local.demo", CRM_DATA=str(folder), PORT=str(port))
        said, _ = demo.communicate(timeout=20)
    assert demo.returncode == 1
    assert f"Port {port} is used by another program." in said
    assert "make demo PORT=" in said
