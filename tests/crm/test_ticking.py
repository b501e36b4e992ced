"""The tick and its pulse: what is late is told, what fails holds up nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.domain import ticking
from crm.models import Delivery, Heartbeat, Reminder, SpecialDay, WeeklyReport, WeeklyRun
from tests import factories

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_tick_writes_one_heartbeat_however_often_it_beats() -> None:
    for _ in range(3):
        ticking.tick(at=timezone.now())
    pulse = Heartbeat.objects.get()
    assert abs(timezone.now() - pulse.at) < MINUTE
    assert pulse.oldest_due_seconds == 0


def test_nothing_due_is_no_lateness() -> None:
    factories.ReminderFactory(due_at=timezone.now() + MINUTE)
    factories.DeliveryFactory(next_try_at=timezone.now() + MINUTE)
    factories.DeliveryFactory(next_try_at=timezone.now() - MINUTE, state="dead")
    factories.ReminderFactory(due_at=timezone.now() - MINUTE, state="cancelled")
    assert ticking.oldest_due_seconds() == 0


@pytest.mark.parametrize("what", ["reminder", "delivery", "delivery in hand", "report"])
def test_the_oldest_due_row_says_how_late_we_are(what: str) -> None:
    due = timezone.now() - 7 * MINUTE
    match what:
        case "reminder":
            factories.ReminderFactory(due_at=due)
        case "delivery":
            factories.DeliveryFactory(next_try_at=due)
        case "delivery in hand":
            factories.DeliveryFactory(next_try_at=due, state="claimed", claimed_by="one")
        case _:
            run = WeeklyRun.objects.create(week="2026-W46")
            WeeklyReport.objects.create(run=run, recipient=factories.UserFactory(), due_at=due)
    factories.DeliveryFactory(next_try_at=timezone.now() - MINUTE)
    assert ticking.oldest_due_seconds() == pytest.approx(420, abs=5)
    assert not ticking.health(at=timezone.now())["healthy"]


def test_health_needs_a_recent_tick() -> None:
    now = timezone.now()
    assert ticking.health(at=now)["healthy"] is False
    assert ticking.health(at=now)["last_tick_seconds_ago"] is None
    ticking.tick(at=now)
    assert ticking.health(at=now + 2 * MINUTE)["healthy"] is True
    assert ticking.health(at=now + 4 * MINUTE)["healthy"] is False


def test_a_step_that_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    # A calendar without a single working day: planning the weekly report cannot end well.
    today = timezone.localdate()
    SpecialDay.objects.bulk_create(
        SpecialDay(day=today + timedelta(days=days), is_working_day=False, name="closed")
        for days in range(-20, 400)
    )
    factories.ReminderFactory(due_at=timezone.now())
    ticking.tick(at=timezone.now())
    assert Reminder.objects.get(escalates_to="").state == "released"
    assert Delivery.objects.count() == 1, "the inbox; mail waits for the first working day"
    assert Heartbeat.objects.exists()


def test_a_sweep_needs_no_broker_and_says_how_much_it_took(mailoutbox: list[object]) -> None:
    factories.ReminderFactory(due_at=factories.AT)
    assert ticking.sweep(at=factories.AT) == 2
    assert len(mailoutbox) == 1
    assert ticking.sweep(at=factories.AT) == 0
