"""The night and the day off hold mail and chats; the morning brings them as one message."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.domain import delivery, held_notices, preferences, reminders, ticking
from crm.domain import parameters as parameter_verbs
from crm.ids import uuid7
from crm.models import (
    Channel,
    ChatAddress,
    Delivery,
    HeldNotice,
    Notification,
    Reminder,
    SpecialDay,
    User,
)
from leads.domain import follow_ups
from tests import factories
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

NIGHT = datetime.fromisoformat("2026-11-18T22:00:00+08:00")
MORNING = datetime.fromisoformat("2026-11-19T08:45:00+08:00")
DAY = timedelta(days=1)

KIND = reminders.Kind("tests_night", "Reminder", "About %(merchant)s", "%(merchant)s is due.")
URGENT = reminders.Kind(
    "tests_urgent", "Urgent", "At once: %(merchant)s", "%(merchant)s.", is_urgent=True
)


@pytest.fixture(autouse=True)
def known_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (KIND, URGENT):
        monkeypatch.setitem(reminders.KINDS, kind.name, kind)


def plan(
    key: str,
    recipient: User,
    *,
    due_at: datetime = NIGHT,
    kind: reminders.Kind = KIND,
    merchant: str = "海底捞",
) -> Reminder:
    return reminders.plan(
        key,
        recipient=recipient,
        kind=kind,
        facts={"merchant": merchant},
        link=f"/admin/{key}/",
        due_at=due_at,
        at=NIGHT - 30 * DAY,
    )


def tick(at: datetime) -> None:
    """A round of what this is about, without the weekly report."""
    while reminders.release_due(at=at):
        pass
    held_notices.say_due(at=at)
    delivery.deliver_due()


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.MAIL).order_by("key"))


def test_the_inbox_disturbs_nobody_and_has_it_at_once(cast: Cast) -> None:
    plan("one", cast.ann)
    assert reminders.release_due(at=NIGHT) == 1
    assert Delivery.objects.get().channel == Channel.INBOX
    held = HeldNotice.objects.get()
    assert (held.channel, held.because, held.deliver_at) == ("mail", "quiet", MORNING)


def test_a_single_one_comes_in_the_morning_as_the_message_that_it_is(cast: Cast) -> None:
    plan("one", cast.ann)
    reminders.release_due(at=NIGHT)
    assert held_notices.say_due(at=MORNING - timedelta(seconds=1)) == 0
    assert mails() == []
    assert held_notices.say_due(at=MORNING) == 1
    (mail,) = mails()
    assert (mail.key, mail.kind, mail.subject) == ("one:mail", KIND.name, "About 海底捞")
    assert HeldNotice.objects.get().delivery == mail
    assert held_notices.say_due(at=MORNING + DAY) == 0


def test_several_come_as_one_message_per_person(cast: Cast, mailoutbox: list[Any]) -> None:
    for number in range(3):
        later = NIGHT + timedelta(minutes=number)
        plan(f"ann-{number}", cast.ann, merchant=f"M{number}", due_at=later)
        plan(f"bo-{number}", cast.bo, due_at=later)
    for minute in range(0, 10 * 60, 60):
        tick(NIGHT + timedelta(minutes=minute))
    assert mailoutbox == []
    tick(MORNING)
    tick(MORNING + timedelta(seconds=30))
    assert sorted(mail.to[0] for mail in mailoutbox) == ["ann@bank.test", "bo@bank.test"]
    digest = Delivery.objects.get(recipient=cast.ann, channel="mail")
    assert digest.key == f"digest:{cast.ann.pk}:mail:2026-11-19T00:45:00+00:00"
    assert digest.subject == "Good morning: 3 reminders"
    places = [digest.text.index(f"About M{number}") for number in range(3)]
    assert places == sorted(places), "in the order in which they were due"
    assert "/admin/ann-1/" in digest.text
    assert "/admin/ann-1/" in digest.html
    assert Notification.objects.count() == 6


def test_an_urgent_kind_passes(cast: Cast) -> None:
    plan("urgent", cast.ann, kind=URGENT)
    plan("usual", cast.ann)
    reminders.release_due(at=NIGHT)
    assert [mail.key for mail in mails()] == ["urgent:mail"]


def test_each_person_sleeps_in_their_own_zone(cast: Cast) -> None:
    cast.bo.change(at=NIGHT, time_zone="Europe/Berlin")
    plan("ann", cast.ann)
    plan("bo", cast.bo)
    reminders.release_due(at=NIGHT)
    assert [mail.key for mail in mails()] == ["bo:mail"]


@pytest.mark.parametrize(
    ("is_worked", "when"),
    [(True, "2026-11-21T08:45:00+08:00"), (False, "2026-11-23T08:45:00+08:00")],
    ids=["a make-up Saturday", "a usual Saturday"],
)
def test_a_make_up_saturday_is_a_morning_like_any_other(
    cast: Cast, is_worked: bool, when: str
) -> None:
    SpecialDay.objects.create(day=date(2026, 11, 21), is_working_day=is_worked, name="调休")
    plan("one", cast.ann, due_at=NIGHT + 2 * DAY)
    reminders.release_due(at=NIGHT + 2 * DAY)
    assert HeldNotice.objects.get().deliver_at == datetime.fromisoformat(when)


def test_what_is_late_comes_as_one_message_at_once(cast: Cast) -> None:
    back = NIGHT + timedelta(hours=15)  # Thursday 13:00; nothing ran since Wednesday 10:00.
    for number in range(2):
        plan(f"late-{number}", cast.ann, due_at=NIGHT - timedelta(hours=12))
    plan("night", cast.ann)
    plan("fresh", cast.ann, due_at=back - timedelta(hours=1))
    plan("too late", cast.ann, due_at=back - timedelta(hours=49))
    ticking.tick(at=back)
    late, fresh = mails()
    assert late.subject == "While the system was down: 3 reminders"
    assert fresh.key == "fresh:mail"
    assert Delivery.objects.filter(channel="inbox").count() == 5


def test_late_ones_that_meet_the_night_wait_for_the_morning_with_the_others(cast: Cast) -> None:
    plan("late", cast.ann, due_at=NIGHT - timedelta(hours=6))
    plan("night", cast.ann)
    ticking.tick(at=NIGHT)
    assert mails() == []
    ticking.tick(at=MORNING)
    (digest,) = mails()
    assert digest.subject == "Good morning: 2 reminders"
    assert "Some are late (1): the system was down." in digest.text


def test_one_that_was_planned_for_the_past_is_not_late(cast: Cast) -> None:
    reminders.plan(
        "one",
        recipient=cast.ann,
        kind=KIND,
        facts={"merchant": "海底捞"},
        link="",
        due_at=factories.AT - 20 * DAY,
        at=factories.AT,
    )
    reminders.release_due(at=factories.AT)
    assert [mail.key for mail in mails()] == ["one:mail"]


def test_what_is_taken_back_in_the_night_is_not_said_in_the_morning(cast: Cast) -> None:
    plan("done", cast.ann)
    plan("open", cast.ann)
    reminders.release_due(at=NIGHT)
    reminders.cancel("done", at=NIGHT)
    held_notices.say_due(at=MORNING)
    assert [mail.key for mail in mails()] == ["open:mail"]


def test_somebody_who_left_in_the_night_gets_nothing(cast: Cast) -> None:
    plan("one", cast.ann)
    plan("two", cast.ann)
    reminders.release_due(at=NIGHT)
    cast.ann.change(at=NIGHT, is_active=False)
    assert held_notices.say_due(at=MORNING) == 2
    assert mails() == []
    assert held_notices.say_due(at=MORNING) == 0


def test_whoever_wants_no_digest_has_it_all_in_the_inbox(cast: Cast) -> None:
    preferences.choose(
        cast.ann.pk, held_notices.DIGEST.name, "mail", wanted=False, by=cast.ann, at=NIGHT
    )
    for key in ("one", "two"):
        plan(key, cast.ann)
        plan(f"bo-{key}", cast.bo)
    reminders.release_due(at=NIGHT)
    held_notices.say_due(at=MORNING)
    assert [mail.recipient for mail in mails()] == [cast.bo]
    assert Delivery.objects.filter(channel="inbox", recipient=cast.ann).count() == 2


def test_a_chat_has_a_digest_of_its_own(cast: Cast) -> None:
    ChatAddress.objects.create(
        user=cast.ann, channel=Channel.WECOM, address=b"sealed", host="x.test"
    )
    for key in ("one", "two"):
        plan(key, cast.ann)
    reminders.release_due(at=NIGHT)
    held_notices.say_due(at=MORNING)
    said = dict(Delivery.objects.exclude(channel="inbox").values_list("channel", "html"))
    assert said.keys() == {"mail", "wecom"}
    assert said["mail"]
    assert not said["wecom"]


def test_one_more_for_the_same_morning_is_not_lost(cast: Cast) -> None:
    """A session that released in the last second of the night and committed after the digest."""
    for key in ("one", "two"):
        plan(key, cast.ann)
    reminders.release_due(at=NIGHT)
    held_notices.say_due(at=MORNING)
    for key in ("three", "four"):
        plan(key, cast.ann)
    reminders.release_due(at=NIGHT)
    assert held_notices.say_due(at=MORNING) == 2
    assert [len(mail.text.splitlines()) > 4 for mail in mails()] == [True, True]


def test_a_long_list_is_cut_and_says_so(cast: Cast) -> None:
    for number in range(held_notices.LONGEST_LIST + 7):
        plan(f"r{number:03}", cast.ann)
    reminders.release_due(at=NIGHT)
    held_notices.say_due(at=MORNING)
    (digest,) = mails()
    assert digest.subject == f"Good morning: {held_notices.LONGEST_LIST + 7} reminders"
    assert "And 7 more, in your inbox." in digest.text


def test_an_address_that_is_none_ends_as_a_dead_letter(cast: Cast) -> None:
    User.objects.filter(pk=cast.ann.pk).update(email="")
    plan("one", cast.ann, due_at=factories.AT)
    plan("two", cast.bo, due_at=factories.AT)
    tick(factories.AT)
    states = dict(Delivery.objects.filter(channel="mail").values_list("key", "state"))
    assert states == {"one:mail": "dead", "two:mail": "sent"}
    assert Delivery.objects.get(key="one:mail").failure.startswith("bad_address")


def test_a_follow_up_for_tomorrow_at_nine_reaches_inbox_and_mail_once(
    cast: Cast, mailoutbox: list[Any], at: datetime
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    due = datetime.fromisoformat("2026-11-19T09:00:00+08:00")
    follow_ups.promise(
        uuid7(), merchant.pk, title="送方案", due_at=due, owner=cast.ann, by=cast.ann, at=at
    )
    said = []
    for seconds in (-60, -30, 0, 30, 60, 12 * 3600, 24 * 3600):
        ticking.sweep(at=due + timedelta(seconds=seconds))
        said.append(sum("送方案" in mail.subject for mail in mailoutbox))
    # The last one is what the team lead is told, as nothing was done.
    assert said == [0, 0, 1, 1, 1, 1, 2]
    assert [mail.to for mail in mailoutbox if mail.subject.startswith("Follow up")] == [
        ["ann@bank.test"]
    ]
    assert Notification.objects.filter(recipient=cast.ann).count() == 1


def test_a_number_that_an_administrator_changed_counts(
    cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        parameter_verbs.change(
            uuid7(),
            "crm.quiet_hours.from",
            value=Decimal(23 * 60),
            because="试点",
            by=cast.ada,
            at=NIGHT,
        )
    plan("one", cast.ann)
    reminders.release_due(at=NIGHT)
    assert [mail.key for mail in mails()] == ["one:mail"]


def test_the_statements_do_not_grow_with_the_people(cast: Cast) -> None:
    numbers = count()

    def statements(*people: User) -> int:
        for person in people:
            for _ in range(3):
                plan(f"r{next(numbers)}", person)
        with CaptureQueriesContext(connection) as asked:
            assert reminders.release_due(at=NIGHT) == 3 * len(people)
            assert held_notices.say_due(at=MORNING) == 3 * len(people)
        return len(asked)

    statements(cast.ann)  # What a process remembers fills once.
    few = statements(cast.ann)
    assert statements(cast.ann, cast.bo, cast.max, cast.mei, cast.sam) <= few <= 30


@pytest.fixture
def two_held(transactional_db: None) -> User:
    person = factories.UserFactory(language="en")
    for key in ("one", "two"):
        plan(key, person)
    reminders.release_due(at=NIGHT)
    return person


@pytest.mark.django_db(transaction=True)
def test_two_sessions_at_once_say_it_once(two_held: User) -> None:
    with transaction.atomic():
        assert held_notices.say_due(at=MORNING) == 2
        other = Session(lambda: held_notices.say_due(at=MORNING))
        assert other.wait_until_blocked()
    assert other.end() == 0
    assert len(mails()) == 1


def test_the_page_of_a_reminder_says_what_waits_until_when(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    reminder = plan("one", cast.ann)
    reminders.release_due(at=NIGHT)
    page = signed_in(cast.ada).get(reverse("admin:crm_reminder_change", args=[reminder.pk]))
    assert page.status_code == 200
    for word in ("E-mail", "Ann", "2026-11-19 08:45", "Quiet hours or a day off"):
        assert word in page.content.decode()
