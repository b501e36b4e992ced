"""What this machine allows: folders a server can reach, short socket paths, live processes."""

import contextlib
import hashlib
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

# A unix socket's address holds 104 bytes on macOS and 108 on Linux; the file name needs up to 20.
LONGEST_SOCKET_FOLDER = 80

# Anything else would have to be quoted differently in a URL, a command line and a server's list.
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


class CannotRunHere(RuntimeError):
    """Something is missing on this machine; the message tells the person at the keyboard what."""


def make_reachable(folder: Path) -> None:
    """Make a folder and its missing parents so that a server under another account can enter them.

    Folders that exist already keep their permissions: nobody's home is opened.
    """
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir()
            each.chmod(0o711)
        except FileExistsError:
            continue  # another process was first
        except OSError as refused:
            raise CannotRunHere(f"{each} cannot be made: {refused.strerror}.") from refused


def first_existing(path: Path) -> Path:
    """The path itself, or the nearest parent that exists."""
    while not path.exists():
        path = path.parent
    return path


def socket_folder(beside: Path, name: str) -> Path:
    """Where a server's socket goes: beside its data, or a short path if that one is unfit.

    The answer depends on the data folder alone (not on TMPDIR, not on what runs), so that every
    process finds the same address.
    """
    folder = beside / name
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(folder)):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
    return Path("/tmp") / f"crm-{os.geteuid()}-{digest}"


def make_private(folder: Path, owner: int, group: int) -> None:
    """Make a folder only its owner can enter, and refuse one that somebody else put there."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, group)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise CannotRunHere(f"{folder} belongs to somebody else. Remove it and start again.")
    folder.chmod(0o700)


def command_of(process: int) -> list[str]:
    """The program a process runs and its arguments; empty if it is gone, or dead but not buried."""
    if Path("/proc/self").exists():
        try:
            line = Path(f"/proc/{process}/cmdline").read_bytes()
        except OSError:
            return []
        return os.fsdecode(line).split("\0")[:-1]
    asked = ["ps", "-o", "command=", "-p", str(process)]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False)
    return listed.stdout.split()


def processes_marked(variable: str, value: str) -> Iterator[int]:
    """Live processes whose environment holds a variable with this value (Linux; none elsewhere)."""
    marker = os.fsencode(f"{variable}={value}")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inherited = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker in inherited and int(folder.name) != os.getpid():
            yield int(folder.name)


def open_once(path: Path) -> int:
    """Open a lock file that outlives the process; the number is for `fcntl.flock`."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as refused:
        raise CannotRunHere(
            f"{path} belongs to another account. "
            f"Start as that account, or remove {path.parent} and start again."
        ) from refused
