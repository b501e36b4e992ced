"""What a channel must offer."""

from enum import Enum
from typing import Protocol

from crm.models import Delivery


class Retry(Enum):
    """How soon to try again what was refused for now."""

    QUICK = "quick"
    """The server or the way to it has a moment of weakness."""
    SLOW = "slow"
    """This recipient, or a setting of ours, needs more time."""


class Refused(Exception):
    """The other side said no, or nothing. `final` means that trying again is no use."""

    def __init__(
        self, code: str, text: str, *, final: bool = False, retry: Retry = Retry.QUICK
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.final = final
        self.retry = retry


class Channel(Protocol):
    is_local: bool
    """The effect is a row in our own database, so that it can share the settling transaction."""

    def send(self, delivery: Delivery) -> None:
        """Say it. Raises Refused."""
