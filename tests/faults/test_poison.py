"""Messages that raise, hang or kill whoever touches them: the others leave on time, and each of
them ends in the list of what was given up, with its reason, after five tries."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from crm import watchdog
from crm.domain import claiming
from crm.models import Channel, Delivery, DeliveryState
from tests import factories
from tests.faults.conftest import MailServer, Start, eventually, kill
from tests.faults.poison import HANG, RAISE, SEGFAULT

HANG_SECONDS, LEASE_SECONDS = 2, 4
SEGFAULTED, WATCHED = -11, 1
"""How the system says that a process ended: by a signal, or by the watchdog's own exit."""


def fill(count: int, poison: dict[str, int]) -> None:
    people = factories.UserFactory.create_batch(20)
    now = timezone.now()
    subjects = [subject for subject, times in poison.items() for _ in range(times)]
    step = count // len(subjects)
    Delivery.objects.bulk_create(
        Delivery(
            key=f"poison:{number}",
            channel=Channel.MAIL,
            recipient=people[number % len(people)],
            kind="follow_up_due",
            # Spread evenly, so that no message comes too late to do harm.
            subject=subjects[number // step] if number % step == step // 2 else "跟进提醒",
            text="…",
            next_try_at=now,
        )
        for number in range(count)
    )


def endured(
    count: int, poison: dict[str, int], start: Start, server: MailServer, record: Path, workers: int
) -> tuple[float, Counter[int]]:
    """Deliver everything; how long the sound ones took, and how workers ended meanwhile."""
    fill(count, poison)
    bad = sum(poison.values())
    assert Delivery.objects.filter(subject__startswith="poison").count() == bad
    begun = time.monotonic()
    supervisor = start(
        *("-m", "tests.faults.poison", str(record), str(workers)),
        DELIVERY_HANG_SECONDS=str(HANG_SECONDS),
        DELIVERY_LEASE_SECONDS=str(LEASE_SECONDS),
    )
    sound = Delivery.objects.exclude(subject__startswith="poison")

    def sound_ones_left() -> bool:
        hurry()
        return not sound.exclude(state=DeliveryState.SENT).exists()

    eventually(sound_ones_left, 60 + count / 20)
    took = time.monotonic() - begun

    def all_given_up() -> bool:
        hurry()
        dead = Delivery.objects.filter(subject__startswith="poison", state=DeliveryState.DEAD)
        return dead.count() == bad

    eventually(all_given_up, 60 + 30 * bad)
    kill(supervisor)
    assert len(set(server.record.taken)) == count - bad, "by the mail server's own account"
    return took, Counter(int(line) for line in record.read_text().split())


def hurry() -> None:
    """Let the pauses of the poison be over at once: a fake clock for those rows."""
    Delivery.objects.filter(subject__startswith="poison", state=DeliveryState.RETRY).update(
        next_try_at=timezone.now()
    )


def prove_put_aside(poison: dict[str, int], ended: Counter[int]) -> None:
    tries = claiming.LOSSES_ALLOWED
    for row in Delivery.objects.filter(subject__startswith="poison"):
        assert (row.state, row.losses) == (DeliveryState.DEAD, tries), row.subject
        reason = "bug: ZeroDivisionError" if row.subject == RAISE else f"worker_lost: {tries}"
        assert row.failure.startswith(reason), row.failure
    # The faults did happen, each as often as it was tried, and nothing else ended a worker.
    assert ended == Counter(
        {WATCHED: tries * poison.get(HANG, 0), SEGFAULTED: tries * poison.get(SEGFAULT, 0)}
    )
    assert ended.total() <= 50


def test_two_poisonous_messages_of_two_hundred_end_alone(
    start: Start,
    mail_server: MailServer,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    poison = {HANG: 1, SEGFAULT: 1}
    took, ended = endured(200, poison, start, mail_server, tmp_path / "record", 2)
    prove_put_aside(poison, ended)
    record_property("figure", f"198 sound ones in {took:.0f} s; workers ended: {dict(ended)}")


@pytest.mark.slow
def test_ten_poisonous_messages_of_ten_thousand_end_alone(
    start: Start,
    mail_server: MailServer,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    poison = {RAISE: 4, HANG: 3, SEGFAULT: 3}
    took, ended = endured(10_000, poison, start, mail_server, tmp_path / "record", 4)
    prove_put_aside(poison, ended)
    assert took <= 240, "what is sound leaves on time"
    record_property("figure", f"9,990 sound ones in {took:.0f} s; workers ended: {dict(ended)}")


def test_control_without_the_watchdog_a_message_that_hangs_holds_its_worker(
    start: Start, mail_server: MailServer, tmp_path: Path
) -> None:
    fill(1, {HANG: 1})
    record = tmp_path / "record"
    start(
        *("-m", "tests.faults.poison", str(record), "1"),
        DELIVERY_HANG_SECONDS="0",
        DELIVERY_LEASE_SECONDS=str(LEASE_SECONDS),
    )
    held = Delivery.objects.filter(state=DeliveryState.HANDING_OVER)
    eventually(held.filter(lease_until__lt=Now()).exists)  # Twice as long as the watchdog waits.
    assert not record.exists(), "nobody ended it"


def test_what_ends_in_time_is_left_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with watchdog.watching(30), watchdog.patience():
        pass
    with watchdog.patience():
        pass
    assert capfd.readouterr().err == ""
