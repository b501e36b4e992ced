"""Workers killed with -9 in the middle of due reminders: nothing lost, copies bounded and alike."""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from crm.channels import open_channels
from crm.domain import delivery
from crm.models import Delivery, DeliveryState, Notification, Reminder, ReminderState
from crm.models.delivery import IN_HAND
from tests import factories
from tests.faults.conftest import MailRecord, MailServer, Start, eventually, kill

RUN_DUE = ("manage.py", "run_due", "--loop", "--seconds", "0.2")


def plan(count: int) -> None:
    """So many due reminders for twenty colleagues."""
    people = factories.UserFactory.create_batch(20)
    now = timezone.now()
    Reminder.objects.bulk_create(
        [
            Reminder(
                key=f"follow-up:{number}:due",
                recipient=people[number % len(people)],
                kind="follow_up_due",
                facts={"title": "送方案", "merchant": "海底捞", "due_at": now.isoformat()},
                link="/admin/",
                due_at=now,
            )
            for number in range(count)
        ],
        batch_size=1000,
    )


def in_hand() -> int:
    return Delivery.objects.filter(state__in=IN_HAND).count()


def all_sent(count: int) -> bool:
    return Delivery.objects.filter(state=DeliveryState.SENT).count() == 2 * count


def prove_nothing_lost(count: int, record: MailRecord, kills: int) -> None:
    assert Notification.objects.count() == count
    assert len(set(record.taken)) == count, "a mail was lost"
    # Copies are recognisable: every Message-ID that arrived is that of a row.
    ours = {row.message_id for row in Delivery.objects.filter(channel="mail")}
    assert set(record.taken) == ours
    assert record.extras <= kills
    assert most_copies(record) <= 2
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def in_the_middle(
    workers: list["subprocess.Popen[bytes]"], record: MailRecord, moment: int
) -> bool:
    assert all(worker.poll() is None for worker in workers), "a worker ended by itself"
    return len(record.taken) >= moment and in_hand() > 0


def workers_killed(
    count: int, strikes: int, start: Start, record: MailRecord, *, at_once: int
) -> tuple[int, float]:
    """Let workers deliver, kill all of them at so many moments; returns how many were killed, and
    after how many seconds everything was said once the last one had been."""
    plan(count)
    workers = [start(*RUN_DUE) for _ in range(at_once)]
    killed, proven = 0, 0
    moments = sorted(random.sample(range(count // 20, count * 9 // 10), strikes))
    last_kill = 0.0
    for moment in moments:
        eventually(partial(in_the_middle, workers, record, moment), 120)
        for worker in workers:
            kill(worker)
            assert worker.returncode == -9
            killed += 1
        last_kill = time.monotonic()
        proven += in_hand() > 0
        workers = [start(*RUN_DUE) for _ in range(at_once)]
    # The fault happened: rows were in hand, and nobody there to finish them.
    assert proven >= max(1, strikes * 2 // 3)
    eventually(lambda: all_sent(count), 120)
    took = time.monotonic() - last_kill
    assert Delivery.objects.filter(losses__gt=0).exists()
    for worker in workers:
        worker.terminate()
        assert worker.wait(20) == 0, "told to stop, it finishes and goes"
    return killed, took


def test_workers_killed_in_the_middle_of_a_thousand_reminders_lose_none(
    start: Start, mail_server: MailServer
) -> None:
    killed, _took = workers_killed(1000, 2, start, mail_server.record, at_once=2)
    prove_nothing_lost(1000, mail_server.record, killed)


@pytest.mark.slow
def test_forty_kills_in_ten_thousand_reminders_lose_none(
    start: Start, mail_server: MailServer, figure: Callable[[str, object], None]
) -> None:
    record = mail_server.record
    killed, took = workers_killed(10_000, 10, start, record, at_once=4)
    assert killed == 40
    figure("F1 lost of 10,000", 10_000 - len(set(record.taken)))
    figure("F1 in-app doubled", Notification.objects.count() - 10_000)
    figure("F1 extra mails, most copies", f"{record.extras}, {most_copies(record)}")
    figure("F1 done after the last of 40 kills, s", f"{took:.1f}")
    prove_nothing_lost(10_000, record, killed)
    assert record.extras <= 20  # 0.2 %
    assert took <= 60


def most_copies(record: MailRecord) -> int:
    return max(Counter(record.taken).values())


def test_control_without_a_claim_two_workers_mail_everything_twice(
    record: MailRecord, other_session: Callable[..., Future[Any]]
) -> None:
    """The loop everybody writes first: select what is pending, send it, mark it."""
    factories.DeliveryFactory.create_batch(20)
    both_looked = threading.Barrier(2)

    def naive() -> None:
        pending = list(Delivery.objects.unsettled().select_related("recipient"))
        both_looked.wait(10)
        with get_connection() as open_connection:
            for row in pending:
                EmailMessage(
                    row.subject,
                    row.text,
                    to=[row.recipient.email],
                    headers={"Message-ID": row.message_id},
                    connection=open_connection,
                ).send()
                Delivery.objects.filter(pk=row.pk).update(
                    state=DeliveryState.SENT, sent_at=timezone.now()
                )

    for session in [other_session(naive) for _ in range(2)]:
        session.result(20)
    assert record.extras == 20


def test_two_workers_with_claims_mail_everything_once(
    record: MailRecord, other_session: Callable[..., Future[Any]]
) -> None:
    factories.DeliveryFactory.create_batch(60)
    together = threading.Barrier(2)

    def work() -> int:
        together.wait(10)
        return delivery.deliver_due()

    taken = [session.result(20) for session in [other_session(work) for _ in range(2)]]
    assert sum(taken) == 60
    assert (len(record.taken), record.extras) == (60, 0)


def test_a_row_that_one_session_is_claiming_is_skipped_by_another(
    other_session: Callable[..., Future[Any]],
) -> None:
    factories.DeliveryFactory.create_batch(3)
    with transaction.atomic():
        mine = delivery.claim("one", limit=2)
        # Not committed: to the other session all three still look claimable.
        assert other_session(lambda: Delivery.objects.claimable().count()).result(10) == 3
        theirs = other_session(lambda: delivery.claim("two")).result(10)
    assert (len(mine), len(theirs)) == (2, 1)
    assert not {row.pk for row in mine} & {row.pk for row in theirs}


def test_whoever_lost_the_lease_keeps_quiet(record: MailRecord, db: None) -> None:
    factories.DeliveryFactory()
    (slow,) = delivery.claim("slow")
    Delivery.objects.update(lease_until=timezone.now() - timezone.timedelta(seconds=1))
    (quick,) = delivery.claim("quick")
    with open_channels() as channels:
        assert delivery.hand_over(quick, channels["mail"], worker="quick")
        assert not delivery.hand_over(slow, channels["mail"], worker="slow")
        assert len(record.taken) == 1
        # The control: without the last look before the effect there are two.
        channels["mail"].send(slow)
    assert record.extras == 1


@pytest.mark.slow
def test_a_celery_worker_killed_in_the_middle_loses_none(
    start: Start, mail_server: MailServer, tmp_path: Path
) -> None:
    from celery import Celery

    from config.local.valkey import LocalBroker

    broker = LocalBroker(tmp_path / "broker")
    broker.prepare()
    server = subprocess.Popen(broker.command())
    try:
        eventually(broker.answers, 20)
        url = {"CELERY_BROKER_URL": broker.url}
        beat = Celery("beat", broker=broker.url, set_as_current=False)
        plan(200)
        worker = start(*CELERY, **url)
        beat.send_task("crm.tick", queue="tick")
        eventually(lambda: len(mail_server.record.taken) >= 20 and in_hand())
        kill(worker)
        assert in_hand() > 0
        start(*CELERY, **url)

        def swept() -> bool:
            beat.send_task("crm.tick", queue="tick")
            return all_sent(200)

        eventually(swept)
        prove_nothing_lost(200, mail_server.record, kills=2)  # two processes of one pool
    finally:
        server.kill()
        server.wait()


CELERY = (
    *("-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "ERROR"),
    *("-Q", "tick,delivery,report,jobs", "--without-gossip", "--without-mingle"),
)


def test_told_to_stop_a_worker_gives_back_what_it_did_not_begin(
    record: MailRecord, db: None
) -> None:
    factories.DeliveryFactory.create_batch(10)
    answers = iter([False, False, False, False, True])
    assert delivery.deliver_due(enough=lambda: next(answers, True)) == 10
    assert len(record.taken) == 3
    left = Delivery.objects.filter(state=DeliveryState.QUEUED, attempts=0, claimed_by="")
    assert left.count() == 7
    assert delivery.deliver_due() == 7
    assert (len(record.taken), record.extras) == (10, 0)


def test_a_reminder_that_one_session_is_releasing_is_skipped_by_another(
    other_session: Callable[..., Future[Any]],
) -> None:
    from crm.domain import reminders

    plan(5)
    with transaction.atomic():
        assert reminders.release_due(at=timezone.now(), limit=3) == 3
        assert other_session(lambda: Reminder.objects.planned().count()).result(10) == 5
        now = timezone.now()
        assert other_session(lambda: reminders.release_due(at=now)).result(10) == 2
    assert Delivery.objects.filter(channel="inbox").count() == 5
    assert not Reminder.objects.due(now).exists()
    assert Reminder.objects.filter(state=ReminderState.RELEASED).count() == 5
