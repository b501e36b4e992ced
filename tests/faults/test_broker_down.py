"""The broker is away, silent, or comes and goes: nobody who works notices, and nothing is lost.

The product runs as in production: a web server, a worker and a beat on a real broker, and the loop
that needs none. What was sent is counted by the mail server.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Max
from django.utils import timezone

from crm.models import Delivery, DeliveryState, Export, Heartbeat, JobState, Reminder
from tests import factories
from tests.api import token_of
from tests.conftest import Cast
from tests.faults.brokers import KINDS, Broker
from tests.faults.conftest import MailServer, Start, eventually
from tests.faults.product import BEAT, LOOP, WORKER, Answers, Supervisor, Web

EVERY_SECOND = {"TICK_SECONDS": "1"}
MOST_ADDED_SECONDS = 0.1
MOST_LATE_SECONDS = 240
BACKLOG_SECONDS = 60
BACK_SECONDS = 30
PATIENCE_SECONDS = 1.0

type Figure = Callable[[str, object], None]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor().watching() as one:
        yield one


@pytest.fixture
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    one = KINDS[request.param](tmp_path)
    one.start()
    yield one
    one.remove()


def remind(count: int) -> None:
    """So many reminders, due now, that pass every quiet hour."""
    person = factories.UserFactory()
    known = Reminder.objects.count()
    for number in range(known, known + count):
        factories.ReminderFactory(
            key=f"fault:{number}",
            recipient=person,
            kind="budget_frozen",
            facts={"name": f"专项费用池 {number}"},
            due_at=timezone.now(),
        )


def all_said() -> bool:
    planned = Reminder.objects.planned().exists()
    return not planned and not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def last_beat() -> Any:
    return Heartbeat.objects.values_list("at", flat=True).first()


def beats_after(moment: Any) -> bool:
    beat = last_beat()
    return beat is not None and beat > moment


def work(web: Web, token: str, seconds: float) -> Answers:
    """A phone that reads and writes for a while; each write rings for a worker."""
    answers, until = Answers(), time.monotonic() + seconds
    while time.monotonic() < until:
        web.ask("GET", "/api/v1/leads/?owner=me", token, answers=answers)
        web.ask(
            "POST",
            "/api/v1/exports/",
            token,
            {"list": "merchants", "format": "csv", "filters": {}},
            answers=answers,
        )
        time.sleep(0.1)
    return answers


@pytest.mark.parametrize(
    ("broker", "seconds"),
    [
        pytest.param("redis", 6, id="redis-6s"),
        pytest.param("redis", 60, id="redis-60s", marks=pytest.mark.slow),
        pytest.param("rabbitmq", 60, id="rabbitmq-60s", marks=pytest.mark.slow),
        pytest.param("redis", 600, id="redis-600s", marks=pytest.mark.slow),
    ],
    indirect=["broker"],
)
def test_while_the_broker_is_down_requests_are_answered_and_reminders_leave(
    broker: Broker,
    seconds: int,
    start: Start,
    mail_server: MailServer,
    cast: Cast,
    transactional_db: None,
    supervisor: Supervisor,
    figure: Figure,
    request: pytest.FixtureRequest,
) -> None:
    url = {"CELERY_BROKER_URL": broker.url, **EVERY_SECOND}
    web, token = Web(start, **url), token_of(cast.max)
    for command in (WORKER, BEAT, LOOP):
        supervisor.keep(partial(start, *command, **url))
    eventually(lambda: last_beat() is not None)
    work(web, token, 2)  # The first answers load the product.
    before = work(web, token, 5)

    broker.stop()
    remind(20)
    stopped_at = timezone.now()
    during = work(web, token, seconds)
    eventually(all_said, MOST_LATE_SECONDS)
    said = Delivery.objects.filter(kind="budget_frozen")
    last = said.aggregate(at=Max("sent_at"))["at"]
    late = (last - stopped_at).total_seconds()
    assert len(set(mail_server.record.taken)) >= 20, "the loop delivered, with no broker at all"

    back_at = timezone.now()
    broker.start()
    remind(20)
    returned = time.monotonic()
    eventually(lambda: all_said() and not open_exports(), BACKLOG_SECONDS)
    cleared = time.monotonic() - returned
    eventually(lambda: beats_after(back_at), BACKLOG_SECONDS)

    assert [code for code in before.failures + during.failures if code >= 500] == []
    added = during.p95 - before.p95
    figure(f"F3 {request.node.callspec.id} answers, 5xx", f"{len(during.seconds)}, 0")
    figure(f"F3 {request.node.callspec.id} added p95, ms", round(added * 1000))
    figure(f"F3 {request.node.callspec.id} reminders gone after, s", f"{late:.1f}")
    figure(f"F3 {request.node.callspec.id} backlog clear after, s", f"{cleared:.1f}")
    assert added <= MOST_ADDED_SECONDS
    assert late <= MOST_LATE_SECONDS
    assert Export.objects.exclude(state=JobState.DONE).count() == 0, "jobs lost"
    assert mail_server.record.extras == 0


def open_exports() -> bool:
    return Export.objects.exclude(state=JobState.DONE).exists()


@pytest.mark.parametrize("kind", ["redis", "amqp"])
def test_no_request_waits_for_a_broker_that_takes_the_call_and_says_nothing(
    kind: str,
    silent_port: int,
    start: Start,
    cast: Cast,
    transactional_db: None,
    figure: Figure,
) -> None:
    url = f"redis://127.0.0.1:{silent_port}/0"
    if kind == "amqp":
        url = f"amqp://guest:guest@127.0.0.1:{silent_port}//"
    web, answers = Web(start, CELERY_BROKER_URL=url), Answers()
    token = token_of(cast.max)
    web.ask("GET", "/api/v1/me/", token, answers=Answers())  # The first one loads the product.
    for _ in range(20):
        web.ask(
            "POST",
            "/api/v1/exports/",
            token,
            {"list": "merchants", "format": "csv", "filters": {}},
            answers=answers,
        )
    assert Export.objects.count() == 20, "every request rang"
    figure(f"F3b {kind} longest answer, ms", round(max(answers.seconds) * 1000))
    assert answers.failures == []
    assert max(answers.seconds) <= PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("broker", "times"),
    [
        pytest.param("redis", 2, id="redis-2-times"),
        pytest.param("redis", 100, id="redis-100-times", marks=pytest.mark.slow),
        pytest.param("rabbitmq", 5, id="rabbitmq-5-times", marks=pytest.mark.slow),
    ],
    indirect=["broker"],
)
def test_after_every_restart_of_the_broker_the_worker_is_back_by_itself(
    broker: Broker,
    times: int,
    start: Start,
    mail_server: MailServer,
    transactional_db: None,
    supervisor: Supervisor,
    figure: Figure,
    request: pytest.FixtureRequest,
) -> None:
    url = {"CELERY_BROKER_URL": broker.url, **EVERY_SECOND}
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*command: str) -> "subprocess.Popen[bytes]":
        processes.append(start(*command, **url))
        return processes[-1]

    for command in (WORKER, BEAT):
        supervisor.keep(partial(begin, *command))
    eventually(lambda: last_beat() is not None)
    back: list[float] = []
    for _ in range(times):
        remind(3)
        broker.stop()
        time.sleep(1)
        stopped = timezone.now()
        broker.start()
        begun = time.monotonic()
        eventually(partial(beats_after, stopped), BACK_SECONDS)
        back.append(time.monotonic() - begun)
    eventually(all_said, BACKLOG_SECONDS)
    name = request.node.callspec.id
    figure(f"F3c {name} worker back after at the most, s", f"{max(back):.1f}")
    figure(f"F3c {name} processes started again by the supervisor", supervisor.restarts)
    figure(f"F3c {name} reminders lost", 3 * times - len(set(mail_server.record.taken)))
    assert len(set(mail_server.record.taken)) == 3 * times
    assert mail_server.record.extras <= times
