"""A person's name, phone and e-mail as they are stored: checked, masked, sealed, indexed."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from crm import sealing
from crm.errors import InvalidInput
from crm.models import SealedField
from merchants.domain import masking, phones, texts
from merchants.models import Contact
from merchants.models.contact import SHORTEST_TAIL, blind_email, blind_phone, blind_tail

LONGEST_NAME = 100
LONGEST_EMAIL = 254


def name_columns(full_name: str) -> dict[str, Any]:
    """The name and what is shown of it. Raises InvalidInput if there is none."""
    name = texts.line(full_name, attr="full_name", longest=LONGEST_NAME)
    if not name:
        raise InvalidInput(_("A contact needs a name."), code="name_required", attr="full_name")
    return {"full_name": name, "masked_name": masking.name(name)}


def parsed_phone(raw: str) -> str:
    """The phone in the form in which it is stored, if there is one. Raises InvalidInput."""
    try:
        text = texts.line(raw, attr="phone", longest=40)
        return phones.parsed(text) if text else ""
    except phones.BadPhone:
        raise InvalidInput(
            _("This is not a phone number."), code="phone_invalid", attr="phone"
        ) from None


def phone_columns(pk: UUID, raw: str) -> dict[str, Any]:
    """The phone sealed for this row, its mask and what finds it. Raises InvalidInput."""
    phone = parsed_phone(raw)
    digits = phone.removeprefix("+")
    return {
        "phone_sealed": _column("phone_sealed").sealed(phone, pk),
        "phone_index": blind_phone(phone) if phone else None,
        "phone_tails": [
            blind_tail(digits[-length:]) for length in range(SHORTEST_TAIL, len(digits) + 1)
        ],
        "masked_phone": phones.masked(phone),
        "sealed_under": sealing.generation(),
    }


def email_columns(pk: UUID, raw: str) -> dict[str, Any]:
    """The e-mail address sealed for this row, its mask and what finds it. Raises InvalidInput."""
    address = texts.line(raw, attr="email", longest=LONGEST_EMAIL)
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise InvalidInput(
                _("This is not an e-mail address."), code="email_invalid", attr="email"
            ) from None
    return {
        "email_sealed": _column("email_sealed").sealed(address, pk),
        "email_index": blind_email(address.lower()) if address else None,
        "masked_email": masking.email(address),
        "sealed_under": sealing.generation(),
    }


def sealed_anew(contact: Contact) -> dict[str, Any]:
    """What is sealed and indexed, under the keys of today. Raises CannotOpen."""
    return {
        **phone_columns(contact.pk, contact.open_phone()),
        **email_columns(contact.pk, contact.open_email()),
    }


def nothing() -> dict[str, Any]:
    """The columns of somebody whose data are erased."""
    return {
        "full_name": "",
        "masked_name": masking.ERASED,
        "position": "",
        "phone_sealed": None,
        "phone_index": None,
        "phone_tails": [],
        "masked_phone": "",
        "email_sealed": None,
        "email_index": None,
        "masked_email": "",
        "sealed_under": "",
    }


def _column(name: str) -> SealedField:
    column = Contact._meta.get_field(name)
    assert isinstance(column, SealedField)
    return column
