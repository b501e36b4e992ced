"""What a colleague leaves undone reaches the team lead, then the branch manager."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.domain import escalation, held_notices, reminders
from crm.ids import uuid7
from crm.models import Delivery, Notification, Reminder, Role, SpecialDay, User
from leads.domain import follow_ups
from leads.models import FollowUp
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime.fromisoformat("2026-11-18T10:00:00+08:00")
THURSDAY, FRIDAY = WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=2)
MONDAY = WEDNESDAY + timedelta(days=5)
MINUTE = timedelta(minutes=1)

KIND = reminders.Kind(
    "tests_overdue", "A promise", "Call %(merchant)s", "Call %(merchant)s.", escalates=True
)
QUIET_KIND = reminders.Kind("tests_news", "News", "News", "News")


@pytest.fixture(autouse=True)
def known_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (KIND, QUIET_KIND):
        monkeypatch.setitem(reminders.KINDS, kind.name, kind)


def plan(key: str, recipient: User, *, kind: reminders.Kind = KIND, **facts: str) -> Reminder:
    return reminders.plan(
        key,
        recipient=recipient,
        kind=kind,
        facts=facts or {"merchant": "海底捞"},
        link="/admin/",
        due_at=WEDNESDAY,
        at=WEDNESDAY - timedelta(days=1),
    )


def run(*moments: datetime) -> None:
    for moment in moments:
        while reminders.release_due(at=moment):
            pass


def told() -> list[tuple[str, str]]:
    """Who was told what in the inbox, of escalations."""
    rows = Delivery.objects.filter(channel="inbox", kind=escalation.ESCALATED.name)
    return list(rows.order_by("created_at", "key").values_list("recipient__full_name", "subject"))


SUBJECT = "Overdue with Ann since 2026-11-18 10:00: Call 海底捞"


def test_the_team_lead_hears_after_one_working_day_and_the_manager_after_three(
    cast: Cast,
) -> None:
    plan("one", cast.ann)
    run(WEDNESDAY, THURSDAY - MINUTE)
    assert told() == []
    run(THURSDAY)
    assert told() == [("Max", SUBJECT)]
    run(FRIDAY, MONDAY - MINUTE)
    assert len(told()) == 1
    run(MONDAY, MONDAY + MINUTE)
    assert told() == [("Max", SUBJECT), ("Mei", SUBJECT)]
    assert Delivery.objects.filter(channel="mail", kind=escalation.ESCALATED.name).count() == 2


def test_what_was_done_meanwhile_is_told_to_nobody(cast: Cast) -> None:
    plan("one", cast.ann)
    run(WEDNESDAY)
    assert reminders.cancel("one", at=WEDNESDAY + MINUTE)
    run(THURSDAY, MONDAY)
    assert told() == []
    assert not reminders.cancel("one", at=MONDAY)


def test_what_is_done_after_the_team_lead_heard_does_not_reach_the_manager(cast: Cast) -> None:
    plan("one", cast.ann)
    run(WEDNESDAY, THURSDAY)
    reminders.cancel("one", at=FRIDAY)
    run(MONDAY)
    assert [name for name, _subject in told()] == ["Max"]


def test_only_what_is_said_to_escalate_does(cast: Cast) -> None:
    plan("one", cast.ann, kind=QUIET_KIND)
    run(WEDNESDAY)
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "also", "heard"),
    [
        ("ann", [("nia", "team_lead", "xuhui")], ["Max", "Nia", "Mei"]),
        ("ann", [("nia", "team_lead", "shanghai")], ["Max", "Mei"]),
        ("ann", [("nia", "branch_manager", "head_office")], ["Max", "Mei"]),
        ("max", [], ["Mei"]),
        ("max", [("nia", "team_lead", "shanghai")], ["Nia", "Mei"]),
        ("mei", [], []),
        ("mei", [("nia", "branch_manager", "head_office")], ["Nia"]),
        ("sam", [], []),
        ("nia", [], []),
        ("ann", [("ann", "rep", "shanghai")], ["Max", "Mei"]),
    ],
    ids=[
        "two team leads both hear",
        "the nearest only",
        "the nearest manager only",
        "a team lead's own goes to the manager",
        "or to the next team lead above",
        "a manager's own reaches nobody",
        "unless there is one above",
        "a branch without leaders",
        "somebody without a place",
        "two places, one leader, told once",
    ],
)
def test_whoever_holds_the_role_nearest_is_told(
    cast: Cast, who: str, also: list[tuple[str, str, str]], heard: list[str]
) -> None:
    for name, role, unit in also:
        factories.MembershipFactory(
            user=cast.named(name), role=Role(role), unit=getattr(cast, unit)
        )
    plan("one", cast.named(who))
    run(WEDNESDAY, THURSDAY, MONDAY)
    assert [name for name, _subject in told()] == heard
    assert not Reminder.objects.planned().exists()


def test_a_leader_who_left_is_passed_over(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.nia, role=Role.TEAM_LEAD, unit=cast.shanghai)
    cast.max.change(at=WEDNESDAY, is_active=False)
    plan("one", cast.ann)
    run(WEDNESDAY, THURSDAY)
    assert [name for name, _subject in told()] == ["Nia"]


def test_what_somebody_who_left_had_promised_still_reaches_the_team_lead(cast: Cast) -> None:
    cast.ann.change(at=WEDNESDAY, is_active=False)
    plan("one", cast.ann)
    run(WEDNESDAY, THURSDAY)
    assert set(Delivery.objects.values_list("recipient__full_name", flat=True)) == {"Max"}


def test_whoever_was_reminded_late_has_the_whole_time_from_then(cast: Cast) -> None:
    plan("one", cast.ann)
    run(FRIDAY)
    due = set(Reminder.objects.planned().values_list("escalates_to", "due_at"))
    assert due == {
        ("team_lead", MONDAY),
        ("branch_manager", MONDAY + timedelta(days=2)),
    }


def test_a_make_up_saturday_is_a_working_day(cast: Cast) -> None:
    SpecialDay.objects.create(day=date(2026, 11, 21), is_working_day=True, name="调休")
    plan("one", cast.ann)
    run(WEDNESDAY)
    saturday = WEDNESDAY + timedelta(days=3)
    assert Reminder.objects.get(escalates_to="branch_manager").due_at == saturday


def test_it_is_told_in_the_readers_language_and_zone(cast: Cast) -> None:
    cast.max.change(at=WEDNESDAY, language="zh-hans", time_zone="Europe/Berlin")
    plan("one", cast.ann)
    run(WEDNESDAY, THURSDAY)
    ((_name, subject),) = told()
    assert "2026-11-18 03:00" in subject
    assert "Call 海底捞" in subject


@pytest.mark.parametrize(
    "facts",
    [{}, [], {"kind": "follow_up_due"}, {"kind": 5, "facts": [], "since_at": None}],
    ids=["nothing", "a list", "half of it", "nonsense"],
)
def test_facts_that_do_not_fit_are_said_plainly(cast: Cast, facts: Any) -> None:
    plan("one", cast.ann)
    plan("two", cast.ann)
    run(WEDNESDAY)
    Reminder.objects.filter(key=escalation.key_of("one", Role.TEAM_LEAD)).update(facts=facts)
    run(THURSDAY)
    assert {subject for _name, subject in told()} == {"Overdue with a colleague", SUBJECT}


def test_a_first_reminder_that_does_not_fit_is_quoted_by_its_name(cast: Cast) -> None:
    plan("one", cast.ann, unknown="placeholder")
    run(WEDNESDAY, THURSDAY)
    assert told() == [("Max", "Overdue with Ann since 2026-11-18 10:00: A promise")]


def test_a_key_without_room_for_more_is_still_said(cast: Cast) -> None:
    plan("k" * 180, cast.ann)
    plan("one", cast.ann)
    run(WEDNESDAY)
    assert Delivery.objects.filter(channel="inbox").count() == 2
    assert Reminder.objects.planned().count() == 2


def test_a_follow_up_that_is_put_off_handed_over_or_done_takes_its_escalations_along(
    cast: Cast,
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)

    def promised() -> FollowUp:
        return follow_ups.promise(
            uuid7(),
            merchant.pk,
            title="送方案",
            due_at=WEDNESDAY,
            owner=cast.ann,
            by=cast.ann,
            at=WEDNESDAY - timedelta(days=1),
        )

    done, put_off, handed, forgotten = (promised() for _ in range(4))
    run(WEDNESDAY)
    assert Reminder.objects.planned().count() == 8
    now = WEDNESDAY + MINUTE
    follow_ups.finish(done.pk, by=cast.ann, at=now)
    follow_ups.snooze(put_off.pk, by=cast.ann, at=now, until=FRIDAY)
    follow_ups.hand_over(handed.pk, to=cast.bo, by=cast.ann, at=now)
    run(THURSDAY)
    assert sorted(subject for _name, subject in told()) == [
        f"Overdue with {name} since 2026-11-18 10:00: Follow up: 送方案 ({merchant.name})"
        for name in ("Ann", "Bo")
    ]
    assert forgotten.pk


def test_the_statements_do_not_grow_with_the_rows(cast: Cast) -> None:
    def statements(action: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as asked:
            action()
        return len(asked)

    plan("warm", cast.ann)
    run(WEDNESDAY)
    run(THURSDAY)
    held_notices.say_due(at=THURSDAY)
    plan("few", cast.ann)
    few = statements(lambda: reminders.release_due(at=WEDNESDAY))
    few_told = statements(lambda: reminders.release_due(at=THURSDAY))
    for person in (cast.ann, cast.bo, cast.sam, cast.max):
        for number in range(5):
            plan(f"{person.full_name}{number}", person)
    assert statements(lambda: reminders.release_due(at=WEDNESDAY)) <= few
    assert statements(lambda: reminders.release_due(at=THURSDAY)) <= few_told <= 20
    assert not Notification.objects.exists()
