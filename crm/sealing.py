"""Sealing personal data: what a thief of the database, or of a backup of it, cannot read.

A text is sealed with AES-256-GCM under the first of our keys. The key's id stands in front, so that
a new key can come while older ones still open what they sealed. The place of a value (table, column
and row) is sealed in with it: moved to another row, it no longer opens.

Sealed values differ even for equal texts, so nobody can search them. What must be found again is
kept beside them as a blind index: a keyed digest, which tells nothing to whoever lacks the key.
"""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
_NONCE_BYTES = 12
_LONGEST_ID = 20


class CannotOpen(Exception):
    """The value was sealed for another place, under a key that is gone, or has been changed."""


@dataclass(frozen=True)
class Keys:
    """What seals (the first), what opens (all by id), and what the blind indexes are made with."""

    first: str
    by_id: dict[str, AESGCM]
    index: bytes
    generation: str
    """Names the first key and the index key: rows of another generation are sealed anew."""


def seal(text: str, *, place: str) -> bytes:
    """The text under the first key, for this place only."""
    keys = _keys()
    head = keys.first.encode()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = keys.by_id[keys.first].encrypt(nonce, text.encode(), _bound(head, place))
    return bytes([len(head)]) + head + nonce + sealed


def unseal(sealed: bytes | memoryview, *, place: str) -> str:
    """The text that was sealed for this place. Raises CannotOpen."""
    value = bytes(sealed)
    head, rest = value[1 : 1 + value[0]], value[1 + value[0] :]
    key = _keys().by_id.get(head.decode(errors="replace"))
    if key is None:
        raise CannotOpen(f"There is no key {head!r}.")
    try:
        return key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(head, place)).decode()
    except (InvalidTag, ValueError) as failed:
        raise CannotOpen(f"This was not sealed for {place}.") from failed


def key_of(sealed: bytes | memoryview) -> str:
    """The id of the key that a value was sealed under."""
    value = bytes(sealed)
    return value[1 : 1 + value[0]].decode()


def blind(text: str, *, purpose: str) -> bytes:
    """The keyed digest by which an equal text is found again, and nothing else is."""
    message = f"{purpose}\0{text}".encode()
    return hmac.new(_keys().index, message, hashlib.sha256).digest()[:16]


def blind_number(text: str, *, purpose: str) -> int:
    """The same as a number of eight bytes, for arrays of them."""
    return int.from_bytes(blind(text, purpose=purpose)[:8], signed=True)


def generation() -> str:
    """The keys that are used today, in one short word without any secret in it."""
    return _keys().generation


def parsed(sealing_keys: str, blind_index_key: str) -> Keys:
    """Keys as they are configured: `id:base64,id2:base64`, the first one seals.

    Raises ImproperlyConfigured naming the variable.
    """
    by_id: dict[str, AESGCM] = {}
    for entry in filter(None, (part.strip() for part in sealing_keys.split(","))):
        name, colon, key = entry.partition(":")
        if not (colon and name.isascii() and name.isalnum() and len(name) <= _LONGEST_ID):
            raise ImproperlyConfigured(
                "SEALING_KEYS is written id:base64key,id2:base64key; ids are letters and digits."
            )
        if name in by_id:
            raise ImproperlyConfigured(f"SEALING_KEYS names the key {name} twice.")
        by_id[name] = AESGCM(_decoded(key, "SEALING_KEYS"))
    if not by_id:
        raise ImproperlyConfigured("SEALING_KEYS names no key.")
    index = _decoded(blind_index_key, "BLIND_INDEX_KEY")
    first = next(iter(by_id))
    fingerprint = hmac.new(index, b"fingerprint", hashlib.sha256).hexdigest()[:8]
    return Keys(first, by_id, index, f"{first}/{fingerprint}")


def new_key() -> str:
    """A key as it is written into the environment."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _bound(head: bytes, place: str) -> bytes:
    return head + b"\0" + place.encode()


def _decoded(text: str, variable: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) < 12:
        raise ImproperlyConfigured(
            f"{variable} needs keys of {KEY_BYTES} random bytes in base64: "
            'python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
        )
    return key


def _keys() -> Keys:
    return _configured(settings.SEALING_KEYS, settings.BLIND_INDEX_KEY)


_configured = cache(parsed)
