"""`make test`: every check of the project, in order, with a summary. Extra words go to pytest."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from config.local import environment
from config.local.machine import CannotRunHere
from config.local.one_at_a_time import only_one
from config.local.postgres import LocalPostgres

PYTHON = sys.executable

# Its programme is no module that Python can run by name.
LINT_IMPORTS = (
    "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"
)


@dataclass(frozen=True)
class Step:
    """One check: the words for the reader and the command that makes it."""

    name: str
    command: list[str]
    shown: str

    def run(self) -> tuple[bool, float]:
        """Run it with its output on the terminal; whether it passed, and the seconds."""
        print(f"\n=== {self.name}\n$ {self.shown}", flush=True)
        since = time.monotonic()
        passed = subprocess.run(self.command, cwd=environment.ROOT, check=False).returncode == 0
        seconds = time.monotonic() - since
        print(f"--- {self.name}: {_verdict(passed)} in {seconds:.1f} s", flush=True)
        return passed, seconds


def steps(for_pytest: list[str]) -> list[Step]:
    """The checks, the quick ones first."""

    def module(name: str, *arguments: str) -> Step:
        words = (name, *arguments)
        return Step(
            " ".join(words[:2]).partition(" -")[0], [PYTHON, "-m", *words], shlex.join(words)
        )

    def manage(*arguments: str) -> Step:
        command = ("manage.py", *arguments)
        return Step(" ".join(command[:2]), [PYTHON, *command], shlex.join(["python", *command]))

    return [
        module("ruff", "format", "--check", "."),
        module("ruff", "check", "."),
        module("mypy"),
        Step("lint-imports", [PYTHON, "-c", LINT_IMPORTS], "lint-imports"),
        manage("check", "--fail-level", "WARNING"),
        manage("makemigrations", "--check", "--dry-run"),
        module("pytest", "-n", "2", *for_pytest),
    ]


def run_all(checks: list[Step]) -> bool:
    """Run every check, also after one that failed, and show a table; whether all passed."""
    results = [(check.name, *check.run()) for check in checks]
    print("\n=== summary")
    for name, passed, seconds in results:
        print(f"{_verdict(passed):<7}{seconds:7.1f} s  {name}")
    failed = [name for name, passed, _ in results if not passed]
    total = sum(seconds for *_, seconds in results)
    print(
        f"\n{_verdict(not failed)} in {total:.1f} s" + (f": {', '.join(failed)}" if failed else "")
    )
    return not failed


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A PostgreSQL for the tests, unless DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # meant for another PostgreSQL than ours
    data = environment.data_folder()
    with only_one(data / "test.lock", what="`make test`"):
        postgres = LocalPostgres(data / "test-postgres", durable=False)
        postgres.ensure()
        os.environ["DATABASE_URL"] = postgres.url
        try:
            yield
        finally:
            postgres.stop()


def main() -> int:
    """Run the checks; returns the exit code."""
    os.environ |= {"CRM_MODE": "test", "DJANGO_SETTINGS_MODULE": "config.settings"}
    try:
        with database():
            return 0 if run_all(steps(sys.argv[1:])) else 1
    except CannotRunHere as reason:
        print(f"\n{reason}\n", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
    return 1


def _verdict(passed: bool) -> str:
    return "passed" if passed else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
