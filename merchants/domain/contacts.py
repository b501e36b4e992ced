"""People at merchants, and the shops they stand in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import credit_code, duplicates, phones, remembered, timeline
from merchants.domain.registration import found_division
from merchants.models import Contact, LawfulBasis, Merchant, Outlet

RETENTION = timedelta(days=365)
"""How long a prospect's contact is kept after it was added (a start value)."""

CONTACT_ADDED = timeline.kind(
    "contact.added", _("Contact added"), _("Contact added (%(position)s).")
)
CONTACT_CHANGED = timeline.kind(
    "contact.changed", _("Contact changed"), _("Contact changed (%(position)s).")
)
OUTLET_OPENED = timeline.kind("outlet.added", _("Outlet added"), _("Outlet “%(name)s” was added."))
OUTLET_CHANGED = timeline.kind(
    "outlet.changed", _("Outlet changed"), _("Outlet “%(name)s” was changed.")
)


def _merchant_to_edit(merchant_id: UUID, by: Actor) -> Merchant:
    merchant = remembered.in_hand(merchant_id) or take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_edit(by, merchant))
    return merchant


def _checked(merchant: Merchant, values: dict[str, Any]) -> dict[str, Any]:
    """Contact values as they are stored. Raises InvalidInput."""
    if "phone" in values:
        try:
            values["phone"] = phones.parsed(values["phone"]) if values["phone"] else ""
            values["masked_phone"] = phones.masked(values["phone"])
        except phones.BadPhone:
            raise InvalidInput(
                _("This is not a phone number."), code="phone_invalid", attr="phone"
            ) from None
    sole = merchant.credit_code is not None and credit_code.is_sole_proprietor(merchant.credit_code)
    if values.get("lawful_basis") == LawfulBasis.CONTRACT and not sole:
        raise InvalidInput(
            _("An employee is not party to the merchant's contract: choose another lawful basis."),
            code="contract_needs_sole_proprietor",
            attr="lawful_basis",
        )
    return values


@command
def add_contact(
    contact_id: UUID,
    merchant_id: UUID,
    *,
    full_name: str,
    lawful_basis: str,
    by: Actor,
    at: datetime,
    position: str = "",
    phone: str = "",
    warn: bool = True,
) -> Contact:
    """Add a person. Raises InvalidInput for a phone nobody can dial or a basis that cannot hold.

    `warn` is turned off for long lists, whose rows nobody could warn of a phone that we know.
    """
    merchant = _merchant_to_edit(merchant_id, by)
    values = _checked(
        merchant,
        {
            "full_name": full_name,
            "lawful_basis": lawful_basis,
            "position": position,
            "phone": phone,
        },
    )
    notices = duplicates.checked_phone(values["phone"], merchant.pk, by=by, warn=warn)
    contact = Contact.objects.create(
        pk=contact_id,
        merchant=merchant,
        retain_until=(at + RETENTION).date(),
        created_at=at,
        updated_at=at,
        **values,
    )
    timeline.record(
        CONTACT_ADDED,
        merchant_id=merchant.pk,
        subject_id=contact.pk,
        by=by,
        at=at,
        position=position,
    )
    contact.notices = notices
    return contact


@command
def change_contact(
    contact_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Contact:
    """Correct a person's details."""
    contact = take(Contact.objects.seen_by(by), contact_id, version=version)
    merchant = _merchant_to_edit(contact.merchant_id, by)
    values = _checked(merchant, changes)
    notices = duplicates.checked_phone(values.get("phone", ""), merchant.pk, by=by)
    contact.change(at=at, **values)
    timeline.record(
        CONTACT_CHANGED,
        merchant_id=merchant.pk,
        subject_id=contact.pk,
        by=by,
        at=at,
        position=contact.position,
    )
    contact.notices = notices
    return contact


@command
def open_outlet(
    outlet_id: UUID,
    merchant_id: UUID,
    *,
    name: str,
    by: Actor,
    at: datetime,
    division: str = "",
    address: str = "",
) -> Outlet:
    """Add a shop to a merchant."""
    merchant = _merchant_to_edit(merchant_id, by)
    outlet = Outlet.objects.create(
        pk=outlet_id,
        merchant=merchant,
        name=name,
        division=found_division(division),
        address=address,
        created_at=at,
        updated_at=at,
    )
    timeline.record(
        OUTLET_OPENED,
        merchant_id=merchant.pk,
        subject_id=outlet.pk,
        by=by,
        at=at,
        name=name,
    )
    return outlet


@command
def change_outlet(
    outlet_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Outlet:
    """Correct a shop's details."""
    outlet = take(Outlet.objects.seen_by(by), outlet_id, version=version)
    merchant = _merchant_to_edit(outlet.merchant_id, by)
    if "division" in changes:
        changes["division"] = found_division(changes["division"])
    outlet.change(at=at, **changes)
    timeline.record(
        OUTLET_CHANGED,
        merchant_id=merchant.pk,
        subject_id=outlet.pk,
        by=by,
        at=at,
        name=outlet.name,
    )
    return outlet
