"""Phones sign in for a token, and are shut out one by one or all at once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from crm.actors import Actor
from crm.command import command
from crm.locking import take
from crm.models import Device, User

TOKEN_PREFIX = "crm_"  # noqa: S105
"""So that secret scanners can recognise a leaked token."""
SEEN_EVERY = timedelta(minutes=10)
"""How exactly "last seen" is kept; writing it at every request would cost a write each."""


def digest(token: str) -> bytes:
    """What is stored instead of the token. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@command
def register(
    device_id: UUID, *, name: str, platform: str, by: User, at: datetime
) -> tuple[Device, str]:
    """Give a phone a token of its own. The token itself is shown this once and not kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    device = Device.objects.create(
        pk=device_id,
        user=by,
        name=name,
        platform=platform,
        token_digest=digest(token),
        session_hash=by.get_session_auth_hash(),
        last_seen_at=at,
        idle_until=at + settings.DEVICE_IDLE,
        expires_at=at + settings.DEVICE_ABSOLUTE,
        created_at=at,
        updated_at=at,
    )
    return device, token


def holder(token: str, *, at: datetime) -> Device | None:
    """The device that a token belongs to, with its user, if both may still come in."""
    device = (
        Device.objects.trusted(at)
        .select_related("user")
        .filter(token_digest=digest(token), user__is_active=True)
        .first()
    )
    if device is None or device.session_hash != device.user.get_session_auth_hash():
        return None
    if at - device.last_seen_at >= SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(
            last_seen_at=at,
            idle_until=min(at + settings.DEVICE_IDLE, device.expires_at),
        )
    return device


@command
def revoke(device_id: UUID, *, by: Actor, at: datetime) -> Device:
    """Shut a phone out; its next request is refused.

    Raises NotFound if there is no such device, or if it is somebody else's.
    """
    device = take(Device.objects.seen_by(by), device_id)
    return device if device.revoked_at else device.change(at=at, revoked_at=at)
