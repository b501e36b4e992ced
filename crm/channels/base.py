"""What a channel must offer."""

from typing import Protocol

from crm.models import Delivery


class Refused(Exception):
    """The other side said no, or nothing. `final` means that trying again is no use."""

    def __init__(self, code: str, text: str, *, final: bool = False) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.final = final


class Channel(Protocol):
    is_local: bool
    """The effect is a row in our own database, so that it can share the settling transaction."""

    def send(self, delivery: Delivery) -> None:
        """Say it. Raises Refused."""
