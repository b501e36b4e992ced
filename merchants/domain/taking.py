"""Taking a contact to change it: the merchant is locked first, then the person."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import RuleBroken
from crm.locking import take
from merchants.models import Contact, ContactState, Merchant


def contact_and_merchant(
    contact_id: UUID, by: Actor, *, version: int | None = None
) -> tuple[Contact, Merchant]:
    """The person and the merchant, both locked. Raises NotFound, Stale."""
    seen = Contact.objects.seen_by(by)
    merchant_id = seen.filter(pk=contact_id).values_list("merchant_id", flat=True).first()
    merchant = take(Merchant.objects.all(), merchant_id or contact_id)
    return take(seen, contact_id, version=version), merchant


def refuse_erased(contact: Contact) -> None:
    """Raises RuleBroken: nothing happens to a person whose data are gone."""
    if contact.state == ContactState.ERASED:
        raise RuleBroken(_("This person's data were erased."), code="contact_erased")


def refuse_restricted(contact: Contact) -> None:
    """Raises RuleBroken unless the person's data may be used."""
    refuse_erased(contact)
    if contact.state == ContactState.RESTRICTED:
        raise RuleBroken(
            _("This person's data are restricted: they are only stored."),
            code="contact_restricted",
        )
