"""The sweep warns, sends back what nobody moved on, spares what it must, and stops at nothing."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.domain import calendar as calendars
from crm.domain import reminders
from crm.ids import uuid7
from crm.models import Delivery, Reminder, ReminderState
from leads.domain import activities, claiming, pipeline, pool, recycling
from leads.models import (
    Activity,
    Lead,
    LeadOwnership,
    Pool,
    RecyclingFailure,
    Stage,
)
from leads.models.lead import LONG_AGO
from merchants.models import PartnershipStage
from tests import factories
from tests.conftest import Cast
from tests.leads.pool_desk import opened, owned, ruled

pytestmark = pytest.mark.django_db

LOSS = date(2026, 12, 3)
"""Ten full working days after the tests' now, in a usual week."""


@pytest.fixture
def strict(cast: Cast) -> Pool:
    """Ten working days without follow-up, warned three days before, no protection."""
    lies_in = opened(cast.shanghai)
    ruled(lies_in, quiet_working_days=10, resting_days=None, warning_days=3, protection_days=0)
    return lies_in


def morning_of(day: date) -> datetime:
    """Half past six in Shanghai: the sweep is up before people are."""
    return datetime.fromisoformat(f"{day.isoformat()}T06:30:00+08:00")


def swept_daily(until: date, *, since: date = date(2026, 11, 18)) -> int:
    """A sweep every morning; how many leads went back."""
    day, returned = since, 0
    while day <= until:
        at = morning_of(day)
        returned += recycling.sweep(at=at).returned
        reminders.release_due(at=at.replace(hour=10))
        day += timedelta(days=1)
    return returned


@pytest.mark.parametrize(
    ("last_sweep", "returned"),
    [(LOSS - timedelta(days=1), 0), (LOSS, 1), (LOSS + timedelta(days=1), 1)],
    ids=["the day before", "the day itself", "the day after"],
)
def test_a_quiet_lead_goes_back_after_its_time(
    cast: Cast, strict: Pool, last_sweep: date, returned: int
) -> None:
    lead = owned(cast.ann, cast)
    assert swept_daily(last_sweep) == returned
    lead.refresh_from_db()
    assert (lead.owner is None) is bool(returned)
    if returned:
        line = LeadOwnership.objects.current().get(lead=lead)
        assert (line.how, line.owner, line.actor) == ("recycled", None, None)
        assert (lead.pool, lead.last_owner, lead.recycle_on) == (strict, cast.ann, None)


def test_a_second_sweep_finds_nothing(cast: Cast, strict: Pool) -> None:
    owned(cast.ann, cast)
    swept_daily(LOSS)
    again = recycling.sweep(at=morning_of(LOSS))
    assert (again.looked_at, again.returned, again.failed) == (0, 0, 0)


def test_the_owner_is_warned_once_three_days_before(cast: Cast, strict: Pool) -> None:
    lead = owned(cast.ann, cast)
    swept_daily(date(2026, 11, 29))
    assert not Reminder.objects.filter(kind="lead_goes_back").exists()
    swept_daily(date(2026, 11, 30), since=date(2026, 11, 30))
    warning = Reminder.objects.get(kind="lead_goes_back")
    assert (warning.recipient, warning.key) == (cast.ann, f"lead:{lead.pk}:goes-back:2026-12-03")
    assert warning.due_at == datetime.fromisoformat("2026-11-30T09:00:00+08:00")
    assert warning.facts == {"merchant": lead.merchant.name, "day": "2026-12-03"}
    assert warning.state == ReminderState.RELEASED
    swept_daily(LOSS, since=date(2026, 12, 1))
    assert Delivery.objects.filter(kind="lead_goes_back").count() == 2, "inbox and mail, once each"


def log(cast: Cast, lead: Lead, at: datetime) -> Activity:
    return activities.log(
        uuid7(),
        lead.merchant_id,
        kind="call",
        summary="通了电话",
        occurred_at=at,
        by=cast.ann,
        at=at,
        lead_id=lead.pk,
    )


def test_work_takes_the_warning_back_and_the_time_begins_anew(cast: Cast, strict: Pool) -> None:
    lead = owned(cast.ann, cast)
    for day in (date(2026, 11, 18), date(2026, 11, 25), date(2026, 11, 30)):
        recycling.sweep(at=morning_of(day))
    log(cast, lead, morning_of(date(2026, 11, 30)).replace(hour=8))
    warning = Reminder.objects.get(kind="lead_goes_back")
    assert warning.state == ReminderState.CANCELLED
    assert swept_daily(date(2026, 12, 14), since=date(2026, 11, 30)) == 0
    assert swept_daily(date(2026, 12, 15), since=date(2026, 12, 15)) == 1
    keys = Reminder.objects.filter(kind="lead_goes_back", state=ReminderState.RELEASED)
    assert [one.key.rpartition(":")[2] for one in keys] == ["2026-12-15"]


def test_a_step_takes_the_warning_back_and_a_mere_edit_does_not(cast: Cast, strict: Pool) -> None:
    stepped, edited = owned(cast.ann, cast), owned(cast.ann, cast)
    for day in (date(2026, 11, 18), date(2026, 11, 25), date(2026, 11, 30)):
        recycling.sweep(at=morning_of(day))
    at = morning_of(date(2026, 11, 30)).replace(hour=8)
    pipeline.advance(
        stepped.pk, to=Stage.PARKED, revisit_on=LOSS + timedelta(days=60), by=cast.max, at=at,
        because="过完年再说", waivers={"attempts_or_refusal": "店主在国外"},
    )  # fmt: skip
    pipeline.correct(edited.pk, {"source": "referral"}, by=cast.ann, at=at)
    states = dict(Reminder.objects.filter(kind="lead_goes_back").values_list("key", "state"))
    assert states[f"lead:{stepped.pk}:goes-back:2026-12-03"] == ReminderState.CANCELLED
    assert states[f"lead:{edited.pk}:goes-back:2026-12-03"] == ReminderState.PLANNED
    assert swept_daily(LOSS, since=date(2026, 11, 30)) == 1


def test_activity_does_not_put_off_what_rests_too_long_in_its_stage(cast: Cast) -> None:
    lies_in = opened(cast.shanghai)
    ruled(lies_in, quiet_working_days=None, resting_days=14, warning_days=3, protection_days=0)
    lead = owned(cast.ann, cast)
    swept_daily(date(2026, 11, 30))
    log(cast, lead, morning_of(date(2026, 12, 1)))
    assert swept_daily(date(2026, 12, 2), since=date(2026, 12, 1)) == 0
    assert swept_daily(LOSS, since=LOSS) == 1, "fifteen days after it came into its stage"
    assert Delivery.objects.filter(kind="lead_goes_back", channel="inbox").count() == 1


def test_nobody_loses_a_lead_without_a_warning(cast: Cast, strict: Pool, at: datetime) -> None:
    """Leads that had rested for a year before the rules came."""
    lead = owned(cast.ann, cast, since=at - timedelta(days=365))
    assert recycling.sweep(at=at).returned == 0
    lead.refresh_from_db()
    assert lead.recycle_on == date(2026, 11, 23), "three days later, and no Saturday"
    assert swept_daily(date(2026, 11, 22)) == 0
    assert swept_daily(date(2026, 11, 23), since=date(2026, 11, 23)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"stage": Stage.APPROVAL},
        {"stage": Stage.WON},
        {"stage": Stage.LOST, "lost_reason": "rival"},
        {"stage": Stage.BLOCKED},
        {"stage": Stage.PARKED, "revisit_on": date(2027, 3, 1)},
    ],
    ids=lambda values: values["stage"],
)
def test_what_the_rules_spare(cast: Cast, strict: Pool, values: dict[str, Any]) -> None:
    lead = owned(cast.ann, cast, **values)
    assert swept_daily(date(2026, 12, 20)) == 0
    lead.refresh_from_db()
    assert (lead.owner, lead.recycle_on) == (cast.ann, None)


def test_a_parked_lead_is_judged_from_its_revisit_date(cast: Cast, strict: Pool) -> None:
    owned(cast.ann, cast, stage=Stage.PARKED, revisit_on=date(2026, 11, 25))
    assert swept_daily(date(2026, 12, 9)) == 0
    assert swept_daily(date(2026, 12, 10), since=date(2026, 12, 10)) == 1


@pytest.mark.parametrize(("spares", "returned"), [(True, 0), (False, 1)])
def test_merchants_with_a_partnership_are_spared_where_the_rule_says_so(
    cast: Cast, strict: Pool, spares: bool, returned: int
) -> None:
    ruled(strict, spares_partners=spares)
    lead = owned(cast.ann, cast)
    factories.PartnershipFactory(merchant=lead.merchant)
    churned = owned(cast.ann, cast)
    factories.PartnershipFactory(merchant=churned.merchant, stage=PartnershipStage.CHURNED)
    assert swept_daily(LOSS) == returned + 1


def test_a_lead_just_claimed_is_safe(cast: Cast, at: datetime) -> None:
    lies_in = opened(cast.shanghai)
    ruled(lies_in, quiet_working_days=1, resting_days=None, warning_days=0, protection_days=7)
    lead = owned(cast.bo, cast, since=at - timedelta(days=100))
    claiming.give_back(lead.pk, reason="no_capacity", by=cast.bo, at=at)
    claiming.claim(lead.pk, by=cast.ann, at=at)
    assert swept_daily(date(2026, 11, 25)) == 0
    assert swept_daily(date(2026, 11, 26), since=date(2026, 11, 26)) == 1


def test_each_tier_goes_by_its_own_rule(cast: Cast, strict: Pool, at: datetime) -> None:
    pool.set_rule(strict.pk, "a", {"quiet_working_days": 5}, by=cast.mei, at=at)
    quick, usual = owned(cast.ann, cast, tier="a"), owned(cast.ann, cast, tier="b")
    assert swept_daily(date(2026, 11, 26)) == 1
    assert set(Lead.objects.filter(owner=None)) == {quick}
    assert usual.owner == cast.ann


def test_a_changed_rule_holds_at_once(cast: Cast, strict: Pool, at: datetime) -> None:
    lead = owned(cast.ann, cast)
    recycling.sweep(at=at)
    pool.set_rule(strict.pk, "", {"quiet_working_days": 2}, by=cast.mei, at=at)
    lead.refresh_from_db()
    assert lead.recycle_check_on == LONG_AGO
    recycling.sweep(at=at)
    lead.refresh_from_db()
    assert lead.recycle_check_on == date(2026, 11, 20), "the day of its warning"


def test_holidays_put_the_loss_off(cast: Cast, strict: Pool) -> None:
    calendars.seed(range(2026, 2027), at=factories.AT)
    since = datetime.fromisoformat("2026-09-21T10:00:00+08:00")
    owned(cast.ann, cast, since=since)
    first = date(2026, 9, 21)
    assert swept_daily(date(2026, 10, 9), since=first) == 0
    last = calendars.load().after(first, 11)
    assert last > date(2026, 10, 8)
    assert swept_daily(last, since=date(2026, 10, 10)) == 1


def test_where_no_pool_takes_a_lead_it_stays(cast: Cast, at: datetime) -> None:
    owned(cast.ann, cast, since=at - timedelta(days=365))
    assert swept_daily(date(2026, 12, 1)) == 0


# --- many, and broken ones -----------------------------------------------------------------------


def test_one_broken_row_stops_nothing_and_is_seen(cast: Cast, strict: Pool, at: datetime) -> None:
    cast.bo.change(at=at, time_zone="Nowhere/City")
    broken = owned(cast.bo, cast, since=at - timedelta(days=100))
    sound = owned(cast.ann, cast, since=at - timedelta(days=100))
    swept = recycling.sweep(at=at)
    assert (swept.looked_at, swept.failed) == (2, 1)
    failure = RecyclingFailure.objects.get()
    assert (failure.lead, failure.code) == (broken, "unexpected")
    assert "Nowhere/City" in failure.failure
    assert recycling.sweep(at=at).looked_at == 0, "it is looked at again tomorrow"
    assert swept_daily(date(2026, 11, 23), since=date(2026, 11, 19)) == 1
    sound.refresh_from_db()
    assert sound.owner is None
    failure.refresh_from_db()
    assert failure.times == 6
    cast.bo.change(at=at, time_zone="Asia/Shanghai")
    swept_daily(date(2026, 11, 24), since=date(2026, 11, 24))
    assert not RecyclingFailure.objects.exists(), "put right, it is gone"


def test_a_sweep_works_in_batches_within_its_bounds(cast: Cast, strict: Pool, at: datetime) -> None:
    for _ in range(7):
        owned(cast.ann, cast)
    assert recycling.sweep(at=at, batch=3, most=5).looked_at == 6, "whole batches"
    assert recycling.sweep(at=at, batch=3, most=5).looked_at == 1
    assert recycling.sweep(at=at).looked_at == 0


def test_a_batch_asks_the_same_however_many_leads_are_in_it(
    cast: Cast, strict: Pool, at: datetime
) -> None:
    def statements(leads: int) -> int:
        for _ in range(leads):
            owned(cast.ann, cast)
        with CaptureQueriesContext(connection) as asked:
            assert recycling.sweep(at=at).looked_at == leads
        return len(asked)

    statements(1)  # The calendar is read once.
    assert statements(12) == statements(2)


def test_the_sweep_reads_by_its_index(cast: Cast, strict: Pool, at: datetime) -> None:
    owned(cast.ann, cast)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    due = Lead.objects.recycling_due(date(2026, 11, 18)).order_by("recycle_check_on", "pk")
    assert "lead_recycling_due" in due[:200].explain()


def test_looking_at_a_lead_is_no_change_of_it(cast: Cast, strict: Pool, at: datetime) -> None:
    lead = owned(cast.ann, cast, since=at - timedelta(days=100))
    before = lead.updated_at
    recycling.sweep(at=at)
    lead.refresh_from_db()
    assert lead.recycle_on is not None
    assert (lead.version, lead.updated_at) == (1, before)


def test_a_lead_says_when_it_goes_back(cast: Cast, strict: Pool, at: datetime) -> None:
    lead = owned(cast.ann, cast)
    assert recycling.day_of_loss(lead, at=at) == LOSS
    assert recycling.day_of_loss(owned(cast.ann, cast, stage=Stage.APPROVAL), at=at) is None
