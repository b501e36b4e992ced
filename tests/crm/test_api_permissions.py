"""Who may do what through the API: every operation against the whole cast, as one table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from crm.domain import devices
from crm.ids import uuid7
from crm.models import Channel, Notification
from tests import factories
from tests.api import Phone
from tests.conftest import EVERYBODY, Cast

pytestmark = pytest.mark.django_db

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
    Row("GET", "me/", {200: ALL}),
    Row("GET", "units/", {200: ALL}),
    Row("GET", "users/", {200: ALL}),
    Row("GET", "notifications/", {200: ALL}),
    Row("POST", "notifications/{notification}/read/", ANNS_OWN),
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
    Row("POST", "leads/{lead}/advance/", WORKED_LEAD, {"to": "qualified"}),
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


@pytest.fixture
def names(cast: Cast) -> dict[str, str]:
    """What the table's placeholders stand for."""
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
        "bo": cast.bo.pk,
    }
    return {
        **{name: str(pk) for name, pk in rows.items()},
        "now": now.isoformat(),
        "soon": (now + timedelta(hours=1)).isoformat(),
    }


class Undone(Exception):
    """Takes back what one person did, before the next one tries."""


def filled(value: Any, names: dict[str, str]) -> Any:
    text = orjson.dumps(value).decode()
    for name, meant in names.items():
        text = text.replace(f"{{{name}}}", meant)
    return orjson.loads(text)


def attempts(row: Row, cast: Cast, names: dict[str, str]) -> Iterator[tuple[str, Any, Phone]]:
    """Everybody's answer, each on untouched rows."""
    for name in EVERYBODY:
        phone = Phone(cast.named(name))
        try:
            with transaction.atomic():
                answer = phone.send(
                    row.method,
                    filled(row.path, names),
                    filled(row.body, names),
                    if_match=row.if_match,
                )
                raise Undone
        except Undone:
            yield name, answer, phone


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_everybody_gets_what_the_table_says(row: Row, cast: Cast, names: dict[str, str]) -> None:
    got, said = {}, {}
    for name, answer, phone in attempts(row, cast, names):
        got[name], said[name] = answer.status_code, row.status_for(name)
        if answer.status_code == 404:
            assert_like_missing(answer, phone, row, names)
    assert got == said


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_nobody_gets_in_without_a_token(row: Row, cast: Cast, names: dict[str, str]) -> None:
    answer = Phone(None).send(row.method, filled(row.path, names), filled(row.body, names))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json()["code"] == "not_authenticated"


def assert_like_missing(answer: Any, phone: Phone, row: Row, names: dict[str, str]) -> None:
    """What one may not know of answers, byte for byte, like what does not exist."""
    noun = row.path.split("{")[1].split("}")[0]
    missing = phone.send(
        row.method,
        filled(row.path, {**names, noun: str(uuid7())}),
        filled(row.body, names),
        if_match=row.if_match,
    )
    assert missing.status_code == 404
    assert without_names(answer) == without_names(missing)


def without_names(answer: Any) -> bytes:
    problem = answer.json()
    request_id, address = problem["request_id"], problem["instance"]
    return bytes(answer.content.replace(request_id.encode(), b"").replace(address.encode(), b""))


def test_the_table_has_a_row_for_every_operation() -> None:
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    offered = {
        (method.upper(), pattern.removeprefix("/api/v1/").replace("{id}", "{}"))
        for pattern, methods in described.items()
        for method in methods
    }
    listed = {
        (row.method, "{}".join(part.split("}")[-1] for part in row.path.split("{")))
        for row in TABLE
    }
    assert offered - listed == {("POST", "devices/")}, "signing in has tests of its own"
    assert listed <= offered
