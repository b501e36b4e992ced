"""Ends a process in which one message hangs.

Its row says that it was being handed over; whoever takes it up counts the loss, and after five such
losses it is put aside. What every thread was doing is written to the error output before the end.
"""

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_seconds: float = 0


def watch(seconds: float) -> None:
    """From now on, whatever is begun under `patience` in this process must end within this time."""
    global _seconds
    _seconds = seconds


@contextmanager
def watching(seconds: float) -> Iterator[None]:
    """The same, for as long as this lasts."""
    before = _seconds
    watch(seconds)
    try:
        yield
    finally:
        watch(before)


@contextmanager
def patience() -> Iterator[None]:
    """What is done here either ends in time, or ends the process. Unwatched, it takes its time."""
    if not _seconds or sys.__stderr__ is None:
        yield
        return
    # A thread of C code: it ends a process even where Python itself is stuck.
    faulthandler.dump_traceback_later(_seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
