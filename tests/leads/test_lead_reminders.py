"""Owners hear when a lead rests too long in its stage, and when a parked one is to be taken up."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.domain import calendar
from crm.models import Reminder
from leads.domain import objection_settling, pipeline
from leads.models import LostReason, ObjectionState, Stage
from leads.models.pipeline_parameters import stage_limits
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def planned(kind: str) -> list[Reminder]:
    return list(Reminder.objects.planned().filter(kind=kind))


def nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)


@pytest.fixture
def desk_in(cast: Cast, at: datetime) -> Callable[[Stage], LeadDesk]:
    """A lead of Ann's in a stage, on a desk."""
    return lambda stage: LeadDesk(cast, at, stage)


def test_a_lead_in_a_new_stage_is_reminded_of_after_as_long_as_it_may_stay(
    desk_in: Callable[[Stage], LeadDesk],
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.QUALIFIED)
    lead = desk.step(Stage.QUALIFIED)
    (reminder,) = planned("lead_stage_limit")
    entered = lead.stage_entered_at.astimezone(SHANGHAI).date()
    limit = stage_limits()[Stage.QUALIFIED]
    assert reminder.due_at == nine(calendar.read().after(entered, limit + 1))
    assert reminder.recipient_id == lead.owner_id


def test_the_next_step_takes_the_reminder_back_and_plans_its_own(
    desk_in: Callable[[Stage], LeadDesk],
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.QUALIFIED)
    desk.step(Stage.QUALIFIED)
    (first,) = planned("lead_stage_limit")
    desk.ready(Stage.DISCOVERY).step(Stage.DISCOVERY)
    (second,) = planned("lead_stage_limit")
    assert second.key != first.key


def test_a_lost_lead_reminds_nobody(cast: Cast, desk_in: Callable[[Stage], LeadDesk]) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.QUALIFIED)
    lead = desk.step(Stage.QUALIFIED)
    pipeline.advance(lead.pk, to=Stage.LOST, lost_reason=LostReason.OTHER, by=cast.ann, at=desk.at)
    assert planned("lead_stage_limit") == []


def test_the_reminder_follows_the_lead_to_its_new_owner(
    cast: Cast, desk_in: Callable[[Stage], LeadDesk]
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.QUALIFIED)
    lead = desk.step(Stage.QUALIFIED)
    pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=desk.at)
    assert [one.recipient for one in planned("lead_stage_limit")] == [cast.bo]


def test_a_parked_lead_is_reminded_of_on_its_day_and_not_before(
    desk_in: Callable[[Stage], LeadDesk],
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.PARKED)
    desk.step(Stage.PARKED, because="等开业", revisit_on=date(2026, 11, 21))
    (reminder,) = planned("lead_revisit")
    assert reminder.due_at == nine(date(2026, 11, 23)), "the Saturday moved to Monday"


def test_a_parked_lead_that_is_taken_up_again_is_not_reminded_of(
    desk_in: Callable[[Stage], LeadDesk],
) -> None:
    desk = desk_in(Stage.NEW).ready(Stage.PARKED)
    desk.step(Stage.PARKED, because="等开业", revisit_on=date(2026, 11, 23))
    desk.at = nine(date(2026, 11, 23)) + timedelta(hours=1)
    desk.ready(Stage.QUALIFIED).step(Stage.QUALIFIED)
    assert planned("lead_revisit") == []


def test_what_was_said_against_a_lost_lead_reminds_nobody(
    cast: Cast, desk_in: Callable[[Stage], LeadDesk]
) -> None:
    desk = desk_in(Stage.DISCOVERY)
    said = factories.ObjectionFactory(
        lead=desk.row,
        merchant=desk.merchant,
        state=ObjectionState.DEFERRED,
        deferred_until=date(2026, 12, 1),
    )
    objection_settling.follow_owner(desk.row, to=cast.ann, at=desk.at)
    assert [one.key for one in planned("objection_deferred")] == [said.reminder_key]
    pipeline.advance(desk.pk, to=Stage.LOST, lost_reason=LostReason.OTHER, by=cast.ann, at=desk.at)
    assert planned("objection_deferred") == []
