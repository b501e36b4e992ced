"""A lock on a folder that ends with the process, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from config.local.machine import CannotRunHere, make_reachable, open_once


@contextlib.contextmanager
def only_one(lock: Path, *, what: str, note: str = "") -> Iterator[None]:
    """Hold the lock, or raise CannotRunHere with the note that its present holder left."""
    make_reachable(lock.parent)
    number = open_once(lock)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            left = os.read(number, 1000).decode(errors="replace").strip()
            raise CannotRunHere(f"{what} already runs in this folder. {left}".strip()) from held
        os.ftruncate(number, 0)
        os.write(number, note.encode())
        yield
    finally:
        os.close(number)
