"""The pages and addresses by which administrators keep webhooks."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from crm.domain import webhook_calls, webhook_endpoints, webhooks
from crm.ids import uuid7
from crm.models import Delivery, DeliveryState, Resend, WebhookEndpoint
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

LIST = reverse("admin:crm_webhookendpoint_changelist")
ADD = reverse("admin:crm_webhookendpoint_add")


@pytest.fixture
def endpoint(cast: Cast, at: datetime) -> WebhookEndpoint:
    return listen(cast, at)


def listen(cast: Cast, at: datetime) -> WebhookEndpoint:
    made, _secret = webhook_endpoints.add(
        uuid7(),
        url=f"https://hooks.bank.example/{uuid7()}",
        unit_id=cast.shanghai.pk,
        description="数据仓库",
        by=cast.ada,
        at=at,
    )
    return made


def told(endpoint: WebhookEndpoint, cast: Cast, at: datetime, **values: Any) -> Delivery:
    webhooks.publish("lead.moved", {}, unit_id=cast.xuhui.pk, at=at)
    row = endpoint.deliveries.filter(kind="lead.moved").latest("created_at", "pk")
    Delivery.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def page(endpoint: WebhookEndpoint, name: str = "change") -> str:
    return reverse(f"admin:crm_webhookendpoint_{name}", args=[endpoint.pk])


def test_the_secret_stands_on_one_page_and_on_no_other(
    cast: Cast, signed_in: Callable[..., Client]
) -> None:
    browser = signed_in(cast.ada)
    given = {
        "url": "https://hooks.bank.example/crm",
        "unit": str(cast.shanghai.pk),
        "description": "数据仓库",
        "kinds": ["lead.moved", "lead.opened"],
    }
    shown = browser.post(ADD, given)
    assert shown.status_code == 200
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.kinds == ["lead.moved", "lead.opened"]
    [secret] = webhook_calls.valid_secrets(endpoint, at=timezone.now())
    assert secret in shown.content.decode().replace("&#x2B;", "+")
    assert "no-store" in shown["Cache-Control"]
    assert secret not in str(dict(browser.session)) + str(browser.cookies)
    for address in (LIST, page(endpoint)):
        again = browser.get(address)
        assert again.status_code == 200
        assert "whsec_" not in again.content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"url": "http://hooks.bank.example/"}, "Write an address like"),
        ({"url": "https://10.0.0.1/"}, "our own network"),
        ({"url": ""}, "This field is required"),
        ({"kinds": ["lead.flew"]}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_form(
    cast: Cast, signed_in: Callable[..., Client], given: dict[str, Any], sentence: str
) -> None:
    sound = {"url": "https://hooks.bank.example/", "unit": str(cast.shanghai.pk)}
    shown = signed_in(cast.ada).post(ADD, {**sound, **given})
    assert shown.status_code == 200
    assert sentence in shown.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_a_new_secret_is_shown_once_and_the_form_cannot_make_two(
    cast: Cast, signed_in: Callable[..., Client], endpoint: WebhookEndpoint
) -> None:
    browser = signed_in(cast.ada)
    assert "whsec_" not in browser.get(page(endpoint, "rotate")).content.decode()
    shown = browser.post(page(endpoint, "rotate"), {"version": 1})
    assert re.search("whsec_", shown.content.decode())
    assert "no-store" in shown["Cache-Control"]
    again = browser.post(page(endpoint, "rotate"), {"version": 1})
    assert "Somebody changed this" in again.content.decode()
    endpoint.refresh_from_db()
    assert endpoint.version == 2


def test_the_buttons_do_what_they_say(
    cast: Cast, signed_in: Callable[..., Client], endpoint: WebhookEndpoint, at: datetime
) -> None:
    browser = signed_in(cast.ada)
    assert browser.post(page(endpoint, "ping"), {}).status_code == 302
    ping = endpoint.deliveries.get()
    assert ping.kind == "webhook.ping"
    sent = told(endpoint, cast, at, state=DeliveryState.SENT, sent_at=at)
    one = f"{page(endpoint, 'replay-one')}?delivery={sent.pk}"
    assert one in browser.get(page(endpoint)).content.decode()
    assert browser.post(one, {"because": "丢了"}).status_code == 302
    assert Resend.objects.get().delivery == sent
    span = {"since": "2026-11-18T00:00", "until": "2026-11-19T00:00", "because": "丢了"}
    Delivery.objects.filter(pk=sent.pk).update(state=DeliveryState.SENT, sent_at=at)
    assert browser.post(page(endpoint, "replay"), span).status_code == 302
    sent.refresh_from_db()
    assert sent.revision == 3
    assert browser.post(page(endpoint, "disable"), {"because": "迁移"}).status_code == 302
    shown = browser.get(page(endpoint)).content.decode()
    assert "迁移" in shown
    assert one not in shown
    assert browser.post(page(endpoint, "enable"), {"send_missed": "on"}).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


@pytest.mark.parametrize("name", ["change", "ping", "rotate", "replay", "disable", "enable"])
@pytest.mark.parametrize("who", ["ann", "mei", "otto"])
def test_nobody_else_finds_the_pages(
    cast: Cast, signed_in: Callable[..., Client], endpoint: WebhookEndpoint, who: str, name: str
) -> None:
    answer = signed_in(cast.named(who)).get(page(endpoint, name))
    assert answer.status_code in (302, 403, 404)
    assert "hooks.bank.example" not in answer.content.decode()


@pytest.mark.parametrize(
    "delivery", ["", "x", "01a20000-0000-7000-8000-000000000000"], ids=["none", "no-id", "unknown"]
)
def test_a_message_that_is_none_is_not_found(
    cast: Cast, signed_in: Callable[..., Client], endpoint: WebhookEndpoint, delivery: str
) -> None:
    answer = signed_in(cast.ada).get(f"{page(endpoint, 'replay-one')}?delivery={delivery}")
    assert answer.status_code == 404


def test_the_log_is_read_page_by_page(
    cast: Cast, signed_in: Callable[..., Client], endpoint: WebhookEndpoint, at: datetime
) -> None:
    rows = [told(endpoint, cast, at + timedelta(minutes=n // 2)) for n in range(45)]
    browser, address, seen = signed_in(cast.ada), page(endpoint), []
    while address:
        shown = browser.get(address).context
        seen += [one["row"].pk for one in shown["told"]]
        address = f"{page(endpoint)}?before={shown['older']}" if shown["older"] else ""
    newest_first = sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)
    assert seen == [row.pk for row in newest_first]
    assert browser.get(f"{page(endpoint)}?before=nonsense").status_code == 200


def test_the_list_costs_the_same_however_many_listen(
    cast: Cast, signed_in: Callable[..., Client], at: datetime, same_queries: Callable[..., int]
) -> None:
    browser = signed_in(cast.ada)
    told(listen(cast, at), cast, at)

    def grow() -> None:
        for _ in range(5):
            told(listen(cast, at), cast, at)

    same_queries(lambda: browser.get(LIST), after=grow, at_most=20)


# --- the API ----------------------------------------------------------------------------------


def test_the_api_gives_a_secret_that_verifies_what_is_signed(cast: Cast) -> None:
    phone = Phone(cast.ada)
    made = phone.post(
        "webhooks/",
        {"url": "https://hooks.bank.example/", "unit": str(cast.xuhui.pk), "kinds": []},
    )
    assert made.status_code == 201, made.content
    answer = made.json()
    assert made["Cache-Control"] == "no-store"
    endpoint = WebhookEndpoint.objects.get(pk=answer["webhook"]["id"])
    delivery = webhook_endpoints.ping(endpoint.pk, by=cast.ada, at=timezone.now())
    headers = webhook_calls.headers(delivery, endpoint, at=timezone.now())
    said = Webhook(answer["secret"]).verify(delivery.text, headers)
    assert said["type"] == "webhook.ping"
    read = phone.get(f"webhooks/{endpoint.pk}/")
    assert "whsec_" not in read.content.decode()
    assert "secret" not in read.json()


def test_a_repeated_making_makes_one(cast: Cast) -> None:
    phone, given = (
        Phone(cast.ada),
        {
            "id": str(uuid7()),
            "url": "https://hooks.bank.example/",
            "unit": str(cast.xuhui.pk),
        },
    )
    assert phone.post("webhooks/", given).status_code == 201
    again = phone.post("webhooks/", given)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "ftp://x"}, "webhook_address_invalid"),
        ({"kinds": ["x"]}, "webhook_kind_unknown"),
        ({"kinds": "lead.moved"}, "not_a_list"),
        ({"secret": "mine"}, "unknown_field"),
        ({"url": None}, "null"),
        ({"description": "\0"}, "nul_character"),
    ],
)
def test_bad_changes_are_refused_with_a_code(
    cast: Cast, endpoint: WebhookEndpoint, body: dict[str, Any], code: str
) -> None:
    answer = Phone(cast.ada).patch(f"webhooks/{endpoint.pk}/", body, if_match='"1"')
    assert answer.status_code in (400, 409, 422)
    assert answer.json()["errors"][0]["code"] == code


def test_the_log_of_a_webhook_is_filtered(
    cast: Cast, endpoint: WebhookEndpoint, at: datetime
) -> None:
    dead = told(endpoint, cast, at, state=DeliveryState.DEAD, failure="http_500: no")
    told(endpoint, cast, at, state=DeliveryState.SENT, sent_at=at)
    listed = Phone(cast.ada).get(f"webhooks/{endpoint.pk}/deliveries/?state=dead").json()
    [one] = listed["results"]
    assert (one["id"], one["failure"]) == (str(dead.pk), "http_500: no")


def test_the_kinds_are_named_in_the_readers_words(cast: Cast) -> None:
    kinds = Phone(cast.ann).get("webhook-events/").json()["kinds"]
    named = {one["name"]: one["label"] for one in kinds}
    assert named["lead.moved"] == "Stage changed"
    assert named["webhook.ping"] == "Test message"


def test_the_schema_tells_what_a_listening_system_is_sent() -> None:
    from crm.api.schema import Generator

    described = Generator(api_version="1.0.0").get_schema(public=True)
    body = described["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]
    component = body["schema"]["$ref"].rsplit("/", 1)[1]
    assert set(described["components"]["schemas"][component]["properties"]) == {
        "type",
        "timestamp",
        "data",
    }
