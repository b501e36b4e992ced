"""Where a mail that cannot be delivered comes back to: an address of its own for each delivery.

`bounce+<delivery>.<seal>@…`: the seal proves that the address is of our making, and for whom the
mail was meant. Whoever has moved to another address since is not blamed for the old one.
"""

import re
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SEAL_DIGITS = 16
_WRITTEN = re.compile(r"bounce\+([0-9a-f]{32})\.([0-9a-f]{16})@([a-z0-9.-]+)", re.IGNORECASE)


def of(delivery_id: UUID, address: str) -> str:
    """The envelope sender of a delivery to an address; nothing where no such domain is set up."""
    if not settings.BOUNCE_DOMAIN:
        return ""
    seal = _seal(delivery_id, address, settings.SECRET_KEY)
    return f"bounce+{delivery_id.hex}.{seal}@{settings.BOUNCE_DOMAIN}"


def found_in(text: str) -> tuple[UUID, str] | None:
    """The delivery and the seal that a header names, whether or not they are sound."""
    for found in _WRITTEN.finditer(text):
        if found[3].lower() == settings.BOUNCE_DOMAIN.lower():
            return UUID(found[1]), found[2].lower()
    return None


def addressee(delivery_id: UUID, seal: str, candidates: Iterable[str]) -> str | None:
    """Which of these addresses the mail was sent to. None if the seal fits none of them."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for address in candidates:
        if any(constant_time_compare(seal, _seal(delivery_id, address, key)) for key in keys):
            return address
    return None


def _seal(delivery_id: UUID, address: str, key: str) -> str:
    value = f"{delivery_id.hex} {address.strip().lower()}"
    mac = salted_hmac("crm.return_path", value, secret=key, algorithm="sha256")
    return mac.hexdigest()[:_SEAL_DIGITS]
