"""Addresses that no mail goes to: suppressed when mails come back, lifted by administrators."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import RuleBroken
from crm.locking import take
from crm.models import SuppressedAddress
from crm.policies import require


@command
def suppress(address: str, *, because: str, at: datetime) -> SuppressedAddress | None:
    """Send no more mail to an address. None if that is so already."""
    if SuppressedAddress.objects.standing().of(address).exists():
        return None
    return SuppressedAddress.objects.create(
        address=address, because=because.replace("\0", "")[:500], created_at=at, updated_at=at
    )


@command
def lift(
    suppressed_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> SuppressedAddress:
    """Let mail go to an address again; what came back before is not counted any more.

    Raises NotFound, NotAllowed, RuleBroken if it is lifted already.
    """
    row = take(SuppressedAddress.objects.seen_by(by), suppressed_id, version=version)
    require(policies.may_operate(by))
    if row.lifted_at is not None:
        raise RuleBroken(_("Mail goes to this address again already."), code="already_lifted")
    return row.change(at=at, lifted_at=at, lifted_by_id=user_id(by))


@command
def start_fresh(address: str, *, by: Actor, at: datetime) -> None:
    """Somebody has a new address: what was held against it before is over."""
    for row in SuppressedAddress.objects.standing().of(address).for_change():
        row.change(at=at, lifted_at=at, lifted_by_id=user_id(by))


def last_lifted(address: str) -> datetime | None:
    """When mail was last let go to an address again."""
    moment: datetime | None = SuppressedAddress.objects.of(address).aggregate(at=Max("lifted_at"))[
        "at"
    ]
    return moment
