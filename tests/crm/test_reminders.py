"""Reminders: planned once by key, moved, cancelled, and released when they are due."""

from datetime import timedelta

import pytest
from django.utils.translation import gettext_lazy

from crm.domain import reminders
from crm.models import Channel, Delivery, Reminder, ReminderState
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db

KIND = reminders.Kind(
    "test_kind",
    gettext_lazy("Reminder"),
    "About %(merchant)s",  # type: ignore[arg-type]
    "%(merchant)s is due at %(due_at)s",  # type: ignore[arg-type]
)


@pytest.fixture(autouse=True)
def known_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reminders.KINDS, KIND.name, KIND)


def plan(key: str = "one", *, days: int = 0, **values: object) -> Reminder:
    now = AT
    given: dict[str, object] = {
        "recipient": factories.UserFactory(language="en"),
        "kind": KIND,
        "facts": {"merchant": "海底捞", "due_at": "2026-11-18T02:00:00+00:00"},
        "link": "/admin/",
        "due_at": now + timedelta(days=days),
        "at": now,
    }
    return reminders.plan(key, **{**given, **values})  # type: ignore[arg-type]


def test_the_same_key_is_planned_once_and_moved() -> None:
    first = plan(days=1)
    second = plan(days=2)
    assert first.pk == second.pk
    assert Reminder.objects.get().due_at == second.due_at


def test_one_that_went_out_stays_as_it_is() -> None:
    first = plan()
    reminders.release_due(at=AT)
    plan(days=2)
    assert Reminder.objects.get().due_at == first.due_at
    assert Reminder.objects.get().state == ReminderState.RELEASED


def test_a_cancelled_one_is_not_released_until_it_is_planned_again() -> None:
    plan()
    assert reminders.cancel("one", at=AT)
    assert not reminders.cancel("one", at=AT)
    assert reminders.release_due(at=AT) == 0
    plan()
    assert reminders.release_due(at=AT) == 1


def test_nothing_leaves_before_its_time() -> None:
    plan(days=1)
    assert reminders.release_due(at=AT) == 0
    assert not Delivery.objects.exists()


def test_a_due_one_leaves_once_per_channel_in_the_recipients_zone() -> None:
    plan()
    assert reminders.release_due(at=AT) == 1
    assert reminders.release_due(at=AT) == 0
    assert set(Delivery.objects.values_list("key", "channel")) == {
        ("one:inbox", Channel.INBOX),
        ("one:mail", Channel.MAIL),
    }
    mail = Delivery.objects.get(channel=Channel.MAIL)
    assert mail.subject == "About 海底捞"
    assert mail.text == "海底捞 is due at 2026-11-18 10:00"


def test_somebody_who_left_gets_nothing() -> None:
    plan(recipient=factories.UserFactory(is_active=False))
    assert reminders.release_due(at=AT) == 1
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"merchant": "海底捞", "due_at": "tomorrow"},
        {"merchant": "海底捞", "due_at": None},
        {"merchant": "海底捞", "due_at": 5},
        ["not", "facts"],
    ],
)
def test_facts_that_do_not_fit_are_said_plainly_and_hold_nobody_up(facts: object) -> None:
    poison = plan("poison")
    plan("sound")
    Reminder.objects.filter(pk=poison.pk).update(facts=facts)
    assert reminders.release_due(at=AT) == 2
    said = dict(Delivery.objects.filter(channel=Channel.MAIL).values_list("key", "subject"))
    assert said == {"poison:mail": "Reminder", "sound:mail": "About 海底捞"}


def test_an_unknown_kind_and_an_unknown_zone_are_said_plainly() -> None:
    plan("kind")
    plan("zone", recipient=factories.UserFactory(time_zone="Mars/Olympus"))
    Reminder.objects.filter(key="kind").update(kind="forgotten")
    assert reminders.release_due(at=AT) == 2
    assert Delivery.objects.count() == 4


def test_a_line_break_in_a_title_makes_no_second_header() -> None:
    plan(facts={"merchant": "海底\r\nBcc: x@y.z", "due_at": "2026-11-18T02:00:00+00:00"})
    reminders.release_due(at=AT)
    assert {row.subject for row in Delivery.objects.all()} == {"About 海底 Bcc: x@y.z"}


def test_a_thousand_are_released_in_a_bounded_number_of_statements(
    django_assert_max_num_queries: object,
) -> None:
    person = factories.UserFactory()
    now = AT
    Reminder.objects.bulk_create(
        [
            Reminder(
                key=f"r{number}",
                recipient=person,
                kind=KIND.name,
                facts={},
                due_at=now,
                updated_at=now,
            )
            for number in range(50)
        ]
    )
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        assert reminders.release_due(at=AT) == 50
