"""A PostgreSQL of our own: it must come up everywhere, once, and come back after anything."""

import os
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.local import postgres_programs
from config.local.machine import CannotRunHere, command_of
from config.local.postgres import LocalPostgres
from config.local.postgres_account import Account, demand_a_name

ENSURE = """
import pathlib, sys
from config.local.postgres import LocalPostgres
LocalPostgres(pathlib.Path(sys.argv[1])).ensure()
"""


def servers_of(data: Path) -> list[int]:
    numbers = [int(each.name) for each in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if command_of(number)[1:3] == ["-D", str(data)]]


@pytest.fixture(scope="module")
def postgres(folder: Path, python: Callable[..., subprocess.Popen[str]]) -> Iterator[LocalPostgres]:
    """A server that eight processes began at once, in an empty folder, with no LANG."""
    local = LocalPostgres(folder / "postgres")
    starters = [python("-c", ENSURE, str(local.data)) for _ in range(8)]
    said = [starter.communicate()[0] for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 8, said
    yield local
    local.remove()
    assert servers_of(local.data) == []


def test_eight_starts_at_once_make_one_server(postgres: LocalPostgres) -> None:
    assert postgres.answers()
    if Path("/proc/self").exists():
        assert len(servers_of(postgres.data)) == 1


def test_chinese_can_be_searched_even_without_a_locale(postgres: LocalPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        found = connection.execute("SELECT cardinality(show_trgm('海底捞火锅'))").fetchone()
    assert found == (6,)


def test_only_its_owner_can_knock(postgres: LocalPostgres) -> None:
    door = next(postgres.socket.glob(".s.PGSQL.*[0-9]"))
    assert stat.S_IMODE(door.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700


def test_what_was_committed_survives_a_kill(postgres: LocalPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    number = int((postgres.data / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    postgres.ensure()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_another_object_finds_the_same_server(postgres: LocalPostgres) -> None:
    again = LocalPostgres(postgres.data)
    assert again.url == postgres.url
    assert again.answers()


def test_a_removed_socket_is_made_again(postgres: LocalPostgres) -> None:
    next(postgres.socket.glob(".s.PGSQL.*[0-9]")).unlink()
    assert not postgres.answers()
    postgres.ensure()
    assert postgres.answers()


def test_a_path_too_long_for_a_socket_is_no_obstacle(folder: Path) -> None:
    local = LocalPostgres(folder / ("很长的文件夹" * 5) / ("x" * 100) / "postgres", durable=False)
    try:
        local.ensure()
        with psycopg.connect(local.url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
        local.stop()
        assert not local.answers()
    finally:
        local.remove()
    assert not local.socket.exists()


def test_a_folder_with_other_things_in_it_is_left_alone(folder: Path) -> None:
    (folder / "photos").mkdir()
    (folder / "photos" / "holiday.jpg").touch()
    with pytest.raises(CannotRunHere, match="holds no PostgreSQL"):
        LocalPostgres(folder / "photos").ensure()
    assert (folder / "photos" / "holiday.jpg").exists()


@pytest.mark.usefixtures("as_root")
def test_root_opens_no_closed_folder(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    local = LocalPostgres(home / "clone" / ".data" / "postgres")
    assert not local.data.is_relative_to(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("as_root")
def test_root_runs_a_users_server_as_that_user(folder: Path) -> None:
    data = folder / "of-a-user"
    data.mkdir(mode=0o700)
    os.chown(data, 12345, 12345)
    assert LocalPostgres(data).account == Account(12345, 12345, switched=True)


def test_an_account_without_a_name_is_told_what_to_do() -> None:
    with pytest.raises(CannotRunHere, match="DATABASE_URL"):
        demand_a_name(Account(4_000_000_000, 0, switched=False))


def test_older_programs_get_the_locale_they_know() -> None:
    assert postgres_programs.Programs(Path("/"), 15).locale() == ["--locale=C.UTF-8"]
    assert "--lc-ctype=C.UTF-8" in postgres_programs.Programs(Path("/"), 18).locale()
