"""Who may do what through the API: every operation against the whole cast, room by room.

A room's own table is a module `permissions_<subject>.py` beside its tests, with `TABLE` and
`things(cast, names)`: what the placeholders of its paths and bodies stand for.
"""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from crm.domain import devices, files
from crm.ids import uuid7
from crm.models import Channel, Notification
from tests import factories
from tests.conftest import EVERYBODY, Cast

ALL = " ".join(EVERYBODY)
SELLERS = "ann bo max mei sam"
WORKING = "ann max mei"
"""Who works Ann's merchant and lead."""
READING = "fay rui pia otto ada"
"""Who sees merchants without selling."""
OVERSEEING = "rui otto ada"
"""Who sees leads without working them."""
STRANGERS = "bo sam nia"


@dataclass(frozen=True)
class Row:
    """One operation: what is sent, and who gets which answer. Nobody at all always gets 401."""

    method: str
    path: str
    expected: dict[int, str]
    body: Any = None
    if_match: str = ""

    def status_for(self, name: str) -> int:
        found = [status for status, names in self.expected.items() if name in names.split()]
        assert len(found) == 1, f"{self} must say once what {name} gets"
        return found[0]


SEEN_MERCHANT = {200: f"{WORKING} {READING}", 404: STRANGERS}
EDITED_MERCHANT = {200: WORKING, 403: READING, 404: STRANGERS}
ADDED_TO_MERCHANT = {201: WORKING, 403: READING, 404: STRANGERS}
SEEN_LEAD = {200: f"{WORKING} {OVERSEEING}", 404: f"{STRANGERS} fay pia"}
WORKED_LEAD = {200: WORKING, 403: OVERSEEING, 404: f"{STRANGERS} fay pia"}
NAMED_LEAD = {201: WORKING, 403: OVERSEEING, 400: f"{STRANGERS} fay pia"}
WORKED_FOLLOW_UP = {200: WORKING, 403: READING, 404: STRANGERS}
ANNS_OWN = {200: "ann", 404: ALL.replace("ann ", "")}

TABLE = [
    Row("GET", "devices/", {200: ALL}),
    Row("DELETE", "devices/{device}/", ANNS_OWN),
    # What is sent is no file, and everybody may be told so; test_files.py sends some.
    Row("POST", "files/", {400: ALL}, {}),
    Row("GET", "files/{file}/", ANNS_OWN),
    Row("GET", "files/{file}/content/", ANNS_OWN),
    Row("GET", "me/", {200: ALL}),
    Row("GET", "units/", {200: ALL}),
    Row("GET", "users/", {200: ALL}),
    Row("GET", "notifications/", {200: ALL}),
    Row("POST", "notifications/{notification}/read/", ANNS_OWN),
    Row("GET", "parameters/", {200: ALL}),
    Row("GET", "parameters/changes/", {200: ALL}),
    Row(
        "POST",
        "parameters/changes/",
        # Whoever may change numbers is told that there is none of this name.
        {400: "ada", 403: ALL.replace("ada ", "")},
        {"name": "tests.nothing", "value": "1", "because": "…"},
    ),
    Row("GET", "meta/", {200: ALL}),
    Row("GET", "reports/pipeline/", {200: ALL}),
    Row("GET", "merchants/", {200: ALL}),
    Row("POST", "merchants/", {201: SELLERS, 403: f"{READING} nia"}, {"name": "新荣记"}),
    Row("GET", "merchants/{merchant}/", SEEN_MERCHANT),
    Row("PATCH", "merchants/{merchant}/", EDITED_MERCHANT, {"name": "新荣记"}, '"1"'),
    Row("GET", "merchants/{merchant}/timeline/", SEEN_MERCHANT),
    Row("GET", "merchants/{merchant}/outlets/", SEEN_MERCHANT),
    Row("POST", "merchants/{merchant}/outlets/", ADDED_TO_MERCHANT, {"name": "外滩店"}),
    Row("GET", "merchants/{merchant}/contacts/", SEEN_MERCHANT),
    Row(
        "POST",
        "merchants/{merchant}/contacts/",
        ADDED_TO_MERCHANT,
        {"full_name": "李四", "lawful_basis": "consent"},
    ),
    Row("GET", "outlets/{outlet}/", SEEN_MERCHANT),
    Row("PATCH", "outlets/{outlet}/", EDITED_MERCHANT, {"address": "南京西路 1 号"}, '"1"'),
    Row("GET", "contacts/{contact}/", SEEN_MERCHANT),
    Row("PATCH", "contacts/{contact}/", EDITED_MERCHANT, {"position": "经理"}, '"1"'),
    Row("GET", "leads/", {200: ALL}),
    Row(
        "POST",
        "leads/",
        {201: "ann bo max mei", 403: READING, 400: "sam nia"},
        {"merchant": "{free}"},
    ),
    Row("GET", "leads/stats/", {200: ALL}),
    Row("GET", "leads/{lead}/", SEEN_LEAD),
    Row("PATCH", "leads/{lead}/", WORKED_LEAD, {"source": "referral"}, '"1"'),
    Row("POST", "leads/{lead}/advance/", WORKED_LEAD, {"to": "lost", "lost_reason": "rival"}),
    Row(
        "POST",
        "leads/{lead}/assign/",
        # A colleague whom one may not know of is refused before the lead is looked at.
        {200: "max mei", 403: OVERSEEING, 404: "bo fay pia", 400: "ann sam nia"},
        {"owner": "{bo}"},
    ),
    Row("GET", "leads/{lead}/ways/", SEEN_LEAD),
    Row("GET", "leads/{lead}/timeline/", SEEN_LEAD),
    Row("GET", "activities/", {200: ALL}),
    Row(
        "POST",
        "activities/",
        NAMED_LEAD,
        {
            "merchant": "{merchant}",
            "lead": "{lead}",
            "kind": "call",
            "summary": "…",
            "occurred_at": "{now}",
        },
    ),
    Row("GET", "activities/{activity}/", SEEN_MERCHANT),
    Row("GET", "follow-ups/", {200: ALL}),
    Row(
        "POST",
        "follow-ups/",
        NAMED_LEAD,
        {"merchant": "{merchant}", "lead": "{lead}", "title": "送方案", "due_at": "{soon}"},
    ),
    Row("GET", "follow-ups/{follow_up}/", SEEN_MERCHANT),
    Row("POST", "follow-ups/{follow_up}/done/", WORKED_FOLLOW_UP, {}),
    Row("POST", "follow-ups/{follow_up}/snooze/", WORKED_FOLLOW_UP, {"until": "{soon}"}),
    Row("POST", "follow-ups/{follow_up}/cancel/", WORKED_FOLLOW_UP, {}),
    Row("GET", "today/", {200: ALL}),
]

ROOMS = [
    import_module(".".join(path.relative_to(Path(__file__).parents[1]).with_suffix("").parts))
    for path in sorted(Path(__file__).parent.glob("*/permissions_*.py"))
]


def whole_table() -> list[Row]:
    """The kernel's rows and every room's."""
    return [*TABLE, *(row for room in ROOMS for row in room.TABLE)]


def placeholders(cast: Cast, row: Row) -> dict[str, str]:
    """What the placeholders of a row stand for. A room's things are made for its own rows only:
    making all of them for every row took a third of the whole check."""
    names = _common(cast)
    for room in ROOMS:
        if row in room.TABLE:
            names |= room.things(cast, names)
    return names


def _common(cast: Cast) -> dict[str, str]:
    """What rows of every room may speak of."""
    factories.CategoryFactory()
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    line = Notification.objects.create(
        delivery=factories.DeliveryFactory(recipient=cast.ann, channel=Channel.INBOX),
        recipient=cast.ann,
        kind="follow_up_due",
        title="送方案",
    )
    now = timezone.now()
    phone, _token = devices.register(uuid7(), name="Phone", platform="ios", by=cast.ann, at=now)
    rows: dict[str, UUID] = {
        "merchant": merchant.pk,
        "free": factories.MerchantFactory(unit=cast.xuhui).pk,
        "outlet": factories.OutletFactory(merchant=merchant).pk,
        "contact": factories.ContactFactory(merchant=merchant).pk,
        "lead": lead.pk,
        "activity": factories.ActivityFactory(merchant=merchant, lead=lead).pk,
        "follow_up": factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.ann).pk,
        "notification": line.pk,
        "device": phone.pk,
        "file": files.keep("执照.pdf", b"%PDF-1.7", kinds=(files.PDF,), by=cast.ann, at=now).pk,
        "bo": cast.bo.pk,
    }
    return {
        **{name: str(pk) for name, pk in rows.items()},
        "now": now.isoformat(),
        "soon": (now + timedelta(hours=1)).isoformat(),
    }
