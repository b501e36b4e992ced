"""Mails that come back: who is told, which address is written to no more, and who lets it again."""

import io
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm import return_path
from crm.domain import bounces, delivery, organisation, reminders, suppression
from crm.domain.bounces import Outcome
from crm.errors import DomainError
from crm.models import (
    Bounce,
    Delivery,
    DeliveryState,
    Notification,
    Reminder,
    SuppressedAddress,
    User,
)
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.crm import returned_mails as returned
from tests.sessions import Session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def return_domain(settings: Any) -> None:
    settings.BOUNCE_DOMAIN = returned.DOMAIN


def sent(person: User, **values: Any) -> Delivery:
    values = {"state": DeliveryState.SENT, "sent_at": timezone.now(), **values}
    row: Delivery = factories.DeliveryFactory(recipient=person, **values)
    return row


def test_a_mail_returned_for_good_stops_the_mails_to_its_address_and_tells_the_reader(
    cast: Cast, at: datetime, mailoutbox: list[Any]
) -> None:
    row = sent(cast.ann, subject="送方案")
    assert bounces.receive(returned.dsn(row), at=at) == Outcome.SUPPRESSED
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD
    assert row.failure.startswith("bounced: 550 5.1.1")
    bounce = Bounce.objects.get()
    assert (bounce.address, bounce.kind, bounce.at) == ("ann@bank.test", "hard", at)
    assert SuppressedAddress.objects.standing().of("Ann@Bank.test").count() == 1

    reminders.release_due(at=at)
    delivery.deliver_due()
    lines = Notification.objects.filter(recipient=cast.ann).order_by("title")
    assert [line.title for line in lines] == [
        "A mail to ann@bank.test came back",
        "No more mail goes to ann@bank.test",
    ]
    assert "送方案" in lines[0].body
    assert "User unknown" in lines[0].body
    assert not mailoutbox, "nobody is told by mail that mail does not arrive"

    waiting = factories.DeliveryFactory(recipient=cast.ann)
    delivery.deliver_due()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (DeliveryState.DEAD, 1)
    assert waiting.failure.startswith("suppressed: ")
    assert not mailoutbox


def test_the_same_report_twice_counts_once(cast: Cast, at: datetime) -> None:
    row = sent(cast.ann)
    report = returned.dsn(row, status="4.2.1", said="452 4.2.2 Mailbox full")
    assert bounces.receive(report, at=at) == Outcome.RECORDED
    assert bounces.receive(report, at=at) == Outcome.KNOWN
    assert Bounce.objects.count() == 1
    assert Reminder.objects.filter(kind="mail_returned").count() == 1


def soft(person: User, at: datetime) -> Outcome:
    row = sent(person)
    return bounces.receive(returned.dsn(row, status="4.4.7", said="452 Mailbox full"), at=at)


def test_five_mails_returned_for_now_within_fourteen_days_stop_the_mails(
    cast: Cast, at: datetime
) -> None:
    for day in range(4):
        assert soft(cast.ann, at + timedelta(days=day)) == Outcome.RECORDED
    assert not SuppressedAddress.objects.exists()
    assert soft(cast.ann, at + timedelta(days=13)) == Outcome.SUPPRESSED


def test_what_came_back_earlier_than_fourteen_days_ago_is_not_counted(
    cast: Cast, at: datetime
) -> None:
    for day in (0, 1, 2, 3, 15):
        assert soft(cast.ann, at + timedelta(days=day)) == Outcome.RECORDED
    assert not SuppressedAddress.objects.exists()


def test_somebody_elses_returned_mails_are_not_counted(cast: Cast, at: datetime) -> None:
    for person in (cast.ann, cast.bo, cast.ann, cast.bo, cast.ann):
        assert soft(person, at) == Outcome.RECORDED


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param("5.1.1", "hard", id="no such mailbox"),
        pytest.param("5.2.1", "hard", id="mailbox disabled"),
        pytest.param("5.0.0", "hard", id="failed, no more said"),
        pytest.param("", "hard", id="no status"),
        pytest.param("nonsense", "hard", id="status is nonsense"),
        pytest.param("5.2.2", "soft", id="mailbox full"),
        pytest.param("5.7.1", "soft", id="refused by a policy"),
        pytest.param("5.6.0", "soft", id="content disliked"),
        pytest.param("4.4.7", "soft", id="gave up after days"),
    ],
)
def test_only_what_speaks_against_the_address_itself_is_for_good(
    cast: Cast, at: datetime, status: str, kind: str
) -> None:
    bounces.receive(returned.dsn(sent(cast.ann), status=status), at=at)
    assert Bounce.objects.get().kind == kind


def test_a_server_that_writes_in_words_of_its_own_is_understood(cast: Cast, at: datetime) -> None:
    assert bounces.receive(returned.qmail(sent(cast.ann)), at=at) == Outcome.SUPPRESSED
    bounce = Bounce.objects.get()
    assert bounce.kind == "hard"
    assert "no mailbox here by that name" in bounce.text


def no_failure(row: Delivery) -> list[bytes]:
    return [returned.holiday(row), returned.dsn(row, action="delayed", status="4.4.1")]


def test_delays_and_answers_from_a_holiday_are_no_failures(cast: Cast, at: datetime) -> None:
    row = sent(cast.ann)
    for content in no_failure(row):
        assert bounces.receive(content, at=at) == Outcome.NO_FAILURE
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT
    assert not Bounce.objects.exists()


def forged(row: Delivery, name: str) -> str:
    true = return_path.of(row.pk, row.colleague.email)
    seal = true.split(".")[1].split("@")[0]
    other = "0" * 16 if seal[0] != "0" else "1" * 16
    return {
        "another seal": true.replace(seal, other),
        "another delivery": true.replace(row.pk.hex, sent(row.colleague).pk.hex),
        "unknown delivery": true.replace(row.pk.hex, "0" * 32),
        "another domain": true.replace(returned.DOMAIN, "evil.test"),
        "no seal": f"bounce+{row.pk.hex}@{returned.DOMAIN}",
        "sender": "crm@demo.test",
        "nothing": "",
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "another seal",
        "another delivery",
        "unknown delivery",
        "another domain",
        "no seal",
        "sender",
        "nothing",
    ],
)
def test_a_return_address_that_is_not_of_our_making_does_nothing(
    cast: Cast, at: datetime, name: str
) -> None:
    row = sent(cast.ann)
    report = returned.dsn(row, back_to=forged(row, name) or "postmaster@bank.test")
    assert bounces.receive(report, at=at) == Outcome.NOT_OURS
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe" * 1000,
        b"Content-Type: multipart/report; boundary=x\n\n--x\n--x\n--x--",
        b"Content-Type: message/delivery-status\n\nAction: failed\n",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"To: =?x?y?z?=\nContent-Type: text/plain; charset=no-such\n\n\xff",
    ],
    ids=["empty", "binary", "parts without end", "status alone", "broken copy", "charset"],
)
def test_whatever_is_sent_there_breaks_nothing(at: datetime, content: bytes) -> None:
    assert bounces.receive(content, at=at) == Outcome.NOT_OURS


def test_the_address_of_the_envelope_counts_before_what_the_headers_say(
    cast: Cast, at: datetime
) -> None:
    row = sent(cast.ann)
    true = return_path.of(row.pk, "ann@bank.test")
    report = returned.dsn(row, back_to="postmaster@bank.test")
    assert bounces.receive(report, at=at, sent_to=true.upper()) == Outcome.SUPPRESSED


def test_whoever_has_a_new_address_is_not_blamed_for_the_old_one(cast: Cast, at: datetime) -> None:
    row = sent(cast.ann)
    report = returned.dsn(row)
    organisation.correct_colleague(cast.ann.pk, {"email": "an@bank.test"}, by=cast.ada, at=at)
    assert bounces.receive(report, at=at) == Outcome.RECORDED
    assert Bounce.objects.get().address == "ann@bank.test"
    assert not SuppressedAddress.objects.exists()
    assert not Reminder.objects.exists()


def test_a_changed_address_starts_fresh(cast: Cast, at: datetime) -> None:
    bounces.receive(returned.dsn(sent(cast.bo)), at=at)
    organisation.correct_colleague(cast.bo.pk, {"email": "bob@bank.test"}, by=cast.ada, at=at)
    later = at + timedelta(hours=1)
    assert SuppressedAddress.objects.standing().of("bo@bank.test").exists()
    organisation.correct_colleague(cast.ann.pk, {"email": "bo@bank.test"}, by=cast.ada, at=later)
    row = SuppressedAddress.objects.get()
    assert (row.lifted_at, row.lifted_by) == (later, cast.ada)


def test_a_mail_that_is_being_sent_again_is_not_given_up_for_an_old_report(
    cast: Cast, at: datetime
) -> None:
    row = sent(cast.ann, state=DeliveryState.CLAIMED, claimed_by="w", lease_until=timezone.now())
    bounces.receive(returned.dsn(row, status="4.4.7"), at=at)
    row.refresh_from_db()
    assert row.state == DeliveryState.CLAIMED


def test_a_mail_that_somebody_had_sent_again_is_not_given_up_for_an_old_report(
    cast: Cast, at: datetime
) -> None:
    row = sent(cast.ann, state=DeliveryState.QUEUED, sent_at=None, revision=2)
    bounces.receive(returned.dsn(row, status="4.4.7"), at=at)
    row.refresh_from_db()
    assert row.state == DeliveryState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_of_two_reports_at_once_the_second_counts_the_first(cast: Cast, at: datetime) -> None:
    from django.db import transaction

    for _number in range(3):
        soft(cast.ann, at)
    last = sent(cast.ann)
    with transaction.atomic():
        assert soft(cast.ann, at) == Outcome.RECORDED
        other = Session(
            lambda: bounces.receive(
                returned.dsn(last, status="4.4.7", said="452 Mailbox full"), at=at
            )
        )
        assert other.wait_until_blocked(), "without the lock both would count four"
    assert other.end() == Outcome.SUPPRESSED


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_makes_the_mail_server_come_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(returned.dsn(sent(cast.ann))))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_bounce RENAME TO crm_bounce_away")
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("receive_bounce")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE crm_bounce_away RENAME TO crm_bounce")
    assert ended.value.code == 75


# Lifting.


@pytest.fixture
def suppressed(cast: Cast, at: datetime) -> SuppressedAddress:
    bounces.receive(returned.dsn(sent(cast.ann)), at=at - timedelta(days=1))
    return SuppressedAddress.objects.get()


def test_an_administrator_lets_mail_go_to_the_address_again(
    cast: Cast, at: datetime, suppressed: SuppressedAddress, mailoutbox: list[Any]
) -> None:
    suppression.lift(suppressed.pk, by=cast.ada, at=at)
    factories.DeliveryFactory(recipient=cast.ann)
    delivery.deliver_due()
    assert len(mailoutbox) == 1
    with pytest.raises(DomainError) as refused:
        suppression.lift(suppressed.pk, by=cast.ada, at=at)
    assert refused.value.code == "already_lifted"


def test_after_lifting_counting_begins_anew(cast: Cast, at: datetime) -> None:
    for _number in range(5):
        soft(cast.ann, at)
    row = SuppressedAddress.objects.get()
    suppression.lift(row.pk, by=cast.ada, at=at + timedelta(hours=1))
    assert soft(cast.ann, at + timedelta(hours=2)) == Outcome.RECORDED
    for _number in range(3):
        soft(cast.ann, at + timedelta(hours=3))
    assert soft(cast.ann, at + timedelta(hours=4)) == Outcome.SUPPRESSED


@pytest.mark.parametrize("name", ["ann", "max", "mei", "otto", "rui", "nia"])
def test_nobody_else_lifts_or_knows_of_it(
    cast: Cast, at: datetime, suppressed: SuppressedAddress, name: str
) -> None:
    with pytest.raises(DomainError) as refused:
        suppression.lift(suppressed.pk, by=cast.named(name), at=at)
    assert refused.value.code == "not_found"


def test_the_api_lists_and_lifts(cast: Cast, suppressed: SuppressedAddress) -> None:
    phone = Phone(cast.ada)
    (row,) = phone.get("suppressed-addresses/?standing=true").json()["results"]
    assert (row["address"], row["lifted_at"], row["lifted_by"]) == ("ann@bank.test", None, None)
    assert "User unknown" in row["because"]
    lifted = phone.post(f"suppressed-addresses/{suppressed.pk}/lift/")
    assert lifted.status_code == 200
    assert lifted.json()["lifted_by"]["id"] == str(cast.ada.pk)
    assert phone.post(f"suppressed-addresses/{suppressed.pk}/lift/").status_code == 409
    assert phone.get("suppressed-addresses/?standing=true").json()["results"] == []
    assert len(phone.get("suppressed-addresses/?standing=false").json()["results"]) == 1
    assert phone.get("suppressed-addresses/?standing=maybe").status_code == 400


def test_the_pages_show_what_came_back_and_lift(
    cast: Cast, suppressed: SuppressedAddress, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.ada)
    listed = browser.get("/admin/crm/suppressedaddress/")
    assert "ann@bank.test" in listed.content.decode()
    page = browser.get(f"/admin/crm/suppressedaddress/{suppressed.pk}/change/").content.decode()
    assert "User unknown" in page
    lift = f"/admin/crm/suppressedaddress/{suppressed.pk}/lift/"
    assert lift in page
    assert browser.get(lift).status_code == 200
    assert browser.post(lift).status_code == 302
    suppressed.refresh_from_db()
    assert suppressed.lifted_by == cast.ada


@pytest.mark.parametrize("name", ["ann", "mei", "otto"])
def test_the_pages_are_for_administrators(
    cast: Cast, suppressed: SuppressedAddress, signed_in: Callable[[User], Client], name: str
) -> None:
    browser = signed_in(cast.named(name))
    assert browser.get("/admin/crm/suppressedaddress/").status_code == 403
    assert browser.post(f"/admin/crm/suppressedaddress/{suppressed.pk}/lift/").status_code in (
        403,
        404,
    )


# The command.


class Pipe:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_the_command_takes_what_a_mail_server_pipes_into_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(returned.dsn(sent(cast.ann)) + b"x" * 3_000_000))
    said = io.StringIO()
    call_command("receive_bounce", stdout=said)
    assert said.getvalue() == "suppressed\n"
    monkeypatch.setattr(sys, "stdin", Pipe(b""))
    with pytest.raises(CommandError):
        call_command("receive_bounce")


def test_the_command_reads_a_maildir_once(cast: Cast, tmp_path: Path) -> None:
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(returned.dsn(sent(cast.ann)))
    (tmp_path / "new" / "2.b").write_bytes(b"\xff")
    (tmp_path / "new" / "3.c").write_bytes(returned.dsn(sent(cast.bo), status="4.4.7"))
    said = io.StringIO()
    call_command("receive_bounce", maildir=tmp_path, stdout=said)
    assert said.getvalue() == "1 not_ours, 1 recorded, 1 suppressed\n"
    assert sorted(one.name for one in (tmp_path / "cur").iterdir()) == [
        "1.a:2,S",
        "2.b:2,S",
        "3.c:2,S",
    ]
    call_command("receive_bounce", maildir=tmp_path, stdout=said)
    assert said.getvalue().endswith("nothing new\n")
    with pytest.raises(CommandError):
        call_command("receive_bounce", maildir=tmp_path / "elsewhere")
