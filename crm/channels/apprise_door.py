"""Which chats are reached through Apprise, and with which of its options: only harmless ones."""

import contextlib
import warnings
from email import charset
from functools import cache
from typing import Any

from django.conf import settings

from crm.channels import http

CHATS = {
    "mmosts": "mmosts://chat.bank.example/…",
    "rockets": "rockets://user:…@chat.bank.example/room",
    "nctalks": "nctalks://user:…@cloud.bank.example/room",
    "zulip": "zulip://robot@organisation/…",
    "webex": "webex://…",
    "gchat": "gchat://space/key/…",
    "gotifys": "gotifys://push.bank.example/…",
    "ntfys": "ntfys://push.bank.example/topic",
    "barks": "barks://push.bank.example/…",
    "schan": "schan://…",
}
"""Only over TLS, and none that reads files, runs programs or takes a template from an address."""
OPTIONS = {"to", "topic", "channel", "mode"}
"""What may stand behind the question mark; whatever weakens the check of a certificate may not."""


@cache
def loaded() -> Any:
    """The library: loaded late, because it takes half a second and few chats need it.

    It changes how the whole process writes UTF-8 into mails; that is put back, or our own subjects
    would be written in another way as soon as somebody had such a chat.
    """
    kept = dict(charset.CHARSETS)
    with warnings.catch_warnings():
        # Its modules use what a later Python drops; that is its makers' business, not a reader's.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        apprise.Apprise.instantiate("schan://loads-its-modules")

    charset.CHARSETS.clear()
    charset.CHARSETS.update(kept)
    return apprise


def opened(address: str) -> Any:
    """What Apprise makes of an address, made safe; nothing if it makes nothing of it."""
    apprise = loaded()
    with contextlib.suppress(TypeError, ValueError):
        chat: Any = apprise.Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
        if chat is None:
            return None
        inside = getattr(chat, "host", "") in settings.OUTGOING_INSIDE_HOSTS
        chat.redirects = False
        chat.verify_certificate = (settings.OUTGOING_CA_FILE if inside else "") or True
        chat.socket_connect_timeout = http.CONNECT_SECONDS
        chat.socket_read_timeout = http.READ_SECONDS
        chat.request_rate_per_sec = 0  # It would sleep; we count ourselves.
        return chat
    return None


@cache
def _asset() -> Any:
    apprise = loaded()
    return apprise.AppriseAsset(
        async_mode=False,
        secure_logging=True,
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
