"""`run_due --when-silent` works while nobody else does, and costs next to nothing otherwise."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import clock
from crm.domain import ticking
from crm.management.commands.run_due import StandBy
from crm.models import Heartbeat, Reminder, ReminderState
from tests import factories

pytestmark = pytest.mark.django_db


def look() -> str:
    said = StringIO()
    call_command("run_due", "--when-silent", stdout=said)
    return said.getvalue()


def workers_tick() -> None:
    ticking.beat()


def workers_fell_silent(*, seconds: float) -> None:
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=seconds))


@pytest.fixture
def due() -> Reminder:
    reminder: Reminder = factories.ReminderFactory(due_at=timezone.now())
    return reminder


def was_released(reminder: Reminder) -> bool:
    reminder.refresh_from_db()
    return reminder.state == ReminderState.RELEASED


def test_while_the_workers_tick_it_touches_nothing(due: Reminder) -> None:
    workers_tick()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert "the workers are at it" in look()
    assert not was_released(due)
    assert all(one["sql"].startswith("SELECT") for one in asked.captured_queries)
    assert len(asked.captured_queries) <= 8


@pytest.mark.parametrize(("seconds", "takes_over"), [(170, False), (190, True)])
def test_it_takes_over_when_nobody_has_ticked_for_three_minutes(
    due: Reminder, seconds: float, takes_over: bool
) -> None:
    workers_tick()
    workers_fell_silent(seconds=seconds)
    look()
    assert was_released(due) is takes_over


def test_it_takes_over_where_nobody_has_ever_ticked(due: Reminder) -> None:
    look()
    assert was_released(due)


def test_it_takes_over_when_ticks_go_on_but_nothing_is_said() -> None:
    workers_tick()
    late = timezone.now() - timedelta(seconds=ticking.LATE_SECONDS + 60)
    overdue = factories.ReminderFactory(due_at=late)
    look()
    assert was_released(overdue)


def test_its_own_heartbeat_does_not_make_it_step_back_but_a_workers_does() -> None:
    stand_by = StandBy()
    workers_tick()
    assert not stand_by.is_needed()
    workers_fell_silent(seconds=200)
    assert stand_by.is_needed()
    ticking.sweep(at=clock.now())
    stand_by.has_worked()
    assert stand_by.is_needed(), "every round, not every three minutes"
    workers_tick()
    assert not stand_by.is_needed()
