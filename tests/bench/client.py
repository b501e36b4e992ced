"""A client that asks over kept connections and writes down how long each answer took."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

type Request = tuple[str, str, bytes | None]
"""(method, path, body)"""


@dataclass(frozen=True)
class Server:
    port: int
    headers: dict[str, str]


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float


def ask(connection: http.client.HTTPConnection, server: Server, request: Request) -> bytes:
    """One request; anything but success stops the benchmark, because it would flatter us."""
    method, path, body = request
    headers = server.headers | ({"Content-Type": "application/json"} if body else {})
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
    return content


def measure(
    server: Server, requests: Callable[[], Request], *, count: int, concurrency: int
) -> list[float]:
    """Send `count` requests over `concurrency` connections; seconds of each."""
    spent: list[float] = []
    failures: list[BaseException] = []
    lock = threading.Lock()
    batches = [[requests() for _ in range(count // concurrency)] for _ in range(concurrency)]

    def work(batch: list[Request]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        mine: list[float] = []
        try:
            for request in batch:
                begun = time.perf_counter()
                ask(connection, server, request)
                mine.append(time.perf_counter() - begun)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()
            with lock:
                spent.extend(mine)

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return spent


def times(spent: list[float]) -> Times:
    ordered = sorted(spent)
    last = len(ordered) - 1
    return Times(ordered[last // 2] * 1000, ordered[int(last * 0.95)] * 1000)
