"""When a refused message is tried again, and when it is given up. Pure.

Pauses grow and have full jitter (anything up to the longest), so that rows which failed together do
not come back together. The day that a message is tried for is counted in pauses as they were meant:
while nobody of ours was there to try, none of it is used up.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from crm.channels.base import Refused, Retry

PAUSES: dict[Retry, tuple[timedelta, ...]] = {
    Retry.QUICK: tuple(timedelta(seconds=one) for one in (10, 30, 60, 300, 900, 1800, 3600)),
    Retry.SLOW: tuple(timedelta(minutes=one) for one in (1, 5, 10, 20, 30, 60)),
}
LEAST = timedelta(seconds=1)
MOST = timedelta(hours=1)
"""Longer than this nothing is left lying before somebody looks again."""


@dataclass(frozen=True)
class Verdict:
    """What becomes of a refused message: how long it rests now, and all its pauses together.

    No pause at all means that it is given up.
    """

    wait: timedelta | None
    waited: timedelta


def pause(retry: Retry, attempts: int) -> timedelta:
    """How long to wait after the n-th try."""
    longest = PAUSES[retry][min(max(attempts, 1), len(PAUSES[retry])) - 1]
    return max(LEAST, longest * random.uniform(0, 1))  # noqa: S311


def judged(refusal: Refused, *, attempts: int, waited: timedelta, patience: timedelta) -> Verdict:
    """Try again, and when. The last try is made when the patience ends, not before it."""
    if refusal.final or waited >= patience:
        return Verdict(None, waited)
    wait = pause(refusal.retry, attempts)
    if refusal.wait is not None:
        wait = min(max(refusal.wait, LEAST), MOST)
    wait = min(wait, patience - waited)
    return Verdict(wait, waited + wait)
