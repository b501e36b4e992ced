"""How a listening system knows that a message is ours: Standard Webhooks, symmetric signatures.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret as the other side enters it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def message_id(delivery_id: UUID, revision: int) -> str:
    """The same for every try of a message, so that the other side can drop copies of it.

    Sent again on purpose it is another message, though everybody can see of which: what stands
    before the second underscore stays.
    """
    again = f"_{revision}" if revision > 1 else ""
    return f"msg_{delivery_id.hex}{again}"


def headers(
    message: str, body: bytes, *, signed_with: Iterable[str], at: datetime
) -> dict[str, str]:
    """What goes along with a body: who it is, when this try was made, one signature per secret."""
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.".encode() + body
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in signed_with),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
