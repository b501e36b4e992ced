"""Run a program that ends when its parent ends, even if the parent is killed with -9.

    python tied.py PARENT PROGRAM ARGUMENT…

Linux only; elsewhere the program simply runs. A script of its own, because a process with threads
must not run Python between fork and exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Tie this process to its parent, then become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before we were tied
            sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as reason:
        sys.exit(f"{command[0]} cannot be run: {reason.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
