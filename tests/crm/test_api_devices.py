"""Phones sign in, and are shut out one by one or all at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings as ChangedSettings

from crm.actors import SYSTEM
from crm.api import authentication
from crm.domain import devices, organisation
from crm.ids import uuid7
from crm.models import Device, User
from tests.api import Phone, token_of
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

BODY = {
    "login": "ann@bank.test",
    "password": "secret-2026",
    "name": "Ann's phone",
    "platform": "android",
}


def asked(token: str) -> int:
    """The status that a phone with this token gets."""
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {token}"})
    return answer.status_code


def test_signing_in_gives_a_token_that_is_not_kept(cast: Cast) -> None:
    answer = Phone(None).post("devices/", BODY)
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token.startswith("crm_")
    device = Device.objects.get()
    assert answer.json()["device"]["id"] == str(device.pk)
    assert bytes(device.token_digest) == devices.digest(token) != token.encode()
    assert asked(token) == 200


@pytest.mark.parametrize("login", ["ANN@bank.test", " ann@bank.test ", "a1", "A1"])
def test_one_signs_in_by_address_or_number_in_any_case(login: str, cast: Cast) -> None:
    User.objects.filter(pk=cast.ann.pk).update(employee_number="A1")
    assert Phone(None).post("devices/", {**BODY, "login": login}).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"password": "wrong"}, 401),
        ({"login": "nobody@bank.test"}, 401),
        ({"password": 7}, 400),
        ({"platform": ""}, 400),
        ({"id": "7"}, 400),
        ({"admin": True}, 400),
    ],
)
def test_a_wrong_sign_in_gives_nothing(change: dict[str, Any], status: int, cast: Cast) -> None:
    answer = Phone(None).post("devices/", {**BODY, **change})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert not Device.objects.exists()


def test_an_old_token_does_not_stand_in_the_way_of_a_new_one(cast: Cast) -> None:
    phone = Phone(None)
    phone.headers["Authorization"] = "Token crm_of_last_year"
    assert phone.get("me/").status_code == 401
    assert phone.post("devices/", BODY).status_code == 201


def revoked(user: User, device: Device) -> None:
    devices.revoke(device.pk, by=user, at=timezone.now())


def idle(user: User, device: Device) -> None:
    device.change(at=timezone.now(), idle_until=timezone.now() - timedelta(seconds=1))


def old(user: User, device: Device) -> None:
    device.change(at=timezone.now(), expires_at=timezone.now() - timedelta(seconds=1))


def new_password(user: User, device: Device) -> None:
    organisation.set_password(user.pk, "another-secret-26", by=SYSTEM, at=timezone.now())


def left(user: User, device: Device) -> None:
    organisation.deactivate(user.pk, by=SYSTEM, at=timezone.now())


SHUT_OUT = [revoked, idle, old, new_password, left]


@pytest.mark.parametrize("happens", SHUT_OUT)
def test_a_phone_is_shut_out_at_once(happens: Callable[[User, Device], None], cast: Cast) -> None:
    token = token_of(cast.ann)
    assert asked(token) == 200
    happens(cast.ann, Device.objects.get())
    assert asked(token) == 401


@pytest.mark.parametrize("happens", SHUT_OUT)
def test_a_process_trusts_a_token_for_a_few_seconds_at_most(
    happens: Callable[[User, Device], None],
    cast: Cast,
    settings: ChangedSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DEVICE_TRUST_SECONDS = 3
    clock = [1000.0]
    monkeypatch.setattr(authentication.time, "monotonic", lambda: clock[0])
    token = token_of(cast.ann)
    assert asked(token) == 200
    happens(cast.ann, Device.objects.get())
    clock[0] += 2.9
    assert asked(token) == 200
    clock[0] += 0.2
    assert asked(token) == 401


def test_a_phone_lives_fourteen_days_idle_and_ninety_in_all(cast: Cast) -> None:
    token = token_of(cast.ann)
    device = Device.objects.get()
    start = device.created_at
    assert devices.holder(token, at=start + timedelta(days=13, hours=23)) is not None
    assert devices.holder(token, at=start + timedelta(days=27)) is not None, "seen in between"
    assert devices.holder(token, at=start + timedelta(days=42)) is None, "idle for 15 days"
    for day in range(28, 90, 7):
        Device.objects.filter(pk=device.pk).update(idle_until=start + timedelta(days=365))
        assert devices.holder(token, at=start + timedelta(days=day)) is not None
    assert devices.holder(token, at=start + timedelta(days=90)) is None


def test_last_seen_is_written_every_ten_minutes_and_not_at_every_request(cast: Cast) -> None:
    token = token_of(cast.ann)
    start = Device.objects.get().last_seen_at
    devices.holder(token, at=start + timedelta(minutes=9))
    assert Device.objects.get().last_seen_at == start
    devices.holder(token, at=start + timedelta(minutes=11))
    assert Device.objects.get().last_seen_at == start + timedelta(minutes=11)


def test_one_shut_out_phone_leaves_the_others(cast: Cast) -> None:
    first, second = token_of(cast.ann), token_of(cast.ann)
    device = Device.objects.get(token_digest=devices.digest(first))
    phone = Phone(None)
    phone.headers["Authorization"] = f"Token {second}"
    assert phone.send("DELETE", f"devices/{device.pk}/").json()["revoked_at"]
    assert (asked(first), asked(second)) == (401, 200)


def test_the_id_of_a_phone_is_taken_once(cast: Cast) -> None:
    body = {**BODY, "id": str(uuid7())}
    assert Phone(None).post("devices/", body).status_code == 201
    again = Phone(None).post("devices/", body)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize("token", ["", "crm_", "x" * 5000, "é", "crm_ x", "\tcrm"])
def test_a_token_that_is_none_is_refused(token: str, cast: Cast) -> None:
    assert asked(token) == 401


def test_guessing_is_slowed_down_where_it_comes_from_and_nowhere_else(cast: Cast) -> None:
    guesser, wrong = Phone(None), {**BODY, "password": "wrong"}
    statuses = [guesser.post("devices/", wrong).status_code for _ in range(11)]
    assert set(statuses[:9]) == {401}
    locked = guesser.post("devices/", wrong)
    assert (locked.status_code, locked["Content-Type"]) == (429, "application/problem+json")
    assert (locked["Retry-After"], locked.json()["retryable"]) == ("600", True)
    assert locked.json()["code"] == "too_many_attempts"
    assert set(locked.json()) >= {"type", "title", "detail", "errors", "request_id"}
    assert guesser.post("devices/", BODY).status_code == 429, "the right word comes too late"
    elsewhere = Client(REMOTE_ADDR="10.0.0.7").post(
        "/api/v1/devices/", BODY, content_type="application/json"
    )
    assert elsewhere.status_code == 201
    somebody_else = guesser.post("devices/", {**BODY, "login": "bo@bank.test"})
    assert somebody_else.status_code == 201


def test_a_browser_session_reads_and_writes_only_with_the_csrf_token(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.ann, backend="crm.authentication.EmailOrEmployeeNumberBackend")
    assert browser.get("/api/v1/me/").status_code == 200
    body = {"name": "新荣记"}
    refused = browser.post("/api/v1/merchants/", body, content_type="application/json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    browser.logout()
    browser.get("/admin/login/")
    browser.force_login(cast.ann, backend="crm.authentication.EmailOrEmployeeNumberBackend")
    sent = browser.cookies["csrf"]
    taken = browser.post(
        "/api/v1/merchants/",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": sent.value},
    )
    assert taken.status_code == 201


def test_one_person_does_not_crowd_the_others_out(cast: Cast, settings: ChangedSettings) -> None:
    settings.REQUESTS_PER_MINUTE = 5
    ann, bo = Phone(cast.ann), Phone(cast.bo)
    answers = [ann.get("meta/") for _ in range(12)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert {one["Content-Type"] for one in refused} == {"application/problem+json"}
    assert all(1 <= int(one["Retry-After"]) <= 60 for one in refused)
    assert bo.get("meta/").status_code == 200
