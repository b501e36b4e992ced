"""Who may do what with people's data, merchant numbers and the access log."""

from tests import factories
from tests.conftest import Cast
from tests.permissions import (
    ADDED_TO_MERCHANT,
    ALL,
    EDITED_MERCHANT,
    SEEN_MERCHANT,
    STRANGERS,
    WORKING,
    Row,
)

OTHERS = "fay pia otto ada"
"""Who sees the merchant, works it not and is not compliance."""
PROTECTED = {200: f"{WORKING} rui", 403: OTHERS, 404: STRANGERS}
CONSENT = {"purpose": "marketing", "text_version": "2026-01", "channel": "paper"}
NUMBER = {"acquirer": "银联商务", "mid": "898290058129999", "valid_from": "2026-11-01"}

TABLE = [
    Row("POST", "contacts/{contact}/unmask/", PROTECTED, {"reason": "call"}),
    Row("POST", "contacts/{contact}/restrict/", PROTECTED, {"because": "requested"}),
    Row(
        "POST",
        "contacts/{contact}/erase/",
        {200: "max mei rui", 403: f"ann {OTHERS}", 404: STRANGERS},
        {},
    ),
    Row("GET", "contacts/{contact}/consents/", SEEN_MERCHANT),
    Row(
        "POST",
        "contacts/{contact}/consents/",
        {201: f"{WORKING} rui", 403: OTHERS, 404: STRANGERS},
        CONSENT,
    ),
    Row("POST", "consents/{consent}/withdraw/", PROTECTED, {}),
    Row("GET", "outlets/{outlet}/identifiers/", SEEN_MERCHANT),
    Row("POST", "outlets/{outlet}/identifiers/", ADDED_TO_MERCHANT, NUMBER),
    Row("PATCH", "identifiers/{identifier}/", EDITED_MERCHANT, {"valid_to": "2026-12-31"}, '"1"'),
    Row("GET", "access-log/", {200: ALL}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """What the placeholders stand for."""
    from merchants.models import Contact, Outlet

    contact = Contact.objects.get(pk=names["contact"])
    outlet = Outlet.objects.get(pk=names["outlet"])
    return {
        "consent": str(contact.consents.get().pk),
        "identifier": str(factories.IdentifierFactory(outlet=outlet).pk),
    }
