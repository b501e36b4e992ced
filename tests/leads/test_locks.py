"""Two people at the same lead: one wins, the other waits and is told; nobody deadlocks."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from crm.errors import NotFound, RuleBroken, StageNotReachable, Stale
from crm.ids import uuid7
from leads.domain import follow_ups, pipeline
from leads.models import FollowUp, Lead, Stage, StageChange
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=None)


@pytest.fixture
def lead(cast: Cast, merchant: Merchant, at: datetime) -> Lead:
    """A lead of Ann's that may be qualified."""
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    LeadDesk.of(cast, lead, at - timedelta(hours=1)).ready(Stage.QUALIFIED)
    return Lead.objects.get(pk=lead.pk)


def test_two_who_open_a_lead_for_one_merchant_one_wins(
    cast: Cast, merchant: Merchant, at: datetime
) -> None:
    with transaction.atomic():
        pipeline.open_lead(uuid7(), merchant.pk, owner=None, by=cast.max, at=at)
        other = Session(
            lambda: pipeline.open_lead(uuid7(), merchant.pk, owner=None, by=cast.mei, at=at)
        )
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "lead_already_open"
    assert Lead.objects.count() == 1


def test_even_without_the_lock_the_constraint_lets_one_win(
    cast: Cast, merchant: Merchant, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "leads.domain.pipeline.take", lambda rows, pk, **_: rows.filter(pk=pk).first()
    )
    monkeypatch.setattr("merchants.domain.registration.follow_owner", lambda *_, **__: None)
    with transaction.atomic():
        pipeline.open_lead(uuid7(), merchant.pk, owner=None, by=cast.max, at=at)
        other = Session(
            lambda: pipeline.open_lead(uuid7(), merchant.pk, owner=None, by=cast.mei, at=at)
        )
        assert other.wait_until_blocked(), "the unique index makes it wait"
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "lead_already_open"


def test_the_second_step_waits_and_then_finds_no_road(cast: Cast, lead: Lead, at: datetime) -> None:
    with transaction.atomic():
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=at)
        other = Session(lambda: pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.max, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(StageNotReachable):
        other.end()
    assert StageChange.objects.filter(lead=lead).count() == 1


def test_a_second_step_for_the_old_version_is_stale(cast: Cast, lead: Lead, at: datetime) -> None:
    with transaction.atomic():
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=at, version=1)
        other = Session(
            lambda: pipeline.advance(
                lead.pk, to=Stage.LOST, because="…", by=cast.max, at=at, version=1
            )
        )
        assert other.wait_until_blocked()
    with pytest.raises(Stale) as refusal:
        other.end()
    assert refusal.value.facts["current"].stage == Stage.QUALIFIED


def test_without_the_lock_both_steps_would_be_taken(
    cast: Cast, lead: Lead, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second session reads the old stage and takes a step from there."""
    monkeypatch.setattr(type(Lead.objects.all()), "for_change", lambda rows: rows.order_by("pk"))
    with transaction.atomic():
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=at)
        other = Session(lambda: pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.max, at=at))
        assert other.wait_until_blocked(), "it waits no sooner than at its own UPDATE"
    other.end()
    assert StageChange.objects.filter(lead=lead).count() == 2, "the same step, twice"


def test_handing_over_and_finishing_keep_one_order(cast: Cast, lead: Lead, at: datetime) -> None:
    follow_up = factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    with transaction.atomic():
        pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
        other = Session(lambda: follow_ups.finish(follow_up.pk, by=cast.ann, at=at))
        assert other.wait_until_blocked()
    # By the time the lock came, the follow-up had become Bo's.
    with pytest.raises(NotFound):
        other.end()
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.owner) == ("open", cast.bo)


def test_finishing_and_handing_over_keep_one_order(cast: Cast, lead: Lead, at: datetime) -> None:
    follow_up = factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    with transaction.atomic():
        follow_ups.finish(follow_up.pk, by=cast.ann, at=at)
        other = Session(lambda: pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at))
        assert other.wait_until_blocked()
    assert other.end().owner == cast.bo
    assert FollowUp.objects.get().owner == cast.ann, "what is done stays with who did it"


def test_logging_and_handing_over_keep_one_order(cast: Cast, lead: Lead, at: datetime) -> None:
    with transaction.atomic():
        pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
        other = Session(
            lambda: follow_ups.promise(
                uuid7(),
                lead.merchant_id,
                title="送方案",
                due_at=at,
                owner=cast.max,
                by=cast.max,
                at=at,
                lead_id=lead.pk,
            )
        )
        assert other.wait_until_blocked()
    assert other.end().lead_id == lead.pk
