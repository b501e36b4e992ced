"""Channels: the ways a message reaches a colleague."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from crm.channels.base import Channel, Refused, Retry
from crm.channels.inbox import InboxChannel
from crm.channels.mail import MailChannel
from crm.models import Channel as Name

__all__ = ["Channel", "InboxChannel", "Refused", "Retry", "open_channels"]


@contextmanager
def open_channels() -> Iterator[Mapping[str, Channel]]:
    """Every channel, kept open for a batch of messages and closed after it."""
    with ExitStack() as stack:
        yield {
            Name.INBOX: InboxChannel(),
            Name.MAIL: stack.enter_context(MailChannel()),
        }
