"""Quick capture: a new merchant, the person one met, and the lead, in one go or not at all.

Everything goes the way it always goes: the merchant through registration, which asks the duplicates
service (whoever is known already is refused and named as that service names them, a similar name is
only said), the person with a lawful basis, the lead with its first stage.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.ids import uuid7
from crm.models import User
from leads.domain import pipeline
from leads.models import Lead, LeadSource
from merchants.domain import contacts, registration, remembered
from merchants.domain.consents import Agreed
from merchants.domain.registration import Details
from merchants.models import ContactRole, MerchantSource


@dataclass(frozen=True)
class Person:
    """Whom one met at the merchant, as a door hands them in. A phone needs a lawful basis."""

    full_name: str = ""
    phone: str = ""
    lawful_basis: str = ""
    role: str = ContactRole.OTHER
    position: str = ""
    consent: Agreed | None = None

    @property
    def is_named(self) -> bool:
        return bool(self.full_name or self.phone)


@command
def capture(
    lead_id: UUID,
    details: Details,
    *,
    unit_id: UUID,
    owner: User | None,
    by: Actor,
    at: datetime,
    source: str = LeadSource.FIELD,
    person: Person | None = None,
    expected_value_fen: int | None = None,
) -> Lead:
    """Register a merchant, with whom one met there, and begin to pursue it.

    The merchant keeps where it was heard of and when that was read; what one saw oneself was read
    today. The lead's notices say what there is to say of merchant, person and lead.

    Raises NotAllowed if the actor does not sell for the unit, InvalidInput for details that make no
    sense, RuleBroken with code `merchant_exists` (or `phone_exists`) if we know the merchant
    already; then nothing is written.
    """
    if person is not None and person.is_named:
        _refuse_nameless(person)
    merchant = registration.register(
        uuid7(), _sourced(details, source, at), unit_id=unit_id, owner=owner, by=by, at=at
    )
    notices = list(merchant.notices)
    if person is not None and person.is_named:
        with remembered.just_made(merchant):
            contact = contacts.add_contact(
                uuid7(),
                merchant.pk,
                full_name=person.full_name,
                phone=person.phone,
                lawful_basis=person.lawful_basis,
                role=person.role,
                position=person.position,
                consent=person.consent,
                by=by,
                at=at,
            )
        notices += contact.notices
    lead = pipeline.open_lead(
        lead_id,
        merchant.pk,
        source=source,
        expected_value_fen=expected_value_fen,
        owner=owner,
        by=by,
        at=at,
    )
    lead.notices = (*notices, *lead.notices)
    return lead


def _sourced(details: Details, source: str, at: datetime) -> Details:
    """The merchant's source follows the lead's; what nobody read in a register was seen today."""
    if source in MerchantSource.values:
        details = replace(details, source=MerchantSource(source))
    if details.accessed_on is None and details.source != MerchantSource.PUBLIC_REGISTRY:
        details = replace(details, accessed_on=timezone.localdate(at))
    return details


def _refuse_nameless(person: Person) -> None:
    if not person.full_name.strip():
        raise InvalidInput(
            _("Say whose phone this is."), code="contact_name_required", attr="full_name"
        )
    if not person.lawful_basis:
        raise InvalidInput(
            _("Say on which lawful basis we may hold this person's data."),
            code="lawful_basis_required",
            attr="lawful_basis",
        )
