"""What administrators and watchers see of the machinery."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from crm.domain import ticking
from crm.models import Channel, Delivery, DeliveryState, Heartbeat, Resend, User
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
PAGE = "/admin/operations/"


def dead(count: int = 1, **values: Any) -> list[Delivery]:
    made: list[Delivery] = factories.DeliveryFactory.create_batch(
        count, **{"state": DeliveryState.DEAD, "failure": "smtp_550: No such mailbox", **values}
    )
    return made


def shown(browser: Client, address: str = PAGE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_heartbeat_of_this_minute_is_told_in_seconds(signed_in: SignedIn, cast: Cast) -> None:
    ticking.beat()
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=20))
    assert re.search(r"2\d s ago", shown(signed_in(cast.ada)))


def test_what_was_given_up_is_turned_page_by_page(cast: Cast, signed_in: SignedIn) -> None:
    now = timezone.now()
    rows = [
        dead(subject=f"message {number:03}", updated_at=now - timedelta(minutes=number))[0]
        for number in range(120)
    ]
    browser = signed_in(cast.ada)
    seen: list[str] = []
    address = PAGE
    for _ in range(3):
        answer = browser.get(address)
        page = answer.content.decode()
        seen += [str(row.pk) for row in rows if str(row.pk) in page]
        address = PAGE + (answer.context["older"] or "end")
    assert seen == [str(row.pk) for row in rows]
    assert address.endswith("end"), "the third page is the last"


def test_what_was_given_up_is_narrowed_by_channel(cast: Cast, signed_in: SignedIn) -> None:
    dead(subject="by mail")
    dead(subject="by inbox", channel=Channel.INBOX)
    browser = signed_in(cast.ada)
    assert {"by mail", "by inbox"} <= set(shown(browser).replace("<", ">").split(">"))
    narrowed = shown(browser, f"{PAGE}?channel=inbox")
    assert "by inbox" in narrowed
    assert "by mail" not in narrowed


@pytest.mark.parametrize(
    "asked",
    ["channel=pigeon", "before=yesterday", "before=2026-11-18T10:00:00_1", "before=%00", "before="],
)
def test_an_address_that_means_nothing_shows_the_first_page(
    asked: str, cast: Cast, signed_in: SignedIn
) -> None:
    dead(subject="by mail")
    assert "by mail" in shown(signed_in(cast.ada), f"{PAGE}?{asked}")


def test_the_page_costs_the_same_with_one_and_with_fifty(
    cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    dead(50)
    browser = signed_in(cast.ada)
    shown(browser)
    with django_assert_max_num_queries(30):
        shown(browser)


def test_sending_again_without_a_reason_changes_nothing(cast: Cast, signed_in: SignedIn) -> None:
    (row,) = dead(recipient=cast.ann)
    browser = signed_in(cast.ada)
    answer = browser.post(PAGE, {"delivery": [str(row.pk)]}, follow=True)
    assert "Say why it is sent again." in answer.content.decode()
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD
    browser.post(PAGE, {"delivery": [str(row.pk)], "because": "A new mailbox"})
    told = Resend.objects.get()
    assert (told.delivery, told.by, told.because) == (row, cast.ada, "A new mailbox")
    detail = shown(browser, f"/admin/crm/delivery/{row.pk}/change/")
    assert "A new mailbox" in detail


# --- the API ------------------------------------------------------------------------------------


def test_administrators_find_what_was_given_up_and_send_it_again(cast: Cast) -> None:
    (row,) = dead(recipient=cast.ann)
    dead(channel=Channel.INBOX)
    factories.DeliveryFactory(recipient=cast.ann)
    phone = Phone(cast.ada)
    found = phone.get("deliveries/?state=dead&channel=mail").json()["results"]
    assert [one["id"] for one in found] == [str(row.pk)]
    assert found[0]["failure"] == "smtp_550: No such mailbox"
    assert found[0]["recipient"]["id"] == str(cast.ann.pk)
    address = f"deliveries/{row.pk}/resend/"
    answer = phone.post(address, {"because": "A new mailbox"})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["revision"]) == ("queued", 2)
    again = phone.post(address, {"because": "A new mailbox"})
    assert (again.status_code, again.json()["code"]) == (409, "not_repeatable")


@pytest.mark.parametrize(
    "body", [{}, {"because": ""}, {"because": 5}, {"because": "x" * 501}, {"why": "…"}]
)
def test_sending_again_asks_for_a_reason_in_words(body: dict[str, Any], cast: Cast) -> None:
    (row,) = dead(recipient=cast.ann)
    assert Phone(cast.ann).post(f"deliveries/{row.pk}/resend/", body).status_code == 400
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD


# --- metrics ------------------------------------------------------------------------------------


def asked(client: Client, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get("/metrics", headers=headers)


@pytest.mark.parametrize("token", ["", "secret", "None"])
def test_without_a_token_of_its_own_nobody_reads_the_metrics(
    token: str, client: Client, settings: Any
) -> None:
    settings.METRICS_TOKEN = ""
    assert asked(client, token).status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "secre", "geheimnis ü"])
def test_a_wrong_token_reads_no_metrics(token: str, client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"
    answer = asked(client, token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"crm_" not in answer.content


def test_metrics_are_what_prometheus_reads(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"
    dead(2)
    factories.DeliveryFactory(next_try_at=timezone.now() - timedelta(minutes=10))
    ticking.beat()
    answer = asked(client, "secret")
    assert answer.status_code == 200
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert samples[("crm_deliveries_dead", "mail")] == 2
    assert samples[("crm_deliveries_dead", "inbox")] == 0
    assert samples[("crm_deliveries", "mail", "queued")] == 1
    assert samples[("crm_deliveries_late", "mail")] == 1
    assert samples[("crm_oldest_due_age_seconds",)] == pytest.approx(600, abs=20)
    assert samples[("crm_heartbeat_age_seconds",)] < 60
    assert samples[("crm_healthy",)] == 0


def test_the_scheduler_is_well_only_while_it_ticks_and_nothing_is_late(client: Client) -> None:
    assert client.get("/healthz/scheduler").status_code == 503
    ticking.beat()
    assert client.get("/healthz/scheduler").status_code == 200
    factories.DeliveryFactory(next_try_at=timezone.now() - timedelta(minutes=6))
    answer = client.get("/healthz/scheduler")
    assert answer.status_code == 503
    assert answer.json()["oldest_due_seconds"] > 300
