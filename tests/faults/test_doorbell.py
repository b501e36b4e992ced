"""A broker that is down or hangs: the ring gives up, the sweep delivers, nobody notices."""

import time
from collections.abc import Callable
from typing import Any

import kombu.transport.pyamqp
import kombu.transport.redis  # noqa: F401  Loading them takes longer than ringing.
import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from crm import queue
from crm.domain import reminders, ticking
from crm.models import Delivery, DeliveryState
from tests import factories
from tests.faults.conftest import free_port

PATIENCE = 1.2


@pytest.fixture
def doorbell(monkeypatch: pytest.MonkeyPatch) -> queue.Doorbell:
    fresh = queue.Doorbell()
    monkeypatch.setattr(queue, "doorbell", fresh)
    return fresh


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def at(url: str) -> None:
        monkeypatch.setattr(current_app.conf, "broker_url", url)
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    return at


def ring_and_measure(doorbell: queue.Doorbell) -> float:
    begun = time.monotonic()
    with transaction.atomic():
        queue.after_commit(reminders.DELIVER_DUE)
        assert doorbell.failures == 0, "nobody rings before the transaction has committed"
    return time.monotonic() - begun


@pytest.mark.parametrize("kind", ["redis://127.0.0.1:{}/0", "amqp://guest:guest@127.0.0.1:{}//"])
@pytest.mark.parametrize("fault", ["hangs", "is down"])
def test_a_broker_that_fails_costs_a_second_once_and_loses_nothing(
    kind: str,
    fault: str,
    silent_port: int,
    doorbell: queue.Doorbell,
    broker: Callable[[str], None],
    transactional_db: None,
    mailoutbox: list[Any],
) -> None:
    broker(kind.format(silent_port if fault == "hangs" else free_port()))
    factories.never_quiet()
    factories.ReminderFactory(due_at=timezone.now())
    assert ring_and_measure(doorbell) < PATIENCE
    assert doorbell.failures == 1
    begun = time.monotonic()
    for _ in range(100):
        with transaction.atomic():
            queue.after_commit(reminders.DELIVER_DUE)
    assert time.monotonic() - begun < 0.5, "for half a minute nobody rings again"
    assert doorbell.failures == 1
    assert ticking.sweep(at=timezone.now()) == 2
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()
    assert len(mailoutbox) == 1


def test_after_the_pause_it_rings_again(
    doorbell: queue.Doorbell, broker: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker(f"redis://127.0.0.1:{free_port()}/0")
    assert not doorbell.ring(reminders.DELIVER_DUE)
    later = time.monotonic() + queue.PAUSE_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    broker("memory://")
    assert doorbell.ring(reminders.DELIVER_DUE)
    assert doorbell.failures == 1


def test_a_transaction_that_is_rolled_back_rings_nobody(
    doorbell: queue.Doorbell, broker: Callable[[str], None], transactional_db: None
) -> None:
    broker(f"redis://127.0.0.1:{free_port()}/0")
    with transaction.atomic():
        queue.after_commit(reminders.DELIVER_DUE)
        transaction.set_rollback(True)
    assert doorbell.failures == 0


def test_every_ring_has_a_queue_of_its_own() -> None:
    routes = current_app.conf.task_routes
    assert routes[reminders.DELIVER_DUE] == {"queue": "delivery"}
    current_app.loader.import_default_modules()
    assert set(current_app.tasks) >= set(routes)
