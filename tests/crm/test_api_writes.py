"""Writes can be repeated and never overrun anybody: Idempotency-Key, If-Match, ETag."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from crm.domain import answers
from crm.models import GivenAnswer
from leads.models import Lead
from merchants.models import Merchant
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def test_the_same_key_acts_once_and_answers_the_same_bytes(cast: Cast, merchant: Any) -> None:
    phone, body = Phone(cast.ann), {"merchant": str(merchant.pk)}
    first = phone.post("leads/", body, key="one")
    again = phone.post("leads/", body, key="one")
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert (again["ETag"], again["Content-Type"]) == (first["ETag"], first["Content-Type"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Lead.objects.count() == 1


def test_without_a_key_a_repeated_request_acts_again(cast: Cast, merchant: Any) -> None:
    phone, body = Phone(cast.ann), {"merchant": str(merchant.pk)}
    assert phone.post("leads/", body).status_code == 201
    assert phone.post("leads/", body).status_code == 409


def test_the_same_key_for_another_request_is_refused(cast: Cast, merchant: Any) -> None:
    phone = Phone(cast.ann)
    phone.post("leads/", {"merchant": str(merchant.pk)}, key="one")
    other = phone.post("leads/", {"merchant": str(merchant.pk), "source": "branch"}, key="one")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    elsewhere = phone.post("activities/", {"merchant": str(merchant.pk)}, key="one")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("body", "status"), [({"merchant": "{merchant}"}, 409), ({"merchant": "?"}, 400)]
)
def test_a_refusal_is_repeated_as_well(
    body: dict[str, str], status: int, cast: Cast, merchant: Any
) -> None:
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    body = {name: value.replace("{merchant}", str(merchant.pk)) for name, value in body.items()}
    phone = Phone(cast.ann)
    first = phone.post("leads/", body, key="one")
    lead.delete()
    again = phone.post("leads/", body, key="one")
    assert first.status_code == again.status_code == status
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"


def test_a_bug_is_not_remembered(
    cast: Cast, merchant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, body = Phone(cast.ann), {"merchant": str(merchant.pk)}
    with monkeypatch.context() as broken:
        broken.setattr("leads.domain.pipeline.OPENED", None)
        assert phone.post("leads/", body, key="one").status_code == 500
    assert not GivenAnswer.objects.exists()
    assert not Lead.objects.exists()
    assert phone.post("leads/", body, key="one").status_code == 201


def test_a_key_belongs_to_one_person(cast: Cast, merchant: Any) -> None:
    body = {"merchant": str(merchant.pk)}
    assert Phone(cast.ann).post("leads/", body, key="one").status_code == 201
    assert Phone(cast.max).post("leads/", body, key="one").status_code == 409


@pytest.mark.parametrize("key", ["k" * 101, "tab\there"])
def test_a_key_is_short_and_printable(key: str, cast: Cast, merchant: Any) -> None:
    answer = Phone(cast.ann).post("leads/", {"merchant": str(merchant.pk)}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert not Lead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_still_running_the_second_is_told_so(cast: Cast) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    phone, body = Phone(cast.ann), {"merchant": str(merchant.pk)}
    held, release = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                assert answers.only_one(cast.ann, "one")
                held.set()
                release.wait(20)
                cursor.execute("ROLLBACK")
        finally:
            connections.close_all()

    session = threading.Thread(target=first)
    session.start()
    assert held.wait(20)
    try:
        second = phone.post("leads/", body, key="one")
        other = Phone(cast.max).post("meta/", {}, key="one")
    finally:
        release.set()
        session.join(20)
    assert (second.status_code, second.json()["code"]) == (409, "still_running")
    assert (second["Retry-After"], second.json()["retryable"]) == ("1", True)
    assert other.status_code == 405
    assert phone.post("leads/", body, key="one").status_code == 201


def test_answers_are_kept_for_seven_days(cast: Cast, merchant: Any) -> None:
    Phone(cast.ann).post("leads/", {"merchant": str(merchant.pk)}, key="one")
    now = timezone.now()
    assert answers.forget_old(at=now + timedelta(days=6, hours=23)) == 0
    assert answers.forget_old(at=now + timedelta(days=7, minutes=1)) == 1
    assert not GivenAnswer.objects.exists()


def test_a_change_names_the_version_it_was_made_for(cast: Cast, merchant: Any) -> None:
    phone, path = Phone(cast.ann), f"merchants/{merchant.pk}/"
    assert phone.get(path)["ETag"] == '"1"'
    without = phone.patch(path, {"legal_name": "海底捞"})
    assert (without.status_code, without.json()["code"]) == (428, "if_match_required")
    changed = phone.patch(path, {"legal_name": "海底捞"}, if_match='"1"')
    assert (changed.status_code, changed["ETag"], changed.json()["version"]) == (200, '"2"', 2)
    stale = phone.patch(path, {"legal_name": "别的"}, if_match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.json()["current"] == phone.get(path).json()
    merchant.refresh_from_db()
    assert (merchant.legal_name, merchant.version) == ("海底捞", 2)


@pytest.mark.parametrize("if_match", ["nonsense", '"-1"', '"99999999999999999999"', "*", '"１"'])
def test_a_version_that_is_none_is_refused(if_match: str, cast: Cast, merchant: Any) -> None:
    answer = Phone(cast.ann).patch(
        f"merchants/{merchant.pk}/",
        {"legal_name": "…"},
        if_match=if_match.encode().decode("latin-1"),
    )
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


@pytest.mark.parametrize(
    ("noun", "make", "body"),
    [
        ("leads", factories.LeadFactory, {"source": "branch"}),
        ("outlets", factories.OutletFactory, {"name": "新店"}),
        ("contacts", factories.ContactFactory, {"position": "店主"}),
    ],
)
def test_every_change_makes_the_next_version(
    noun: str, make: Any, body: dict[str, str], cast: Cast, merchant: Any
) -> None:
    owner = {"owner": cast.ann} if noun == "leads" else {}
    row = make(merchant=merchant, **owner)
    phone, path = Phone(cast.ann), f"{noun}/{row.pk}/"
    for version in (1, 2, 3):
        assert phone.get(path)["ETag"] == f'"{version}"'
        changed = phone.patch(path, body, if_match=f'W/"{version}"')
        assert (changed.status_code, changed.json()["version"]) == (200, version + 1)


def test_a_verb_takes_a_version_where_it_matters(cast: Cast, merchant: Any) -> None:
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann, version=4)
    phone, path = Phone(cast.ann), f"leads/{lead.pk}/advance/"
    lost = {"to": "lost", "lost_reason": "rival"}
    stale = phone.post(path, lost, if_match='"3"')
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 4)
    assert phone.post(path, lost, if_match='"4"').json()["version"] == 5


@pytest.mark.parametrize("noun", ["leads", "merchants", "outlets", "contacts", "identifiers"])
def test_a_change_of_nothing_changes_nothing(noun: str, cast: Cast, merchant: Any) -> None:
    outlet = factories.OutletFactory(merchant=merchant)
    row = {
        "leads": factories.LeadFactory(merchant=merchant, owner=cast.ann),
        "merchants": merchant,
        "outlets": outlet,
        "contacts": factories.ContactFactory(merchant=merchant),
        "identifiers": factories.IdentifierFactory(outlet=outlet),
    }[noun]
    answer = Phone(cast.ann).patch(f"{noun}/{row.pk}/", {}, if_match='"1"')
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
