"""Consents: given, and as easily taken back (PIPL Art. 14–16)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, NotFound
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import taking, texts, timeline
from merchants.models import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Contact,
    ContactState,
    LawfulBasis,
    RestrictionReason,
)

GIVEN = timeline.kind(
    "contact.consent_given",
    _("Consent given"),
    _("A contact agreed to: %(purpose)s."),
    purpose=ConsentPurpose,
)
WITHDRAWN = timeline.kind(
    "contact.consent_withdrawn",
    _("Consent withdrawn"),
    _("A contact took back the consent to: %(purpose)s."),
    purpose=ConsentPurpose,
)


@dataclass(frozen=True)
class Agreed:
    """What a person agreed to, as a door hands it in. With no moment given, it was just now."""

    purpose: str = ConsentPurpose.COOPERATION
    text_version: str = ""
    channel: str = ConsentChannel.NOT_STATED
    words: str = ""
    given_at: datetime | None = None


@command
def give_consent(
    consent_id: UUID, contact_id: UUID, agreed: Agreed, *, by: Actor, at: datetime
) -> Consent:
    """Write down that a person agreed. Somebody who was restricted for want of consent is active
    again.

    Raises NotFound, NotAllowed, InvalidInput for a moment to come, RuleBroken with code
    `consent_exists` or `contact_erased`.
    """
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    require(policies.may_protect(by, merchant))
    taking.refuse_erased(contact)
    consent = written(contact, agreed, at=at, consent_id=consent_id)
    if (
        contact.restricted_because == RestrictionReason.CONSENT_WITHDRAWN
        and contact.lawful_basis == LawfulBasis.CONSENT
    ):
        contact.change(at=at, state=ContactState.ACTIVE, restricted_because="")
    timeline.record(
        GIVEN,
        merchant_id=merchant.pk,
        subject_id=contact.pk,
        by=by,
        at=at,
        purpose=consent.purpose,
    )
    return consent


def written(
    contact: Contact, agreed: Agreed, *, at: datetime, consent_id: UUID | None = None
) -> Consent:
    """The consent as a row, inside a verb that has decided it. Raises InvalidInput."""
    given_at = agreed.given_at or at
    if given_at > at:
        raise InvalidInput(
            _("A consent cannot have been given in the future."),
            code="given_in_future",
            attr="given_at",
        )
    return Consent.objects.create(
        pk=consent_id or uuid7(),
        contact=contact,
        purpose=agreed.purpose,
        text_version=texts.line(agreed.text_version, attr="text_version", longest=50),
        channel=agreed.channel,
        words=texts.line(agreed.words, attr="words", longest=300),
        given_at=given_at,
        created_at=at,
        updated_at=at,
    )


@command
def withdraw_consent(consent_id: UUID, *, by: Actor, at: datetime) -> Consent:
    """Take a consent back. When a person's data rest on consent and none is left, they are
    restricted. Withdrawing twice is withdrawing once.

    Raises NotFound, NotAllowed.
    """
    seen = Consent.objects.seen_by(by)
    contact_id = seen.filter(pk=consent_id).values_list("contact_id", flat=True).first()
    if contact_id is None:
        raise NotFound(_("There is no such row."))
    contact, merchant = taking.contact_and_merchant(contact_id, by)
    consent = take(seen, consent_id)
    require(policies.may_protect(by, merchant))
    if consent.withdrawn_at is not None:
        return consent
    consent.change(at=at, withdrawn_at=at)
    timeline.record(
        WITHDRAWN,
        merchant_id=merchant.pk,
        subject_id=contact.pk,
        by=by,
        at=at,
        purpose=consent.purpose,
    )
    rests_on_it = contact.lawful_basis == LawfulBasis.CONSENT
    if contact.state == ContactState.ACTIVE and rests_on_it and not is_given(contact):
        contact.change(
            at=at,
            state=ContactState.RESTRICTED,
            restricted_because=RestrictionReason.CONSENT_WITHDRAWN,
        )
    return consent


def is_given(contact: Contact) -> bool:
    """Whether a person agrees to anything at present."""
    return Consent.objects.living().filter(contact=contact).exists()
