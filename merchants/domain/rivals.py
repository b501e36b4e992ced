"""Rivals are named, and their offers at our merchants are kept with their dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import known, take
from crm.policies import require
from merchants import policies
from merchants.domain import timeline
from merchants.models import Merchant, Rival, RivalKind, RivalOffer

OFFER_SEEN = timeline.kind(
    "rival_offer.seen", _("Rival offer seen"), _("%(rival)s offers here: %(mechanic)s")
)
OFFER_CORRECTED = timeline.kind(
    "rival_offer.corrected",
    _("Rival offer corrected"),
    _("What %(rival)s offers here was corrected: %(mechanic)s"),
)
_RIVALS_ARE_KEPT = _("Planners and leaders keep the list of rivals.")


@dataclass(frozen=True)
class ExclusiveHold:
    """A rival whose offer forbids the merchant to run ours beside it."""

    rival: str
    until: date | None
    """The last day; none if no end is known."""


@command
def name_rival(
    rival_id: UUID,
    *,
    name: str,
    short_name: str,
    by: Actor,
    at: datetime,
    kind: str = RivalKind.BANK,
) -> Rival:
    """Add a rival. Raises NotAllowed, RuleBroken (`rival_exists`)."""
    require(policies.may_keep_rivals(by), _RIVALS_ARE_KEPT)
    return Rival.objects.create(
        pk=rival_id, name=name, short_name=short_name, kind=kind, created_at=at, updated_at=at
    )


@command
def correct_rival(
    rival_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Rival:
    """Correct a rival's names or kind. Raises NotFound, NotAllowed, RuleBroken, Stale."""
    rival = take(Rival.objects.seen_by(by), rival_id, version=version)
    require(policies.may_keep_rivals(by), _RIVALS_ARE_KEPT)
    return rival.change(at=at, **changes) if changes else rival


@command
def see_offer(
    offer_id: UUID,
    merchant_id: UUID,
    *,
    rival_id: UUID,
    by: Actor,
    at: datetime,
    **details: Any,
) -> RivalOffer:
    """Write down a rival's offer at a merchant.

    Raises NotFound, NotAllowed, InvalidInput for a day ahead on which it was seen, RuleBroken
    (`exclusive_overlaps` if two rivals were to be exclusive at once).
    """
    merchant = _merchant_to_edit(merchant_id, by)
    rival = known(Rival.objects.seen_by(by), rival_id, attr="rival")
    details.setdefault("seen_on", bank_day(at))
    _seen(details, at)
    offer = RivalOffer.objects.create(
        pk=offer_id, merchant=merchant, rival=rival, created_at=at, updated_at=at, **details
    )
    _tell(OFFER_SEEN, offer, by=by, at=at)
    return offer


@command
def correct_offer(
    offer_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> RivalOffer:
    """Correct a rival's offer, or say when it ends. The rival and the merchant stay.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale.
    """
    rows = RivalOffer.objects.seen_by(by)
    merchant_id = rows.filter(pk=offer_id).values_list("merchant_id", flat=True).first()
    take(Merchant.objects.seen_by(by), merchant_id or offer_id)
    offer = take(rows, offer_id, version=version)
    require(policies.may_edit(by, offer.merchant), _("You do not work with this merchant."))
    if not changes:
        return offer
    _seen(changes, at)
    offer.change(at=at, **changes)
    _tell(OFFER_CORRECTED, offer, by=by, at=at)
    return offer


def exclusive_until(merchant_id: UUID, *, at: datetime) -> ExclusiveHold | None:
    """Who holds the merchant exclusively, and until when; none if nobody does."""
    today = bank_day(at)
    found = (
        RivalOffer.objects.filter(merchant=merchant_id)
        .exclusive_now(today)
        .select_related("rival")
        .order_by("-ends_on")
        .first()  # An offer without an end sorts first.
    )
    return ExclusiveHold(found.rival.short_name, found.ends_on) if found else None


def bank_day(at: datetime) -> date:
    """The day of a moment, where the bank is."""
    return timezone.localdate(at, timezone.get_default_timezone())


def _merchant_to_edit(merchant_id: UUID, by: Actor) -> Merchant:
    merchant = take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_edit(by, merchant), _("You do not work with this merchant."))
    return merchant


def _seen(details: Mapping[str, Any], at: datetime) -> None:
    if "seen_on" in details and details["seen_on"] > bank_day(at):
        raise InvalidInput(
            _("An offer was seen today or before."), code="day_in_the_future", attr="seen_on"
        )


def _tell(kind: timeline.Kind, offer: RivalOffer, *, by: Actor, at: datetime) -> None:
    timeline.record(
        kind,
        merchant_id=offer.merchant_id,
        subject_id=offer.pk,
        by=by,
        at=at,
        rival=offer.rival.short_name,
        mechanic=offer.mechanic,
    )
