"""People at merchants: added, corrected, told how their data are handled."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, Problem
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import consents, duplicates, personal, remembered, taking, texts, timeline
from merchants.domain.consents import Agreed
from merchants.domain.retention import KEPT_AFTER_LAST_CONTACT, STATUTORY_YEARS
from merchants.domain.unmasking import notice_missing
from merchants.models import (
    ConsentChannel,
    Contact,
    ContactRole,
    DecisionPower,
    LawfulBasis,
    LegalForm,
    Merchant,
)


def _retention() -> timedelta:
    """How long a prospect's contact is kept after it was added, if nothing happens."""
    return timedelta(days=KEPT_AFTER_LAST_CONTACT.value)


CONTACT_ADDED = timeline.kind(
    "contact.added", _("Contact added"), _("Contact added (%(role)s)."), role=ContactRole
)
CONTACT_CHANGED = timeline.kind(
    "contact.changed", _("Contact changed"), _("Contact changed (%(role)s)."), role=ContactRole
)
NOTICE_GIVEN = timeline.kind(
    "contact.notice_given",
    _("Notice given"),
    _("A contact was told how we handle personal data (version %(version)s)."),
)


@command
def add_contact(
    contact_id: UUID,
    merchant_id: UUID,
    *,
    full_name: str,
    lawful_basis: str,
    by: Actor,
    at: datetime,
    role: str = ContactRole.OTHER,
    position: str = "",
    phone: str = "",
    email: str = "",
    decision_power: str = DecisionPower.UNKNOWN,
    best_from: time | None = None,
    best_until: time | None = None,
    do_not_contact: bool = False,
    notice_version: str = "",
    notice_given_at: datetime | None = None,
    retain_until: date | None = None,
    consent: Agreed | None = None,
    warn: bool = True,
) -> Contact:
    """Add a person. Where the data rest on consent, the consent is written down with them.

    `warn` is turned off for long lists, whose rows nobody could warn of a phone that we know.

    Raises NotFound, NotAllowed, InvalidInput for a phone nobody can dial, an address nobody can
    write to, a basis that cannot hold.
    """
    merchant = remembered.in_hand(merchant_id) or take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_edit(by, merchant))
    columns = _columns(
        contact_id,
        merchant,
        {
            "full_name": full_name,
            "lawful_basis": lawful_basis,
            "role": role,
            "position": position,
            "phone": phone,
            "email": email,
            "decision_power": decision_power,
            "best_from": best_from,
            "best_until": best_until,
            "do_not_contact": do_not_contact,
            "notice_version": notice_version,
            "notice_given_at": notice_given_at,
            "retain_until": retain_until or timezone.localdate(at) + _retention(),
        },
        at,
    )
    notices = [
        *duplicates.checked_phone(personal.parsed_phone(phone), merchant.pk, by=by, warn=warn)
    ]
    contact = Contact.objects.create(
        pk=contact_id, merchant=merchant, created_at=at, updated_at=at, **columns
    )
    if consent is not None or lawful_basis == LawfulBasis.CONSENT:
        given = consents.written(contact, consent or Agreed(), at=at)
        if given.channel == ConsentChannel.NOT_STATED or not given.text_version:
            notices.append(
                Problem(
                    "consent_details_missing",
                    _("Say to which text and how this person agreed."),
                    "consent",
                )
            )
    if contact.notice_given_at is None:
        notices.append(notice_missing())
    _record(CONTACT_ADDED, contact, by, at)
    contact.notices = tuple(notices)
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
    """Correct a person's details; those that are not named stay as they are.

    Raises NotFound, NotAllowed, Stale, InvalidInput, RuleBroken for a person whose data are
    restricted or erased.
    """
    contact, merchant = taking.contact_and_merchant(contact_id, by, version=version)
    require(policies.may_edit(by, merchant))
    taking.refuse_restricted(contact)
    if changes.get(
        "lawful_basis"
    ) == LawfulBasis.CONSENT != contact.lawful_basis and not consents.is_given(contact):
        raise InvalidInput(
            _("Write down the consent first."), code="consent_required", attr="lawful_basis"
        )
    if not changes:
        return contact
    columns = _columns(contact.pk, merchant, changes, at)
    phone = personal.parsed_phone(changes.get("phone", ""))
    notices = duplicates.checked_phone(phone, merchant.pk, by=by)
    contact.change(at=at, **columns)
    contact.notices = notices
    _record(CONTACT_CHANGED, contact, by, at)
    return contact


@command
def set_notice(
    contact_id: UUID, *, version: str, by: Actor, at: datetime, given_at: datetime | None = None
) -> Contact:
    """Write down that a person was told how their data are handled, by which text and when.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken for a person whose data were erased.
    """
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    require(policies.may_protect(by, merchant))
    taking.refuse_erased(contact)
    columns = _columns(
        contact.pk, merchant, {"notice_version": version, "notice_given_at": given_at or at}, at
    )
    timeline.record(
        NOTICE_GIVEN,
        merchant_id=merchant.pk,
        subject_id=contact.pk,
        by=by,
        at=at,
        version=columns["notice_version"] or "–",
    )
    return contact.change(at=at, **columns)


def _record(kind: timeline.Kind, contact: Contact, by: Actor, at: datetime) -> None:
    """Without the name or anybody's own words: the timeline outlives what we know of a person."""
    timeline.record(
        kind,
        merchant_id=contact.merchant_id,
        subject_id=contact.pk,
        by=by,
        at=at,
        role=contact.role,
    )


def _columns(pk: UUID, merchant: Merchant, values: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Contact values as they are stored. Raises InvalidInput."""
    columns = dict(values)
    if "full_name" in values:
        columns |= personal.name_columns(columns.pop("full_name"))
    if "phone" in values:
        columns |= personal.phone_columns(pk, columns.pop("phone"))
    if "email" in values:
        columns |= personal.email_columns(pk, columns.pop("email"))
    if "position" in values:
        columns["position"] = texts.line(values["position"], attr="position", longest=100)
    if "notice_version" in values:
        version = texts.line(values["notice_version"], attr="notice_version", longest=50)
        columns["notice_version"] = version
    if (told_at := values.get("notice_given_at")) is not None and told_at > at:
        raise InvalidInput(
            _("The notice cannot have been given in the future."),
            code="given_in_future",
            attr="notice_given_at",
        )
    if (last_day := values.get("retain_until")) is not None:
        _refuse_unsound_retention(last_day, timezone.localdate(at))
    sole = merchant.legal_form == LegalForm.SOLE_PROPRIETOR
    if values.get("lawful_basis") == LawfulBasis.CONTRACT and not sole:
        raise InvalidInput(
            _("An employee is not party to the merchant's contract: choose another lawful basis."),
            code="contract_needs_sole_proprietor",
            attr="lawful_basis",
        )
    return columns


def _refuse_unsound_retention(last_day: date, today: date) -> None:
    if not today <= last_day <= today + timedelta(days=366 * STATUTORY_YEARS):
        raise InvalidInput(
            _("Data are kept until a day to come, within ten years."),
            code="retain_until_out_of_range",
            attr="retain_until",
        )
