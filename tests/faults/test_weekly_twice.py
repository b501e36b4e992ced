"""The weekly report, planned and written by two at once and sent twice: one mail each."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.domain import delivery, ticking, weekly_report
from crm.models import Delivery, WeeklyReport, WeeklyRun
from crm.weeks import Week
from tests import factories
from tests.faults.conftest import MailRecord, Start, eventually

WEEK = Week.parse("2026-W46")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
MANAGERS = 6

type Other = Callable[..., Future[Any]]


@pytest.fixture
def managers(transactional_db: None) -> None:
    branch = factories.UnitFactory(kind="branch")
    for _ in range(MANAGERS):
        factories.MembershipFactory(unit=branch, role="branch_manager")


@pytest.fixture
def without_the_key(managers: None) -> Iterator[None]:
    """Take the unique key of deliveries away, and put it back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'delivery_key_once'")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX delivery_key_once")
        yield
        cursor.execute("TRUNCATE crm_delivery CASCADE")
        cursor.execute(definition)


def together(other_session: Other, action: Callable[[], Any]) -> list[Any]:
    both = threading.Barrier(2)

    def run() -> Any:
        both.wait(10)
        return action()

    return [session.result(20) for session in [other_session(run) for _ in range(2)]]


def test_planned_and_written_by_two_at_once_it_is_mailed_once(
    managers: None, other_session: Other, record: MailRecord
) -> None:
    together(other_session, lambda: ticking.sweep(at=MONDAY))
    delivery.deliver_due()
    assert WeeklyRun.objects.count() == 1
    assert WeeklyReport.objects.exclude(delivery=None).count() == MANAGERS
    assert (len(record.taken), record.extras) == (MANAGERS, 0)
    assert len(set(record.to)) == MANAGERS


def test_a_report_that_one_session_is_writing_is_skipped_by_another(
    managers: None, other_session: Other
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    report_id = WeeklyReport.objects.values_list("pk", flat=True)[0]
    with transaction.atomic():
        assert weekly_report.prepare(report_id, at=MONDAY)
        # Not committed: the other session still sees it unwritten, and leaves it alone.
        assert other_session(WeeklyReport.objects.unprepared(MONDAY).count).result(10) == MANAGERS
        theirs = other_session(lambda: weekly_report.prepare(report_id, at=MONDAY))
        assert theirs.result(10) is None
    assert Delivery.objects.count() == 1


def careless(report_id: UUID, both_looked: threading.Barrier) -> bool:
    """The same without the row lock: look, write, mark."""
    report = WeeklyReport.objects.select_related("recipient").get(pk=report_id)
    assert report.prepared_at is None
    both_looked.wait(10)
    try:
        with transaction.atomic():
            factories.DeliveryFactory(
                key=f"weekly:{WEEK}:{report.recipient_id}", recipient=report.recipient
            )
            report.change(at=MONDAY, prepared_at=MONDAY)
    except IntegrityError:
        return False
    return True


def test_control_without_the_lock_the_key_still_refuses_the_second(
    managers: None, other_session: Other
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    report_id = WeeklyReport.objects.values_list("pk", flat=True)[0]
    both_looked = threading.Barrier(2)
    sessions = [other_session(lambda: careless(report_id, both_looked)) for _ in range(2)]
    assert sorted(session.result(20) for session in sessions) == [False, True]
    assert Delivery.objects.count() == 1


def test_control_without_lock_and_key_there_are_two(
    without_the_key: None, other_session: Other
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    report_id = WeeklyReport.objects.values_list("pk", flat=True)[0]
    both_looked = threading.Barrier(2)
    sessions = [other_session(lambda: careless(report_id, both_looked)) for _ in range(2)]
    assert [session.result(20) for session in sessions] == [True, True]
    assert Delivery.objects.count() == 2


def test_a_second_session_waits_for_the_unique_key_of_the_first(
    managers: None, other_session: Other
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    report = WeeklyReport.objects.select_related("recipient").all()[0]
    alone = threading.Barrier(1)
    with transaction.atomic():
        factories.DeliveryFactory(key=f"weekly:{WEEK}:{report.recipient_id}")
        waiting = other_session(lambda: careless(report.pk, alone))
        eventually(_somebody_waits, 10)
    assert waiting.result(10) is False


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_the_command_started_twice_at_once_and_once_more_mails_each_manager_once(
    managers: None, start: Start, record: MailRecord
) -> None:
    command = ("manage.py", "weekly_report", "--week", str(WEEK))
    assert {process.wait(60) for process in [start(*command), start(*command)]} == {0}
    assert Delivery.objects.count() == MANAGERS
    call_command("weekly_report", "--week", str(WEEK), stdout=StringIO())
    assert delivery.deliver_due() == MANAGERS
    assert (len(record.taken), record.extras) == (MANAGERS, 0)


def test_down_from_sunday_to_monday_noon_everybody_gets_it_once_with_the_same_numbers(
    managers: None, record: MailRecord
) -> None:
    on_time = {
        user.pk: weekly_report.compose(user, WEEK, at=MONDAY).fingerprint
        for user in weekly_report.recipients()
    }
    back = MONDAY.replace(hour=13)
    for minutes in range(3):
        ticking.sweep(at=back.replace(minute=minutes))
    assert (len(record.taken), record.extras) == (MANAGERS, 0)
    written = dict(WeeklyReport.objects.values_list("recipient_id", "content_hash"))
    assert written == on_time
    assert timezone.now() >= back
