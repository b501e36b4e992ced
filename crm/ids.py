"""UUIDv7 (RFC 9562): ids that a phone can make offline and that sort by the time they were made."""

import os
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput

FUTURE_TOLERANCE = timedelta(hours=24)
"""How far a phone's clock may run ahead before its ids are refused."""


def uuid7() -> UUID:
    """A new id: 48 bits of milliseconds since 1970, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def made_at(identifier: UUID) -> float:
    """Seconds since 1970 at which the id was made, by its maker's clock."""
    return (identifier.int >> 80) / 1000


def accepted(identifier: UUID | None, *, at: datetime) -> UUID:
    """The client's own id if it is a sound UUIDv7, or a new one if it sent none.

    Raises InvalidInput for another version or variant, and for a clock more than a day ahead.
    """
    if identifier is None:
        return uuid7()
    if identifier.version != 7:
        raise InvalidInput(_("The id must be a UUIDv7."), code="id_not_uuid7", attr="id")
    if made_at(identifier) > (at + FUTURE_TOLERANCE).timestamp():
        raise InvalidInput(
            _("The id was made more than a day in the future; check the phone's clock."),
            code="id_from_the_future",
            attr="id",
        )
    return identifier
