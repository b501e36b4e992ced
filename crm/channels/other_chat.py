"""Other chats, through Apprise: the ones that were found harmless, and only over guarded lines.

Apprise opens its own connections, through urllib3. While it sends for us, each of them is made by
our own client's rules: public addresses only, and the very one that was checked; no redirect is
followed, certificates are checked whatever the address asks for, and the time has an end.
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from urllib.request import getproxies

import urllib3.util.connection

from crm.channels import apprise_door, chat_words, http
from crm.channels.base import Refused
from crm.channels.robots import ChatChannel
from crm.models import Channel


class OtherChatChannel(ChatChannel):
    channel = Channel.OTHER_CHAT

    def say(self, message: chat_words.Message, address: str, secret: str) -> None:
        apprise = apprise_door.loaded()
        chat = apprise_door.opened(address)
        if chat is None:
            raise Refused("bad_url", "Apprise does not know this address any more.", final=True)
        if {"https", "all"} & getproxies().keys():
            # Apprise would take it, and nobody could check any more where the message goes.
            raise Refused("proxy", "The environment names a proxy; other chats go without one.")
        door = f"\n\n{message.label}: {message.link}" if message.link else ""
        capture: Any = apprise.LogCapture
        with _guarded() as guard, capture(level=logging.WARNING) as log:
            try:
                taken = chat.notify(
                    body=f"{message.text}{door}",
                    title=message.subject,
                    body_format=apprise.NotifyFormat.TEXT,
                )
            except OSError as broken:
                raise Refused("unreachable", str(broken)) from broken
            finally:
                said = " ".join(log.getvalue().split()) if log else ""
        if guard.refusal is not None and not taken:
            raise guard.refusal
        if not taken:
            raise Refused("not_taken", said[-300:] or "The chat did not take the message.")


class _Guard:
    """What happened on the lines that were made while one message was sent."""

    def __init__(self) -> None:
        self.end = time.monotonic() + http.TOTAL_SECONDS
        self.refusal: Refused | None = None
        self.lines: list[socket.socket] = []

    def line_to(self, host: str, port: int) -> socket.socket:
        try:
            made = http.line_to(host, port, self.end)
        except Refused as refusal:
            self.refusal = refusal
            raise OSError(refusal.text) from refusal
        self.lines.append(made.dup())
        return made

    def cut(self) -> None:
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for line in self.lines:
            line.close()


_guard: ContextVar[_Guard | None] = ContextVar("guard", default=None)
_unguarded = urllib3.util.connection.create_connection


def _create_connection(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
    """urllib3's way to make a connection; ours while a message is being sent."""
    guard = _guard.get()
    if guard is None:
        return _unguarded(address, *rest, **named)
    return guard.line_to(address[0].strip("[]"), address[1])


urllib3.util.connection.create_connection = _create_connection


@contextlib.contextmanager
def _guarded() -> Iterator[_Guard]:
    guard = _Guard()
    token = _guard.set(guard)
    timer = threading.Timer(http.TOTAL_SECONDS, guard.cut)
    timer.daemon = True
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()
        _guard.reset(token)
        guard.close()
