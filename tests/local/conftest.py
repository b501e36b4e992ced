"""What the tests of this machine's servers share: a folder, patience, and Python of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

Eventually = Callable[[Callable[[], object]], object]


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Ask again and again until the answer is true; give it back."""

    def ask(question: Callable[[], object], seconds: float = 20) -> object:
        deadline = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < deadline, "it did not come true in time"
            time.sleep(0.02)
        return answer

    return ask


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty folder that a server under another account can reach (pytest's own are closed)."""
    made = Path(tempfile.mkdtemp(prefix="crm-test-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.Popen[str]]:
    """Start Python in the project's folder with an environment that holds nothing else."""

    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    return start


@pytest.fixture(scope="module")
def port() -> int:
    """A port that no program uses, another one in each process that runs tests."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root lends PostgreSQL another account")
