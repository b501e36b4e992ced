"""What a mail server says about a mail that it could not deliver (RFC 3464, and its many dialects).

Only the report is read here; whose mail it was, and what follows, is decided in `bounces`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parseaddr
from itertools import islice

from flufl.bounce import all_failures

from crm.models import BounceKind

LARGEST = 2_000_000
"""Bytes that are read of a report. What is sent back stands at its end, and is not needed."""
MOST_NAMED = 20
"""Addresses that are looked at: our mails have one reader each."""
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NOT_THE_ADDRESS = re.compile(r"5\.(2\.[23]|[3567]\.\d+)")
"""Mailbox full, message too long, system, protocol, content, policy: says nothing against the
address itself (RFC 3463)."""


@dataclass(frozen=True)
class Report:
    """A returned mail: where it was sent back to, of whom it speaks, and for how long it failed."""

    sent_back_to: str
    """The headers that name the address it came back to."""
    named: tuple[str, ...]
    """Addresses that it speaks of, and the one that the mail within it was written to."""
    kind: BounceKind | None
    """None for what is no final failure: a delay, an answer from a holiday."""
    text: str


def read(content: bytes) -> Report:
    """Read a report. Whatever is in it, there is an answer."""
    mail: Message = message_from_bytes(content[:LARGEST], policy=compat32)
    sent_back_to = "\n".join(str(value) for name in _ENVELOPE for value in mail.get_all(name, []))
    blocks = list(_blocks(mail))
    if blocks:
        kind, text, named = _as_blocks_say(blocks)
    else:
        kind, text, named = _as_it_looks(mail)
    spoken_of = islice(dict.fromkeys((*named, *_written_to(mail))), MOST_NAMED)
    return Report(sent_back_to, tuple(spoken_of), kind, text)


def _blocks(mail: Message) -> Iterator[Message]:
    """The recipients of a delivery status, one block each."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            if isinstance(payload, list):
                yield from (one for one in payload if isinstance(one, Message) and one["Action"])


def _as_blocks_say(blocks: list[Message]) -> tuple[BounceKind | None, str, tuple[str, ...]]:
    named = tuple(address for block in blocks for address in _recipients(block))
    failed = [block for block in blocks if str(block["Action"]).strip().lower().startswith("fail")]
    if not failed:
        return None, "", named
    text = _words(failed[0])
    kinds = {_kind(str(block["Status"] or "")) for block in failed}
    return (BounceKind.HARD if BounceKind.HARD in kinds else BounceKind.SOFT), text, named


def _kind(status: str) -> BounceKind:
    found = _STATUS.search(status)
    if found and (found[1] != "5" or _NOT_THE_ADDRESS.fullmatch(found[0])):
        return BounceKind.SOFT
    return BounceKind.HARD


def _recipients(block: Message) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient"):
        _kind_of_address, _semicolon, address = str(block[name] or "").rpartition(";")
        if "@" in address:
            yield parseaddr(address)[1]


def _words(block: Message) -> str:
    said = str(block["Diagnostic-Code"] or "").partition(";")[2] or str(block["Status"] or "")
    return " ".join(said.split())[:500]


def _as_it_looks(mail: Message) -> tuple[BounceKind | None, str, tuple[str, ...]]:
    """A server that writes its reports in words of its own."""
    try:
        passing, lasting = all_failures(mail)
    except Exception:
        # Guesswork on what strangers send; whoever writes like this has reported nothing.
        return None, "", ()
    if not lasting:
        return None, "", ()
    named = tuple(sorted(address.decode("utf-8", "replace") for address in lasting | passing))
    text = _plain_text(mail)
    status = _STATUS.search(text)
    return _kind(status[0]) if status else BounceKind.HARD, text, named


def _plain_text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return " ".join(content.decode("utf-8", "replace").split())[:500]
    return ""


def _written_to(mail: Message) -> Iterator[str]:
    """The reader of the mail that was sent back, from the copy of it, or of its headers."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            inner = message_from_bytes(content) if isinstance(content, bytes) else None
        else:
            continue
        if isinstance(inner, Message):
            for _name, address in getaddresses([str(one) for one in inner.get_all("To", [])]):
                yield address
