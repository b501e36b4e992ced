"""The processes that are measured: the product, the bare app, a Celery worker."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def running() -> Iterator[tuple[int, int, dict[str, subprocess.Popen[bytes]]]]:
    """The product and the bare app, each one worker with two threads; a Celery worker beside."""
    product, bare = _free_port(), _free_port()
    common = ["--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1"]
    common += ["--blocking-threads", "2", "--no-ws", "--log-level", "warning"]
    granian = [str(ROOT / ".venv/bin/granian"), *common]
    processes = {
        "web": subprocess.Popen(
            [*granian, "--port", str(product), "config.wsgi:application"], cwd=ROOT
        ),
        "bare": subprocess.Popen(
            [*granian, "--port", str(bare), "tests.bench.bare:application"], cwd=ROOT
        ),
        "worker": subprocess.Popen(
            [sys.executable, "-m", "tests.bench.worker"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ),
    }
    try:
        for port in (product, bare):
            _wait_for(port)
        yield product, bare, processes
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def memory(processes: dict[str, subprocess.Popen[bytes]]) -> Iterator[tuple[str, float]]:
    """Proportional memory of each process of the product, in megabytes."""
    import psutil

    for name in ("web", "worker"):
        parent = psutil.Process(processes[name].pid)
        for number, process in enumerate([parent, *parent.children(recursive=True)]):
            yield f"{name} process {number}", process.memory_full_info().pss / 2**20
