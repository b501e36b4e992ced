"""Two beats and four workers on one broker, over the hour in which the weekly report is due."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from crm.domain import weekly_report
from crm.models import Delivery, Notification, WeeklyReport
from crm.weeks import Week
from tests import factories
from tests.faults.brokers import Redis
from tests.faults.conftest import MailServer, Start, eventually
from tests.faults.product import BEAT, WORKER, Supervisor
from tests.faults.test_broker_down import all_said, beats_after, last_beat, remind

MANAGERS = 10


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor().watching() as one:
        yield one


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    one = Redis(tmp_path)
    one.start()
    yield one
    one.remove()


@pytest.mark.parametrize(
    "ticks",
    [pytest.param(8, id="8-ticks"), pytest.param(120, id="an-hour", marks=pytest.mark.slow)],
)
def test_two_beats_and_four_workers_say_everything_once(
    ticks: int,
    broker: Redis,
    start: Start,
    mail_server: MailServer,
    transactional_db: None,
    supervisor: Supervisor,
    figure: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> None:
    """A tick a second instead of every half minute: an hour has 120 of them, each rung twice."""
    branch = factories.UnitFactory(kind="branch")
    for _ in range(MANAGERS):
        factories.MembershipFactory(unit=branch, role="branch_manager")
    now = timezone.now()
    weekly_report.plan_week(Week.of(now.date()).previous.previous, at=now)
    # The hour strikes while they all run.
    WeeklyReport.objects.update(due_at=now + timedelta(seconds=ticks / 2))
    url = {"CELERY_BROKER_URL": broker.url, "TICK_SECONDS": "1"}
    for command in (WORKER, WORKER, WORKER, WORKER, BEAT, BEAT):
        supervisor.keep(partial(start, *command, **url))
    eventually(lambda: last_beat() is not None)
    until = time.monotonic() + ticks
    reminded = 0
    while time.monotonic() < until:
        remind(1)
        reminded += 1
        time.sleep(1)
    eventually(
        # From Monday morning on the ticks make good the week before, too.
        lambda: (
            all_said()
            and WeeklyReport.objects.exclude(delivery=None).count() >= MANAGERS
            and not WeeklyReport.objects.filter(prepared_at=None, due_at__lte=Now()).exists()
        )
    )
    seen = last_beat()
    eventually(lambda: beats_after(seen))

    reports = WeeklyReport.objects.exclude(delivery=None).count()
    assert reports >= MANAGERS, "the planned week, and those that were made good"
    assert Notification.objects.filter(kind="budget_frozen").count() == reminded
    mails = Delivery.objects.filter(channel="mail").count()
    name = request.node.callspec.id
    figure(f"F5 {name} messages, said twice", f"{mails}, {mail_server.record.extras}")
    assert len(mail_server.record.taken) == mails == reminded + reports
    assert mail_server.record.extras == 0
