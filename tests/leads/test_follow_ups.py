"""Follow-ups: promised, put off, done or dropped; each plans and cancels its own reminder."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.errors import InvalidInput, NotAllowed, RuleBroken
from crm.ids import uuid7
from crm.models import Reminder
from leads.domain import follow_ups, pipeline, today
from leads.models import FollowUp, Lead
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.LeadFactory(merchant=merchant, owner=cast.ann)


def promised(lead: Lead, cast: Cast, at: datetime, due: datetime, **values: Any) -> FollowUp:
    return follow_ups.promise(
        uuid7(),
        lead.merchant_id,
        title="送方案",
        due_at=due,
        owner=cast.ann,
        by=cast.ann,
        at=at,
        lead_id=lead.pk,
        **values,
    )


def planned() -> dict[str, tuple[str, datetime]]:
    return {one.key: (one.state, one.due_at) for one in Reminder.objects.all()}


def test_a_promise_plans_its_reminder_and_keeps_the_leads_next_date(
    lead: Lead, cast: Cast, at: datetime
) -> None:
    due = at + timedelta(hours=2)
    follow_up = promised(lead, cast, at, due)
    assert planned() == {f"follow-up:{follow_up.pk}:due": ("planned", due)}
    sooner = promised(lead, cast, at, at + timedelta(hours=1))
    lead.refresh_from_db()
    assert lead.next_follow_up_at == sooner.due_at
    follow_ups.finish(sooner.pk, by=cast.ann, at=at)
    lead.refresh_from_db()
    assert lead.next_follow_up_at == due
    follow_ups.drop(follow_up.pk, by=cast.ann, at=at)
    lead.refresh_from_db()
    assert lead.next_follow_up_at is None
    assert {state for state, _due in planned().values()} == {"cancelled"}


def test_putting_off_reminds_once_more_at_the_new_time(
    lead: Lead, cast: Cast, at: datetime
) -> None:
    follow_up = promised(lead, cast, at, at + timedelta(hours=1))
    later = at + timedelta(days=1)
    put_off = follow_ups.snooze(follow_up.pk, until=later, by=cast.ann, at=at)
    assert (put_off.due_at, put_off.snoozes, put_off.version) == (later, 1, 2)
    assert [state for state, _due in planned().values()].count("planned") == 1
    assert planned()[put_off.reminder_key] == ("planned", later)


@pytest.mark.parametrize("verb", [follow_ups.finish, follow_ups.drop])
def test_what_is_closed_stays_closed(verb: Any, lead: Lead, cast: Cast, at: datetime) -> None:
    follow_up = promised(lead, cast, at, at + timedelta(hours=1))
    closed = verb(follow_up.pk, by=cast.ann, at=at)
    assert closed.closed_at == at
    for again in (
        lambda: follow_ups.finish(follow_up.pk, by=cast.ann, at=at),
        lambda: follow_ups.drop(follow_up.pk, by=cast.ann, at=at),
        lambda: follow_ups.snooze(follow_up.pk, until=at, by=cast.ann, at=at),
    ):
        with pytest.raises(RuleBroken) as refusal:
            again()
        assert refusal.value.code == "follow_up_closed"
    assert TimelineEntry.objects.filter(subject_id=follow_up.pk).count() == 2


DUE = [
    (timedelta(hours=5), "2026-11-18 15:00", False),
    (timedelta(hours=-20), "2026-11-17 14:00", False),
    (timedelta(days=3), "2026-11-23 10:00", True),
    (timedelta(days=4), "2026-11-23 10:00", True),
    (timedelta(days=5), "2026-11-23 10:00", False),
]


@pytest.mark.parametrize(("ahead", "kept", "moved"), DUE)
def test_a_day_off_moves_to_the_same_hour_of_the_next_working_day(
    ahead: timedelta, kept: str, moved: bool, lead: Lead, cast: Cast, at: datetime
) -> None:
    follow_up = promised(lead, cast, at, at + ahead)
    local = follow_up.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    assert local == kept
    assert [one.code for one in follow_up.notices] == ["moved_to_working_day"] * moved


@pytest.mark.parametrize(
    ("ahead", "code"),
    [(timedelta(days=-2), "time_in_the_past"), (timedelta(days=2000), "too_far_ahead")],
)
def test_the_past_and_the_far_future_are_refused(
    ahead: timedelta, code: str, lead: Lead, cast: Cast, at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        promised(lead, cast, at, at + ahead)
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, "due_at")
    assert not FollowUp.objects.exists()
    assert not Reminder.objects.exists()


def test_on_saturday_the_rest_of_saturday_stays(lead: Lead, cast: Cast, at: datetime) -> None:
    saturday = at + timedelta(days=3)
    follow_up = promised(lead, cast, saturday, saturday + timedelta(hours=3))
    assert (follow_up.due_at, follow_up.notices) == (saturday + timedelta(hours=3), ())


def test_colleagues_do_not_close_each_others_follow_ups_but_their_lead_does(
    lead: Lead, cast: Cast, at: datetime
) -> None:
    follow_up = promised(lead, cast, at, at + timedelta(hours=1))
    with pytest.raises(NotAllowed):
        follow_ups.finish(follow_up.pk, by=cast.rui, at=at)
    assert follow_ups.finish(follow_up.pk, by=cast.max, at=at).state == "done"


def test_a_hand_over_takes_the_open_ones_and_their_reminders_along(
    lead: Lead, cast: Cast, at: datetime
) -> None:
    open_one = promised(lead, cast, at, at + timedelta(hours=1))
    done = promised(lead, cast, at, at + timedelta(hours=2))
    follow_ups.finish(done.pk, by=cast.ann, at=at)
    assert follow_ups.move_open(lead, to=cast.bo, at=at) == 1
    pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
    owners = dict(FollowUp.objects.values_list("pk", "owner__full_name"))
    assert owners == {open_one.pk: "Bo", done.pk: "Ann"}
    assert Reminder.objects.get(kind="follow_up_due", state="planned").recipient == cast.bo


def test_today_shows_overdue_today_and_three_working_days(
    lead: Lead, cast: Cast, at: datetime
) -> None:
    moments = {
        "overdue": at - timedelta(days=3),
        "today": at + timedelta(hours=13, minutes=59),
        "tomorrow": at + timedelta(hours=14),
        "monday": at + timedelta(days=5, hours=13),
        "tuesday": at + timedelta(days=6),
    }
    for title, due in moments.items():
        factories.FollowUpFactory(
            merchant=lead.merchant, lead=lead, owner=cast.ann, title=title, due_at=due
        )
    factories.FollowUpFactory(merchant=lead.merchant, owner=cast.bo, due_at=at)
    shown = today.of(cast.ann, at=at)
    assert [row.item.title for row in shown.overdue] == ["overdue"]
    assert [row.item.title for row in shown.today] == ["today"]
    assert [row.item.title for row in shown.coming] == ["tomorrow", "monday"]


def test_put_off_without_a_time_goes_to_the_same_hour_of_the_next_working_day(
    cast: Cast,
) -> None:
    friday = datetime(2026, 11, 20, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    promised = factories.FollowUpFactory(merchant=merchant, owner=cast.ann, due_at=friday)
    later = follow_ups.snooze(promised.pk, by=cast.ann, at=friday - timedelta(hours=1))
    assert later.due_at == friday + timedelta(days=3)
    long_overdue = follow_ups.snooze(promised.pk, by=cast.ann, at=friday + timedelta(days=11))
    assert long_overdue.due_at == friday + timedelta(days=12)
