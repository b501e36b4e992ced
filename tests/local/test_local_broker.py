"""A broker of our own: what it took, it keeps."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from kombu import Connection

from config.local.valkey import LocalBroker


@contextmanager
def running(broker: LocalBroker, eventually: Callable[..., object]) -> Iterator[None]:
    broker.prepare()
    program = subprocess.Popen(broker.command())
    try:
        eventually(broker.answers)
        yield
    finally:
        program.kill()
        program.wait()


def test_a_message_survives_a_kill(folder: Path, eventually: Callable[..., object]) -> None:
    broker = LocalBroker(folder / "broker")
    with running(broker, eventually):
        with Connection(broker.url) as connection:
            connection.SimpleQueue("jobs").put({"merchant": "海底捞"})
        with redis.Redis(unix_socket_path=str(broker.socket)) as client:
            client.waitaof(1, 0, 10_000)
    assert not broker.answers()
    with running(broker, eventually), Connection(broker.url) as connection:
        assert connection.SimpleQueue("jobs").get(timeout=10).payload == {"merchant": "海底捞"}


def test_a_path_unfit_for_an_address_gets_a_short_one(folder: Path) -> None:
    broker = LocalBroker(folder / "我的 项目" / "broker")
    assert broker.url.isascii()
    assert len(str(broker.socket)) < 100


def test_it_listens_to_no_network(folder: Path) -> None:
    command = LocalBroker(folder / "broker").command()
    assert command[command.index("--port") + 1] == "0"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
