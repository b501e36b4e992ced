"""The outbox: batches, sending again on purpose, letting texts go, and the figures of it all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm import parameters as remembered
from crm.actors import SYSTEM
from crm.channels.base import Refused, Retry
from crm.domain import (
    claiming,
    delivery,
    delivery_parameters,
    message_retention,
    parameters,
    retrying,
    watching,
)
from crm.errors import NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import (
    Channel,
    Delivery,
    DeliveryPart,
    DeliveryState,
    HeldNotice,
    Notification,
    Resend,
)
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def inbox_rows(count: int, **values: Any) -> list[Delivery]:
    person = factories.UserFactory()
    made: list[Delivery] = factories.DeliveryFactory.create_batch(
        count, recipient=person, channel=Channel.INBOX, **values
    )
    return made


@pytest.mark.parametrize("count", [1, 50, 200])
def test_a_batch_of_inbox_lines_costs_the_same_few_statements(
    count: int, django_assert_num_queries: Any
) -> None:
    inbox_rows(count)
    # Claim, settle and write, and two looks for more, each between two marks of a transaction.
    with django_assert_num_queries(14):
        assert delivery.deliver_due() == count
    assert Notification.objects.count() == count
    assert not Delivery.objects.unsettled().exists()


POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'poison'; END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON crm_notification
FOR EACH ROW WHEN (NEW.title = 'poison') EXECUTE FUNCTION refuse_poison();
"""


def test_a_line_that_cannot_be_written_delays_only_itself() -> None:
    with connection.cursor() as cursor:
        cursor.execute(POISON)
    inbox_rows(4)
    (poison,) = inbox_rows(1, subject="poison", next_try_at=timezone.now() - DAY)
    assert delivery.deliver_due() == 5
    poison.refresh_from_db()
    assert (poison.state, poison.losses) == (DeliveryState.RETRY, 1)
    assert poison.failure.startswith("bug: ")
    assert "poison" in poison.failure
    assert Notification.objects.count() == 4
    for _ in range(claiming.LOSSES_ALLOWED):
        Delivery.objects.filter(pk=poison.pk).update(next_try_at=timezone.now() - DAY)
        delivery.deliver_due()
    poison.refresh_from_db()
    assert (poison.state, poison.losses) == (DeliveryState.DEAD, claiming.LOSSES_ALLOWED)


def test_a_line_that_stands_already_is_not_written_again() -> None:
    rows = inbox_rows(3)
    stands = Notification.objects.create(
        delivery=rows[2], recipient=rows[2].colleague, kind="x", title="stands already"
    )
    assert delivery.deliver_due() == 3
    assert Notification.objects.count() == 3
    assert Notification.objects.get(delivery=rows[2]) == stands
    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == 3


def test_somebody_who_left_stops_no_line_of_the_others() -> None:
    gone = factories.DeliveryFactory(
        channel=Channel.INBOX, recipient=factories.UserFactory(is_active=False)
    )
    inbox_rows(3)
    assert delivery.deliver_due() == 4
    assert Notification.objects.count() == 3
    gone.refresh_from_db()
    assert (gone.state, gone.failure.partition(":")[0]) == ("dead", "recipient_inactive")


def test_a_batch_of_which_one_row_went_to_another_worker_is_written_without_it() -> None:
    rows = inbox_rows(3)
    mine = claiming.claim_inbox("slow")
    Delivery.objects.filter(pk=rows[1].pk).update(claimed_by="quick")
    delivery._fill_inboxes(mine, "slow")
    assert set(Notification.objects.values_list("delivery", flat=True)) == {
        rows[0].pk,
        rows[2].pk,
    }


# --- losses -------------------------------------------------------------------------------------


def lost(row: Delivery, state: DeliveryState) -> None:
    past = timezone.now() - SECOND
    Delivery.objects.filter(pk=row.pk).update(state=state, lease_until=past, next_try_at=past)


def test_what_a_dead_worker_had_not_begun_is_no_loss() -> None:
    row = factories.DeliveryFactory()
    for worker in "abcdefg":
        (claimed,) = delivery.claim(worker)
        assert (claimed.losses, claimed.attempts) == (0, 1)
        lost(row, DeliveryState.CLAIMED)


def test_a_message_with_two_losses_rests_and_is_then_tried_alone() -> None:
    poison = factories.DeliveryFactory(losses=1)
    lost(poison, DeliveryState.HANDING_OVER)
    factories.DeliveryFactory.create_batch(3)
    assert poison.pk not in {row.pk for row in delivery.claim("one")}
    poison.refresh_from_db()
    assert (poison.state, poison.losses) == (DeliveryState.RETRY, 2)
    assert poison.next_try_at > timezone.now()
    assert poison.failure.startswith("worker_lost: 2")
    factories.DeliveryFactory.create_batch(3)
    Delivery.objects.filter(pk=poison.pk).update(next_try_at=timezone.now() - DAY)
    assert [row.pk for row in delivery.claim("two")] == [poison.pk]
    assert len(delivery.claim("three")) == 3


# --- when to try again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry", "longest"),
    [
        (Retry.QUICK, (10, 30, 60, 300, 900, 1800, 3600, 3600)),
        (Retry.SLOW, (60, 300, 600, 1200, 1800, 3600, 3600)),
    ],
    ids=["network", "recipient"],
)
def test_pauses_grow_by_class_and_have_full_jitter(retry: Retry, longest: tuple[int, ...]) -> None:
    for tries, limit in enumerate(longest, start=1):
        drawn = [retrying.pause(retry, tries).total_seconds() for _ in range(200)]
        assert 1 <= min(drawn) < limit * 0.2 + 1
        assert limit * 0.8 < max(drawn) <= limit


def judged(waited: timedelta, **refusal: Any) -> retrying.Verdict:
    return retrying.judged(
        Refused("code", "text", **refusal), attempts=9, waited=waited, patience=DAY
    )


def test_the_last_try_is_made_at_the_end_of_the_day_and_none_after_it() -> None:
    almost = judged(DAY - SECOND * 5)
    assert almost.waited == DAY or (almost.wait is not None and almost.wait <= SECOND * 5)
    assert judged(DAY).wait is None
    assert judged(timedelta(), final=True).wait is None


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        (timedelta(seconds=20), timedelta(seconds=20)),
        (timedelta(0), SECOND),
        (timedelta(days=3), timedelta(hours=1)),
        (timedelta(seconds=-5), SECOND),
    ],
    ids=["as named", "none at all", "three days", "in the past"],
)
def test_a_pause_that_the_other_side_names_is_kept_within_bounds(
    named: timedelta, kept: timedelta
) -> None:
    assert judged(timedelta(), wait=named).wait == kept


class Busy:
    is_local = False

    def __init__(self, **refusal: Any) -> None:
        self.refusal = refusal

    def send(self, row: Delivery) -> None:
        raise Refused("busy", "later", **self.refusal)


def tried(row: Delivery, channel: Any) -> Delivery:
    Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - SECOND)
    (claimed,) = delivery.claim("worker")
    assert not delivery.hand_over(claimed, channel, worker="worker")
    row.refresh_from_db()
    return row


def test_a_day_of_pauses_ends_in_the_list_of_what_was_given_up() -> None:
    row = factories.DeliveryFactory()
    while tried(row, Busy(retry=Retry.SLOW)).state == DeliveryState.RETRY:
        assert row.attempts < 500
    assert (row.state, row.waited) == (DeliveryState.DEAD, DAY)
    assert row.attempts > 24
    assert row.failure == "busy: later"


def test_an_outage_of_ours_uses_up_nothing_of_the_day() -> None:
    long_ago = timezone.now() - 9 * DAY
    row = factories.DeliveryFactory(created_at=long_ago, next_try_at=long_ago)
    assert tried(row, Busy()).state == DeliveryState.RETRY
    assert row.waited <= timedelta(seconds=10)


def test_a_named_pause_counts_as_no_try() -> None:
    row = factories.DeliveryFactory()
    for _ in range(10):
        assert tried(row, Busy(wait=timedelta(seconds=3))).attempts == 0
    assert row.waited == timedelta(seconds=30)


# --- sending again on purpose -------------------------------------------------------------------


def dead(**values: Any) -> Delivery:
    made: Delivery = factories.DeliveryFactory(
        **{"state": DeliveryState.DEAD, "failure": "smtp_550: no", "attempts": 3, **values}
    )
    return made


def test_sending_again_is_a_new_revision_with_name_and_reason(cast: Cast) -> None:
    row = dead(losses=4, waited=DAY)
    first_id, at = row.message_id, timezone.now()
    assert delivery.send_again([row.pk], by=cast.ada, because=" A new  mailbox ", at=at) == 1
    row.refresh_from_db()
    assert (row.state, row.revision, row.attempts, row.losses) == (DeliveryState.QUEUED, 2, 0, 0)
    assert (row.waited, row.failure, row.next_try_at) == (timedelta(), "", at)
    assert row.message_id != first_id
    told = Resend.objects.get()
    assert (told.by, told.because, told.revision, told.at) == (cast.ada, "A new mailbox", 2, at)


@pytest.mark.parametrize("because", ["", "  ", "\n"])
def test_sending_again_needs_a_reason(because: str) -> None:
    row = dead()
    with pytest.raises(RuleBroken) as refusal:
        delivery.send_again([row.pk], by=SYSTEM, because=because, at=timezone.now())
    assert refusal.value.code == "reason_needed"
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD


def test_people_send_again_what_was_for_themselves_and_nothing_else(cast: Cast) -> None:
    own, others = dead(recipient=cast.ann), dead(recipient=cast.bo)
    at = timezone.now()
    assert delivery.send_again([own.pk], by=cast.ann, because="…", at=at) == 1
    for actor in (cast.ann, cast.max):
        with pytest.raises(NotAllowed):
            delivery.send_again([others.pk], by=actor, because="…", at=at)
    with pytest.raises(NotFound):
        delivery.send_one_again(others.pk, by=cast.ann, because="…", at=at)
    assert not Resend.objects.filter(delivery=others).exists()


def test_an_inbox_is_never_filled_twice(cast: Cast) -> None:
    (row,) = inbox_rows(1)
    delivery.deliver_due()
    at = timezone.now()
    assert delivery.send_again([row.pk], by=cast.ada, because="…", at=at) == 0
    with pytest.raises(RuleBroken) as refusal:
        delivery.send_one_again(row.pk, by=SYSTEM, because="…", at=at)
    assert refusal.value.code == "not_repeatable"
    # A line that was given up and never written comes once.
    never = dead(channel=Channel.INBOX)
    assert delivery.send_again([never.pk], by=cast.ada, because="…", at=at) == 1
    delivery.deliver_due()
    assert Notification.objects.filter(delivery=never).count() == 1


@pytest.mark.parametrize("state", ["queued", "claimed", "handing_over", "retry"])
def test_what_is_under_way_is_not_sent_again(state: str) -> None:
    row = dead(state=state)
    assert delivery.send_again([row.pk], by=SYSTEM, because="…", at=timezone.now()) == 0


def test_who_sent_it_again_cannot_be_changed_afterwards(cast: Cast) -> None:
    row = dead()
    delivery.send_again([row.pk], by=cast.ada, because="…", at=timezone.now())
    for change in (
        lambda: Resend.objects.update(because="another"),
        lambda: Resend.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert Resend.objects.get().because == "…"


# --- letting texts go ---------------------------------------------------------------------------


def rested(days: float, **values: Any) -> Delivery:
    settled = timezone.now() - timedelta(days=days)
    made: Delivery = factories.DeliveryFactory(
        **{"state": DeliveryState.SENT, "sent_at": settled, "updated_at": settled, **values}
    )
    return made


def test_texts_are_let_go_after_thirty_days_and_what_was_sent_to_whom_stays() -> None:
    old, given_up = rested(31, html="<p>…</p>"), rested(31, state=DeliveryState.DEAD, sent_at=None)
    young, waiting = rested(29), rested(31, state=DeliveryState.QUEUED, sent_at=None)
    DeliveryPart.objects.create(
        delivery=old, name="a.png", content_type="image/png", content=b"picture"
    )
    held = HeldNotice.objects.create(
        reminder=factories.ReminderFactory(),
        recipient=old.colleague,
        channel=Channel.MAIL,
        because="quiet",
        subject="…",
        text="…",
        deliver_at=timezone.now(),
        delivery=old,
    )
    at = timezone.now()
    assert message_retention.let_go(at=at) == 2
    assert message_retention.let_go(at=at) == 0
    for row in (old, given_up):
        subject = row.subject
        row.refresh_from_db()
        assert (row.text, row.html, row.text_kept, row.subject) == ("", "", False, subject)
        assert delivery.send_again([row.pk], by=SYSTEM, because="…", at=at) == 0
    for row in (young, waiting):
        row.refresh_from_db()
        assert row.text
        assert row.text_kept
    held.refresh_from_db()
    assert held.text == ""
    assert not DeliveryPart.objects.exists()


def test_texts_are_let_go_in_bounded_batches() -> None:
    for _ in range(5):
        rested(31)
    at = timezone.now()
    assert [message_retention.let_go(at=at, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_how_long_texts_are_kept_can_be_set() -> None:
    row, at = rested(10), timezone.now()
    assert message_retention.let_go(at=at) == 0
    kept = delivery_parameters.TEXT_KEPT_DAYS
    seven = Decimal(7)
    parameters.change(uuid7(), kept.name, value=seven, because="…", by=SYSTEM, at=at)
    remembered.forget()
    assert message_retention.let_go(at=at) == 1
    row.refresh_from_db()
    assert not row.text_kept


# --- figures ------------------------------------------------------------------------------------


def test_figures_count_what_waits_what_is_late_and_what_was_given_up() -> None:
    now = timezone.now()
    factories.DeliveryFactory(next_try_at=now - timedelta(minutes=10))
    factories.DeliveryFactory(next_try_at=now - SECOND, state=DeliveryState.RETRY)
    factories.DeliveryFactory(next_try_at=now + DAY)
    dead(channel=Channel.INBOX)
    rested(0, attempts=2)
    rested(1)
    factories.ReminderFactory(due_at=now - timedelta(minutes=10))
    factories.ReminderFactory(due_at=now - SECOND)
    factories.ReminderFactory(due_at=now + DAY)
    seen = watching.figures(at=now)
    assert seen.unsettled == {("mail", "queued"): 2, ("mail", "retry"): 1}
    assert (seen.due, seen.late) == ({"mail": 2}, {"mail": 1})
    assert (seen.sent, seen.retried, seen.dead) == ({"mail": 1}, {"mail": 1}, {"inbox": 1})
    assert (seen.reminders_due, seen.reminders_late) == (2, 1)
    assert seen.oldest_due_age == pytest.approx(600, abs=10)
    assert seen.heartbeat_age is None
    assert not seen.is_healthy
