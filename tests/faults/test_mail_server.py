"""A mail server that refuses, hangs, hangs up or is away: nothing is lost, one bad row delays only
itself, and what cannot be delivered is put aside where people see it."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone

from crm.actors import SYSTEM
from crm.domain import delivery
from crm.models import Delivery, DeliveryState, Notification, User
from tests import factories
from tests.faults.conftest import MailRecord, free_port

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
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
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
