"""Between the moment that a reminder is due and the message: nothing lost, doubled or held up."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.channels import http
from crm.domain import (
    calendar,
    delivery,
    escalation,
    held_notices,
    preferences,
    reminders,
    ticking,
    webhooks,
)
from crm.domain.quiet_hours import QuietHours
from crm.errors import NotAllowed
from crm.ids import uuid7
from crm.models import (
    Channel,
    Delivery,
    DeliveryState,
    HeldNotice,
    Reminder,
    ReminderState,
    Role,
    SpecialDay,
    User,
)
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

NIGHT = datetime.fromisoformat("2026-11-18T22:00:00+08:00")
MORNING = datetime.fromisoformat("2026-11-19T08:45:00+08:00")
DAY = timedelta(days=1)
KIND = reminders.Kind(
    "tests_lost", "A promise", "Call %(merchant)s", "Call %(merchant)s.", escalates=True
)


@pytest.fixture(autouse=True)
def known_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reminders.KINDS, KIND.name, KIND)


@pytest.fixture
def a_poison_that_the_database_will_not_take(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE crm_delivery ADD CONSTRAINT no_poison CHECK (text NOT LIKE '%poison%')"
        )


def plan(key: str, recipient: User, *, merchant: str = "海底捞", at: datetime = NIGHT) -> Reminder:
    return reminders.plan(
        key,
        recipient=recipient,
        kind=KIND,
        facts={"merchant": merchant},
        link="/admin/",
        due_at=at,
        at=at - DAY,
    )


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.MAIL).order_by("key"))


# --- taken back while it is released ------------------------------------------------------------


@pytest.fixture
def one_planned(transactional_db: None) -> Reminder:
    return plan("one", factories.UserFactory())


@pytest.mark.django_db(transaction=True)
def test_what_is_done_while_it_is_released_is_told_to_nobody_later(one_planned: Reminder) -> None:
    with transaction.atomic():
        assert reminders.release_due(at=NIGHT) == 1
        other = Session(lambda: reminders.cancel("one", at=NIGHT))
        assert other.wait_until_blocked()
    assert other.end() is True, "its escalations were planned a moment ago"
    assert not Reminder.objects.planned().exists(), "no leader is told of what is done"
    assert not HeldNotice.objects.exists(), "and the morning does not remind of it"


# --- the morning is looked at again -------------------------------------------------------------


def test_whoever_moved_to_another_zone_is_not_woken_by_the_old_morning(cast: Cast) -> None:
    plan("one", cast.ann)
    reminders.release_due(at=NIGHT)
    User.objects.filter(pk=cast.ann.pk).update(time_zone="Europe/Berlin")  # 01:45 there.
    assert held_notices.say_due(at=MORNING) == 1
    assert mails() == []
    assert HeldNotice.objects.get().deliver_at.isoformat() == "2026-11-19T07:45:00+00:00"
    assert held_notices.say_due(at=MORNING + timedelta(hours=7)) == 1
    assert len(mails()) == 1


def test_what_is_taken_back_overnight_does_not_come_in_the_morning(cast: Cast) -> None:
    for key in ("claim:1:deadline:a", "claim:1:deadline:b", "claim:2:deadline:a"):
        plan(key, cast.ann)
    reminders.release_due(at=NIGHT)
    assert reminders.cancel_all("claim:1:deadline:", but="claim:1:deadline:b", at=NIGHT) == 1
    left = HeldNotice.objects.waiting().values_list("reminder__key", flat=True)
    assert set(left) == {"claim:1:deadline:b", "claim:2:deadline:a"}


def test_a_morning_that_became_a_holiday_is_no_morning(cast: Cast) -> None:
    plan("one", cast.ann)
    reminders.release_due(at=NIGHT)
    SpecialDay.objects.create(day=date(2026, 11, 19), is_working_day=False, name="closed")
    calendar.forget()
    held_notices.say_due(at=MORNING)
    assert mails() == []
    held_notices.say_due(at=MORNING + DAY)
    assert len(mails()) == 1


def test_a_round_that_comes_at_night_leaves_the_digest_for_the_morning(cast: Cast) -> None:
    for key in ("one", "two"):
        plan(key, cast.ann)
    reminders.release_due(at=NIGHT)
    assert held_notices.say_due(at=NIGHT + DAY) == 2, "nobody was there all day"
    assert mails() == []
    assert held_notices.say_due(at=NIGHT + DAY) == 0
    assert held_notices.say_due(at=MORNING + DAY) == 2
    assert len(mails()) == 1


@pytest.mark.parametrize(
    "hours",
    [
        QuietHours(21 * 60, 8 * 60 + 30, 22 * 60),
        QuietHours(6 * 60, 5 * 60, 8 * 60 + 45),
        QuietHours(12 * 60, 13 * 60, 8 * 60 + 45),
        QuietHours(21 * 60, 8 * 60 + 30, 8 * 60),
        QuietHours(0, 0, 8 * 60 + 45),
    ],
    ids=["digest in the evening", "quiet all day", "noon", "digest too early", "never quiet"],
)
def test_what_is_held_never_comes_in_quiet_hours(hours: QuietHours) -> None:
    assert not hours.are_at(hours.morning)


def test_what_one_switched_off_in_the_night_does_not_come_in_the_morning(cast: Cast) -> None:
    for key in ("one", "two"):
        plan(key, cast.ann)
        plan(f"bo-{key}", cast.bo)
    reminders.release_due(at=NIGHT)
    preferences.choose(cast.ann.pk, KIND.name, Channel.MAIL, wanted=False, by=cast.ann, at=NIGHT)
    assert held_notices.say_due(at=MORNING) == 4
    assert [mail.recipient for mail in mails()] == [cast.bo]
    assert not HeldNotice.objects.filter(recipient=cast.ann).exists()


# --- one bad row delays only itself -------------------------------------------------------------


@pytest.mark.usefixtures("a_poison_that_the_database_will_not_take")
def test_a_reminder_that_cannot_be_written_holds_up_no_other(cast: Cast) -> None:
    noon = NIGHT - timedelta(hours=10)
    bad = plan("bad", cast.ann, merchant="poison", at=noon)
    plan("good", cast.ann, at=noon)
    assert reminders.release_due(at=noon) == 2
    assert {row.key for row in Delivery.objects.all()} == {"good:inbox", "good:mail"}
    assert reminders.release_due(at=noon) == 0, "the bad one rests"
    bad.refresh_from_db()
    assert (bad.state, bad.due_at) == (ReminderState.PLANNED, noon + timedelta(hours=1))
    Reminder.objects.filter(pk=bad.pk).update(facts={"merchant": "海底捞"})
    assert reminders.release_due(at=noon + timedelta(hours=1)) == 1
    assert Delivery.objects.filter(key="bad:inbox").exists(), "mended, it is said"


@pytest.mark.usefixtures("a_poison_that_the_database_will_not_take")
def test_a_digest_that_cannot_be_written_holds_up_no_other(cast: Cast) -> None:
    for key, person in (("one", cast.ann), ("two", cast.bo)):
        plan(key, person)
    reminders.release_due(at=NIGHT)
    HeldNotice.objects.filter(recipient=cast.ann).update(text="poison")
    assert held_notices.say_due(at=MORNING) == 2
    assert [mail.recipient for mail in mails()] == [cast.bo]
    held = HeldNotice.objects.waiting().get()
    assert (held.recipient, held.deliver_at) == (cast.ann, MORNING + timedelta(hours=1))


def test_the_longest_key_that_escalates_leaves_room_for_everything(cast: Cast) -> None:
    plan("x" * escalation.LONGEST_KEY, cast.ann)
    reminders.release_due(at=NIGHT)
    assert Reminder.objects.planned().count() == 2
    late = NIGHT + 20 * DAY
    assert reminders.release_due(at=late) == 2
    assert Delivery.objects.filter(kind=escalation.ESCALATED.name).count() == 2
    longest = "x" * escalation.LONGEST_KEY
    for role in escalation.DAYS:
        row = Reminder(key=escalation.key_of(longest, role), escalates_to=role)
        key = reminders.delivery_key(row, uuid7(), Channel.OTHER_CHAT)
        assert len(key) <= Delivery._meta.get_field("key").max_length


def test_an_event_that_cannot_be_said_refuses_nobody_the_work(cast: Cast) -> None:
    unit = factories.UnitFactory()
    listener = webhooks.Listener(uuid7(), unit.pk, frozenset(), None)
    events = [
        webhooks.Event("lead.moved", {"note": "x" * webhooks.MOST_BYTES}, unit.pk, NIGHT),
        webhooks.Event("lead.moved", {"odd": object()}, unit.pk, NIGHT),
    ]
    assert webhooks.tell([listener], events) == 0


# --- an end to every step -----------------------------------------------------------------------


def test_a_long_queue_holds_up_neither_the_pulse_nor_what_falls_due(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = NIGHT - timedelta(hours=10)
    factories.DeliveryFactory.create_batch(3)
    plan("one", cast.ann, at=noon)
    monkeypatch.setattr(ticking, "SLICE_SECONDS", 0)
    assert ticking.sweep(at=noon) == 0, "its time is over before the first message"
    assert Reminder.objects.get(key="one").state == ReminderState.RELEASED, "a batch, all the same"
    assert ticking.more_is_due()
    monkeypatch.undo()
    ticking.sweep(at=noon)
    assert not ticking.more_is_due()


def test_a_tick_releases_for_a_while_and_the_next_one_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "SLICE_SECONDS", 0)
    batches = iter([500, 500, 0])
    ticking.for_a_while(lambda: next(batches))
    assert list(batches) == [500, 0]


def test_the_statements_of_a_release_do_not_grow_with_the_reminders(cast: Cast) -> None:
    def statements(*people: User) -> int:
        for person in people:
            plan(str(uuid7()), person, at=NIGHT)
        with CaptureQueriesContext(connection) as seen:
            assert reminders.release_due(at=NIGHT) == len(people)
        return len(seen)

    few = statements(cast.ann)
    assert statements(*[cast.ann, cast.bo, cast.max, cast.mei] * 20) <= few


# --- whose messages are an administrator's ------------------------------------------------------


@pytest.fixture
def branch_administrator(cast: Cast) -> User:
    """Administers the branch that Sam does not work at."""
    person = factories.UserFactory(email="kim@bank.test", full_name="Kim", is_staff=True)
    home = cast.mei.memberships.get().unit
    factories.MembershipFactory(user=person, unit=home, role=Role.ADMINISTRATOR)
    return person


def dead(recipient: User) -> Delivery:
    made: Delivery = factories.DeliveryFactory(
        recipient=recipient,
        state=DeliveryState.DEAD,
        failure="smtp_550: no",
        subject=f"to {recipient}",
    )
    return made


def test_an_administrator_of_a_branch_sends_again_what_was_for_that_branch(
    cast: Cast, branch_administrator: User
) -> None:
    own, others = dead(cast.ann), dead(cast.sam)
    assert delivery.send_again([own.pk], by=branch_administrator, because="…", at=NIGHT) == 1
    with pytest.raises(NotAllowed):
        delivery.send_again([others.pk], by=branch_administrator, because="…", at=NIGHT)
    assert delivery.send_again([others.pk], by=cast.ada, because="…", at=NIGHT) == 1


def test_an_administrator_of_a_branch_reads_of_that_branch_only(
    cast: Cast, branch_administrator: User, signed_in: Callable[[User], Client]
) -> None:
    own, others = dead(cast.ann), dead(cast.sam)
    page = signed_in(branch_administrator).get("/admin/operations/").content.decode()
    assert str(own.pk) in page
    assert str(others.pk) not in page


def test_what_was_for_somebody_without_a_unit_is_the_head_offices(
    cast: Cast, branch_administrator: User
) -> None:
    row = dead(factories.UserFactory())
    with pytest.raises(NotAllowed):
        delivery.send_again([row.pk], by=branch_administrator, because="…", at=NIGHT)
    assert delivery.send_one_again(row.pk, by=cast.ada, because="…", at=NIGHT).revision == 2


@pytest.mark.parametrize("address", ["fec0::1", "feff::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_an_address_of_ones_own_in_another_coat_is_inside(address: str) -> None:
    assert not http.is_public(address)
