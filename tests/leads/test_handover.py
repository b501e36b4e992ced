"""Who leaves hands everything over, in one go; nobody is shut out with work in hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.domain import jobs, organisation
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import JobState, Reminder, ReminderState
from leads.domain import follow_ups, handover, work_in_hand
from leads.domain.work_in_hand import Work
from leads.models import FollowUp, FollowUpState, Lead, LeadOwnership, Stage, Visit, VisitState
from merchants.models import Merchant, TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.pool_desk import opened, owned

pytestmark = pytest.mark.django_db


def refusal(verb: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        verb()
    return refused.value


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Lead:
    """What Ann has in hand: two leads, three merchants, three follow-ups, a visit."""
    lead = owned(cast.ann, cast)
    owned(cast.ann, cast)
    owned(cast.ann, cast, stage=Stage.WON).merchant.change(at=at, owner=cast.bo)
    factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    factories.VisitFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    bos = owned(cast.bo, cast)
    for merchant, of_lead in (
        (lead.merchant, lead),
        (lead.merchant, None),
        (bos.merchant, bos),
    ):
        follow_ups.promise(
            uuid7(),
            merchant.pk,
            title="送方案",
            due_at=at + timedelta(days=1),
            owner=cast.ann,
            by=cast.max,
            at=at,
            lead_id=of_lead.pk if of_lead else None,
        )
    return lead


def test_the_preview_counts_what_would_move(cast: Cast, desk: Lead) -> None:
    assert handover.preview(cast.ann.pk, by=cast.max) == Work(2, 3, 3, 1)


def test_everything_goes_to_one_colleague(cast: Cast, desk: Lead, at: datetime) -> None:
    done = handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert (done.moved, done.job) == (Work(2, 3, 3, 1), None)
    assert work_in_hand.of(cast.ann.pk).total == 0
    assert Lead.objects.open().filter(owner=cast.bo).count() == 3
    assert Merchant.objects.filter(owner=cast.bo).count() == 5
    assert FollowUp.objects.open().filter(owner=cast.bo).count() == 3
    reminders = Reminder.objects.filter(kind="follow_up_due", state=ReminderState.PLANNED)
    assert set(reminders.values_list("recipient", flat=True)) == {cast.bo.pk}
    assert Visit.objects.get().owner == cast.bo
    line = LeadOwnership.objects.current().get(lead=desk)
    assert (line.how, line.owner, line.actor) == ("handed_over", cast.bo, cast.max)
    told = TimelineEntry.objects.get(kind="lead.handed_over", merchant=desk.merchant)
    assert told.facts == {"former": "Ann", "owner": "Bo"}
    won = Lead.objects.get(stage=Stage.WON)
    assert won.owner == cast.ann, "what has ended stays with who did it"


def test_everything_goes_into_the_pool(cast: Cast, desk: Lead, at: datetime) -> None:
    lies_in = opened(cast.shanghai)
    handover.hand_over(cast.ann.pk, to=None, by=cast.max, at=at)
    assert work_in_hand.of(cast.ann.pk).total == 0
    assert Lead.objects.in_pool().filter(pool=lies_in).count() == 2
    assert not Merchant.objects.filter(owner=cast.ann).exists()
    assert set(FollowUp.objects.values_list("state", flat=True)) == {FollowUpState.CANCELLED}
    assert not Reminder.objects.filter(state=ReminderState.PLANNED).exists()
    assert Visit.objects.get().state == VisitState.CANCELLED
    assert Lead.objects.get(owner=cast.bo).next_follow_up_at is None


def test_handing_over_again_moves_nothing(cast: Cast, desk: Lead, at: datetime) -> None:
    handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    lines = LeadOwnership.objects.count()
    again = handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert again.moved.total == 0
    assert LeadOwnership.objects.count() == lines


@pytest.mark.parametrize(
    ("who", "error"),
    [("ann", NotAllowed), ("bo", NotFound), ("sam", NotFound), ("fay", NotAllowed)],
)
def test_who_may_not_hand_over(
    cast: Cast, desk: Lead, at: datetime, who: str, error: type[DomainError]
) -> None:
    by = cast.named(who)
    refused = refusal(lambda: handover.hand_over(cast.ann.pk, to=cast.bo, by=by, at=at))
    assert type(refused) is error


@pytest.mark.parametrize(
    ("to", "code"),
    [("ann", "receiver_is_leaver"), ("sam", "owner_not_at_unit"), ("pia", "owner_not_at_unit")],
)
def test_who_cannot_receive(cast: Cast, desk: Lead, at: datetime, to: str, code: str) -> None:
    receiver = cast.named(to)
    refused = refusal(lambda: handover.hand_over(cast.ann.pk, to=receiver, by=cast.max, at=at))
    assert (type(refused), refused.code) == (InvalidInput, code)
    assert work_in_hand.of(cast.ann.pk).total == 9


def test_somebody_with_open_work_is_not_shut_out(cast: Cast, desk: Lead, at: datetime) -> None:
    refused = refusal(lambda: organisation.deactivate(cast.ann.pk, by=cast.ada, at=at))
    assert (type(refused), refused.code) == (RuleBroken, "open_work_remains")
    assert refused.facts["open_work"] == {
        "leads": 2,
        "merchants": 3,
        "follow_ups": 3,
        "visits": 1,
    }
    assert "Leads: 2" in str(refused)
    handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert organisation.deactivate(cast.ann.pk, by=cast.ada, at=at).is_active is False


def test_much_work_moves_in_batches_of_a_job(
    cast: Cast, desk: Lead, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "AT_ONCE", 3)
    monkeypatch.setattr(handover, "BATCH", 2)
    done = handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert done.job is not None
    assert work_in_hand.of(cast.ann.pk).total == 9, "nothing moved yet"
    again = refusal(lambda: handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at))
    assert again.code == "hand_over_under_way"
    batches = jobs.run_due(at=at)
    done.job.refresh_from_db()
    assert (done.job.state, done.job.rows_done, done.job.rows_total) == (JobState.DONE, 4, 4)
    assert (batches, done.job.changed) == (2, 9)
    assert work_in_hand.of(cast.ann.pk).total == 0


def test_a_job_stops_when_its_receiver_has_left(
    cast: Cast, desk: Lead, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "AT_ONCE", 1)
    done = handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
    assert done.job is not None
    cast.bo.change(at=at, is_active=False)
    jobs.run_due(at=at)
    done.job.refresh_from_db()
    assert (done.job.state, done.job.failure_code) == (JobState.PAUSED, "not_allowed")
    assert work_in_hand.of(cast.ann.pk).total == 9
