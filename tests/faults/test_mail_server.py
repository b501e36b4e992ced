"""A mail server that refuses, hangs, hangs up or is away: nothing is lost, one bad row delays only
itself, and what cannot be delivered is put aside where people see it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.db.models import Count, F
from django.utils import timezone

from crm.actors import SYSTEM
from crm.channels import mail_slots
from crm.domain import bounces, delivery
from crm.models import Delivery, DeliveryState, Notification, User
from crm.models.delivery import UNSETTLED
from tests import factories
from tests.crm import returned_mails
from tests.faults.conftest import Dawdler, MailRecord, free_port

type Figure = Callable[[str, object], None]

pytestmark = pytest.mark.django_db


def mail(address: str = "", **values: Any) -> Delivery:
    person = factories.UserFactory(**({"email": address} if address else {}))
    made: Delivery = factories.DeliveryFactory(recipient=person, **values)
    return made


def again(row: Delivery) -> Delivery:
    """Let the pause be over and deliver what is due."""
    Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))
    delivery.deliver_due()
    row.refresh_from_db()
    return row


def test_one_refused_recipient_is_given_up_after_one_try_and_the_others_get_theirs(
    record: MailRecord,
) -> None:
    bad = mail("gone@bank.test")
    others = [mail() for _ in range(9)]
    record.replies["gone@bank.test"] = "550 5.1.1 No such mailbox"
    assert delivery.deliver_due() == 10
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == (DeliveryState.DEAD, 1)
    assert bad.failure == "smtp_550: 5.1.1 No such mailbox"
    assert set(record.to) == {row.recipient.email for row in others}
    assert record.asked["gone@bank.test"] == 1
    assert delivery.deliver_due() == 0


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "a@b.test\nBcc: x@y.test"])
def test_an_address_that_is_none_is_given_up_without_asking_the_server(
    record: MailRecord, address: str
) -> None:
    row = mail()
    User.objects.filter(pk=row.recipient_id).update(email=address)
    delivery.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (DeliveryState.DEAD, 1)
    assert row.failure.startswith("bad_address: ")
    assert not record.taken


@pytest.mark.parametrize("reply", ["421 4.3.2 Closing", "450 4.2.1 Busy", "452 4.3.1 Disk full"])
def test_a_temporary_refusal_is_tried_again_after_a_pause(record: MailRecord, reply: str) -> None:
    row = mail("busy@bank.test")
    other = mail()
    record.replies["busy@bank.test"] = reply
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == DeliveryState.RETRY
    assert row.failure.startswith(f"smtp_{reply[:3]}: ")
    assert timezone.now() < row.next_try_at < timezone.now() + timedelta(seconds=11)
    assert record.to == [other.recipient.email], "one bad row delays only itself"
    record.replies.clear()
    assert again(row).state == DeliveryState.SENT
    assert record.extras == 0


def test_a_sender_that_the_server_dislikes_costs_no_mail(record: MailRecord) -> None:
    row = mail()
    record.sender_reply = "550 5.7.1 Sender rejected"
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == DeliveryState.RETRY, "a setting of ours is wrong, not the message"
    record.sender_reply = ""
    assert again(row).state == DeliveryState.SENT


def test_a_link_cut_after_the_dot_gives_one_copy_with_the_same_message_id(
    record: MailRecord,
) -> None:
    rows = [mail() for _ in range(5)]
    record.cut_after_dot = 2
    delivery.deliver_due()
    for row in rows:
        row.refresh_from_db()
        if row.state == DeliveryState.RETRY:
            assert row.failure.startswith("unreachable")
            again(row)
    assert set(record.taken) == {row.message_id for row in rows}
    assert record.extras == 2


def test_a_server_that_is_away_loses_nothing(record: MailRecord, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    rows = [mail() for _ in range(30)]
    delivery.deliver_due()
    waiting = Delivery.objects.filter(state=DeliveryState.RETRY, failure__startswith="unreachable")
    assert waiting.count() == 30
    settings.EMAIL_PORT = port
    for row in rows:
        assert again(row).state == DeliveryState.SENT
    assert (len(record.taken), record.extras) == (30, 0)


def test_a_server_that_hangs_is_waited_for_once_per_batch_and_the_inbox_not_at_all(
    silent_port: int, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "crm.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent_port
    settings.EMAIL_TIMEOUT = 0.4
    for _ in range(8):
        mail()
    factories.DeliveryFactory(channel="inbox")
    begun = time.monotonic()
    assert delivery.deliver_due() == 9
    assert time.monotonic() - begun < 2
    assert Notification.objects.count() == 1
    assert Delivery.objects.filter(state=DeliveryState.RETRY).count() == 8


def test_a_batch_ends_within_the_lease() -> None:
    assert project.EMAIL_TIMEOUT == 10
    assert delivery.BATCH * project.EMAIL_TIMEOUT < project.DELIVERY_LEASE_SECONDS


def test_an_outage_of_ours_uses_up_no_tries(record: MailRecord) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    row = mail("busy@bank.test", created_at=long_ago, next_try_at=long_ago)
    record.replies["busy@bank.test"] = "450 4.2.1 Busy"
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == DeliveryState.RETRY


def test_somebody_who_left_gets_nothing_that_was_still_waiting(record: MailRecord) -> None:
    row = mail()
    User.objects.filter(pk=row.recipient_id).update(is_active=False)
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD
    assert row.failure.startswith("recipient_inactive")
    assert not record.taken


def test_a_row_that_five_workers_died_with_is_put_aside(record: MailRecord) -> None:
    poison = mail(next_try_at=timezone.now() - timedelta(hours=1))
    for number in range(delivery.LOSSES_ALLOWED):
        delivery.claim(f"worker {number}")
        past = timezone.now() - timedelta(seconds=1)
        Delivery.objects.filter(pk=poison.pk).update(
            state=DeliveryState.HANDING_OVER, lease_until=past, next_try_at=past
        )
    sound = mail()
    delivery.deliver_due()
    poison.refresh_from_db()
    assert (poison.state, poison.losses) == (DeliveryState.DEAD, 5)
    assert poison.failure.startswith("worker_lost")
    assert record.to == [sound.recipient.email]


class Broken:
    """A way of saying things that has a bug."""

    is_local = False

    def send(self, row: Delivery) -> None:
        raise ZeroDivisionError(row.key)


def test_a_bug_delays_only_its_row_and_is_put_aside_after_five_tries() -> None:
    row = mail()
    for tries in range(1, delivery.LOSSES_ALLOWED + 1):
        Delivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
        (claimed,) = delivery.claim(str(tries))
        assert not delivery.hand_over(claimed, Broken(), worker=str(tries))
    row.refresh_from_db()
    assert (row.state, row.attempts) == (DeliveryState.DEAD, 5)
    assert row.failure.startswith("bug: ZeroDivisionError")


def test_a_channel_that_nobody_knows_holds_nobody_up(record: MailRecord) -> None:
    poison = mail(channel="pigeon", next_try_at=timezone.now() - timedelta(hours=1))
    sound = mail()
    assert delivery.deliver_due() == 2
    poison.refresh_from_db()
    assert poison.failure.startswith("unknown_channel")
    assert record.to == [sound.recipient.email]


def test_what_was_given_up_can_be_sent_again_on_purpose(record: MailRecord) -> None:
    row = mail("gone@bank.test")
    record.replies["gone@bank.test"] = "550 No such mailbox"
    delivery.deliver_due()
    assert delivery.send_again([row.pk], by=SYSTEM, because="A new mailbox", at=timezone.now()) == 1
    record.replies.clear()
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT
    assert record.taken == [row.message_id]


# F6: five hundred mails against a server in trouble, counted by the server's own record.


def five_hundred(count: int = 500) -> list[Delivery]:
    """So many mails, for so many people."""
    people = User.objects.bulk_create(
        [
            User(email=f"reader{number}@bank.test", full_name=f"同事{number}")
            for number in range(count)
        ]
    )
    return Delivery.objects.bulk_create(
        [
            Delivery(
                key=f"f6:{number}:mail",
                channel="mail",
                recipient=person,
                kind="follow_up_due",
                subject="跟进提醒",
                text="您约了海底捞火锅。",
                html="<p>您约了海底捞火锅。</p>",
                next_try_at=timezone.now(),
            )
            for number, person in enumerate(people)
        ]
    )


def later(minutes: float) -> None:
    """The clock moves on: whatever was to be tried by then is due."""
    Delivery.objects.filter(state__in=UNSETTLED).update(
        next_try_at=F("next_try_at") - timedelta(minutes=minutes)
    )


def states() -> dict[str, int]:
    counted = Delivery.objects.values_list("state").annotate(count=Count("pk"))
    return dict(counted.order_by())


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_a_server_that_says_421_for_half_an_hour_loses_and_doubles_none(
    record: MailRecord, count: int, figure: Figure
) -> None:
    rows = five_hundred(count)
    record.greeting_reply = "421 4.3.2 Come back later"
    for _minute in range(30):
        delivery.deliver_due()
        later(1)
    assert not record.taken
    assert record.refused_greetings >= 20, "batch after batch was turned away at the door"
    assert states() == {DeliveryState.RETRY: count}
    assert Delivery.objects.filter(failure__startswith="smtp_421").count() == count
    record.greeting_reply = ""
    for _minute in range(60):
        later(1)
        delivery.deliver_due()
    assert set(record.taken) == {row.message_id for row in rows}
    assert (len(record.taken), record.extras) == (count, 0)
    assert states() == {DeliveryState.SENT: count}
    figure(f"F6 421 for 30 min, {count} mails", "lost 0, doubled 0")


@pytest.mark.parametrize("count", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_one_refused_leaves_all_others_delivered_and_one_dead_letter_with_its_code(
    record: MailRecord, count: int, figure: Figure
) -> None:
    five_hundred(count)
    record.replies["reader43@bank.test"] = "550 5.1.1 No such mailbox"
    begun = time.monotonic()
    delivery.deliver_due()
    took = time.monotonic() - begun
    assert took < 60
    assert states() == {DeliveryState.SENT: count - 1, DeliveryState.DEAD: 1}
    dead = Delivery.objects.get(state=DeliveryState.DEAD)
    assert (dead.colleague.email, dead.failure) == (
        "reader43@bank.test",
        "smtp_550: 5.1.1 No such mailbox",
    )
    assert (len(record.taken), record.extras) == (count - 1, 0)
    figure(f"F6 550 for 1 of {count}", f"{count - 1} delivered, 1 dead letter, {took:.1f} s")


def test_a_link_cut_after_the_dot_of_every_fifth_mail_loses_none_and_copies_no_more_than_cuts(
    record: MailRecord, figure: Figure
) -> None:
    rows = five_hundred(200)
    record.cut_every = 5
    for _round in range(60):
        delivery.deliver_due()
        later(20)
    assert record.cuts >= 40, "the fault happened"
    assert set(record.taken) == {row.message_id for row in rows}
    assert record.extras <= record.cuts
    assert states() == {DeliveryState.SENT: 200}
    copies = f"{record.extras} copies for {record.cuts} cuts, each with its Message-ID"
    figure("F6 cut after the final dot, 200 mails", f"lost 0, {copies}")


def test_a_full_disk_of_the_server_is_waited_out(record: MailRecord, figure: Figure) -> None:
    rows = five_hundred(60)
    record.data_reply = "452 4.3.1 Insufficient system storage"
    for _round in range(3):
        delivery.deliver_due()
        later(1)
    assert not record.taken
    assert Delivery.objects.filter(failure__startswith="smtp_452").count() == 60
    record.data_reply = ""
    for _round in range(10):
        later(10)
        delivery.deliver_due()
    assert sorted(record.taken) == sorted(row.message_id for row in rows)
    figure("F6 disk full (452), 60 mails", "lost 0, doubled 0")


@pytest.mark.parametrize("seconds", [1, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_server_that_hangs_or_dawdles_at_any_word_holds_a_worker_no_longer_than_the_time_out(
    moment: str, seconds: int, settings: Any, dawdling: Dawdler, figure: Figure
) -> None:
    """It says a little every now and then, which is enough for a time-out that counts silences."""
    settings.EMAIL_BACKEND = "crm.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", dawdling.port
    settings.EMAIL_TIMEOUT = seconds
    dawdling.at, dawdling.seconds = moment, seconds + 3
    row = mail()
    begun = time.monotonic()
    delivery.deliver_due()
    took = time.monotonic() - begun
    assert dawdling.dawdled, "the fault happened"
    assert took <= max(seconds, 2)
    figure(f"F6 server dawdles at {moment}, limit {seconds} s", f"worker held {took:.2f} s")
    row.refresh_from_db()
    assert row.state == DeliveryState.RETRY
    assert row.failure.startswith("unreachable")


def test_control_djangos_own_connection_is_held_by_a_server_that_dawdles(
    settings: Any, dawdling: Dawdler
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", dawdling.port
    settings.EMAIL_TIMEOUT = 1
    dawdling.at, dawdling.seconds = "RCPT", 4
    mail()
    begun = time.monotonic()
    delivery.deliver_due()
    assert time.monotonic() - begun > 2


def test_no_more_connections_than_agreed_are_open_whatever_the_number_of_workers(
    record: MailRecord, settings: Any, other_session: Callable[..., Future[Any]]
) -> None:
    settings.MAIL_CONNECTIONS, settings.EMAIL_TIMEOUT = 2, 4
    five_hundred(120)
    workers = [other_session(delivery.deliver_due) for _ in range(4)]
    for worker in workers:
        worker.result(60)
    later(1)
    delivery.deliver_due()
    assert (len(record.taken), record.extras) == (120, 0)
    assert record.most_at_once == 2, "four workers, two connections"


def test_who_finds_no_connection_free_waits_its_turn_and_that_counts_as_no_try(
    record: MailRecord, settings: Any, other_session: Callable[..., Future[Any]]
) -> None:
    settings.MAIL_CONNECTIONS, settings.EMAIL_TIMEOUT = 1, 0.4
    slot = mail_slots.take(patience=1)
    assert slot == 0
    row = mail()
    other_session(delivery.deliver_due).result(20)
    row.refresh_from_db()
    assert (row.state, row.failure[:9]) == (DeliveryState.RETRY, "mail_busy")
    mail_slots.give_back(slot)
    assert again(row).state == DeliveryState.SENT


def test_the_envelope_names_a_return_address_and_what_comes_back_there_is_understood(
    record: MailRecord, settings: Any
) -> None:
    settings.BOUNCE_DOMAIN = returned_mails.DOMAIN
    row = mail("ann@bank.test")
    delivery.deliver_due()
    (sender,) = record.senders
    assert sender.startswith(f"bounce+{row.pk.hex}.")
    report = returned_mails.dsn(row, back_to=sender)
    assert bounces.receive(report, at=timezone.now()) == bounces.Outcome.SUPPRESSED
    row.refresh_from_db()
    assert (row.state, row.failure[:8]) == (DeliveryState.DEAD, "bounced:")
    later_one = factories.DeliveryFactory(recipient=row.recipient)
    delivery.deliver_due()
    later_one.refresh_from_db()
    assert later_one.failure.startswith("suppressed: ")
    assert len(record.taken) == 1
