"""What a channel must offer."""

from datetime import timedelta
from enum import Enum
from typing import Protocol

from crm.models import Delivery


class Retry(Enum):
    """How soon a refused message is worth another try."""

    QUICK = "quick"
    """Something between us and them is busy or away: seconds at first, then minutes."""
    SLOW = "slow"
    """They know this recipient and cannot take it now (a full mailbox): minutes, then hours."""


class Refused(Exception):
    """The other side said no, or nothing. `final` means that trying again is no use.

    `wait` is a pause that is known: the other side named it, or a limit of ours ends then. Such a
    wait is no failure and counts as no try.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        final: bool = False,
        retry: Retry = Retry.QUICK,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.final = final
        self.retry = retry
        self.wait = wait


class Channel(Protocol):
    is_local: bool
    """The effect is a row in our own database, so that it can share the settling transaction."""

    def send(self, delivery: Delivery) -> None:
        """Say it. Raises Refused."""
