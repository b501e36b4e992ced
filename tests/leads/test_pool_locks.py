"""Two at once in the pool: one wins; caps hold; hand-over and work keep one order."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from crm.domain import organisation
from crm.errors import NotFound, RuleBroken
from leads.domain import claiming, handover, pipeline, recycling
from leads.models import Lead, LeadOwnership, OwnershipChange, Pool, Stage
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.leads.pool_desk import opened, owned, pooled, ruled
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def branch_pool(cast: Cast) -> Pool:
    return opened(cast.shanghai)


def test_two_who_claim_one_lead_one_wins_and_the_other_is_told(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    with transaction.atomic():
        claiming.claim(lead.pk, by=cast.ann, at=at)
        other = Session(lambda: claiming.claim(lead.pk, by=cast.bo, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "lead_already_claimed"
    lead.refresh_from_db()
    lead.merchant.refresh_from_db()
    assert (lead.owner, lead.merchant.owner) == (cast.ann, cast.ann)
    assert LeadOwnership.objects.filter(how=OwnershipChange.CLAIMED).count() == 1


def test_without_the_locks_both_would_claim_it(
    cast: Cast, branch_pool: Pool, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second session reads that nobody owns it, and takes it too."""
    lead = pooled(cast, branch_pool)
    monkeypatch.setattr(
        "leads.domain.claiming.take", lambda rows, pk, **_: rows.filter(pk=pk).first()
    )
    monkeypatch.setattr("merchants.domain.registration.follow_owner", lambda *_, **__: None)
    with transaction.atomic():
        claiming.claim(lead.pk, by=cast.ann, at=at)
        other = Session(lambda: claiming.claim(lead.pk, by=cast.bo, at=at))
        assert other.wait_until_blocked(), "it waits no sooner than at its own UPDATE"
    other.end()
    assert LeadOwnership.objects.filter(how=OwnershipChange.CLAIMED).count() == 2, "both"


def test_two_claims_of_one_rep_at_the_edge_of_the_cap_are_one(cast: Cast, at: datetime) -> None:
    lies_in = opened(cast.shanghai, claims_a_day=1)
    first, second = pooled(cast, lies_in), pooled(cast, lies_in)
    with transaction.atomic():
        claiming.claim(first.pk, by=cast.ann, at=at)
        other = Session(lambda: claiming.claim(second.pk, by=cast.ann, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "claim_cap_reached"
    assert Lead.objects.owned_by(cast.ann).count() == 1


def test_without_the_lock_on_the_claimer_both_would_pass_the_cap(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: different leads, so nothing else makes the second one wait."""
    from crm.locking import take
    from crm.models import User

    monkeypatch.setattr(
        "leads.domain.claiming.take",
        lambda rows, pk, **more: rows.get(pk=pk) if rows.model is User else take(rows, pk, **more),
    )
    lies_in = opened(cast.shanghai, claims_a_day=1)
    first, second = pooled(cast, lies_in), pooled(cast, lies_in)
    with transaction.atomic():
        claiming.claim(first.pk, by=cast.ann, at=at)
        other = Session(lambda: claiming.claim(second.pk, by=cast.ann, at=at))
        assert not other.wait_until_blocked()
    other.end()
    assert Lead.objects.owned_by(cast.ann).count() == 2


def test_a_claim_waits_for_a_hand_over_into_the_pool(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    with transaction.atomic():
        handover.hand_over(cast.ann.pk, to=None, by=cast.max, at=at)
        other = Session(lambda: claiming.claim(lead.pk, by=cast.max, at=at))
        assert other.wait_until_blocked()
    assert other.end().owner == cast.max
    ways = LeadOwnership.objects.filter(lead=lead).order_by("since", "id")
    assert list(ways.values_list("how", flat=True)) == ["opened", "handed_over", "claimed"]


def test_a_step_of_the_leaver_waits_for_the_hand_over_and_finds_the_lead_gone(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    with transaction.atomic():
        handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
        other = Session(lambda: pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(NotFound):
        other.end()
    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (cast.bo, Stage.NEW)


def test_a_claim_of_the_leaver_waits_for_the_hand_over(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    owned(cast.ann, cast)
    free = pooled(cast, branch_pool)
    with transaction.atomic():
        handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at)
        other = Session(lambda: claiming.claim(free.pk, by=cast.ann, at=at))
        assert other.wait_until_blocked(), "it would be lost between hand-over and leaving"
    assert other.end().owner == cast.ann
    with pytest.raises(RuleBroken) as refusal:
        organisation.deactivate(cast.ann.pk, by=cast.ada, at=at)
    assert refusal.value.code == "open_work_remains"


def test_a_claim_waits_for_the_deactivation_and_is_refused(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    with transaction.atomic():
        organisation.deactivate(cast.ann.pk, by=cast.ada, at=at)
        other = Session(lambda: claiming.claim(lead.pk, by=cast.ann, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(Exception, match="not allowed"):
        other.end()
    lead.refresh_from_db()
    assert lead.owner is None


def test_a_hand_over_waits_for_a_step_and_takes_the_lead_as_it_is_then(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    desk = LeadDesk.of(cast, lead, at).ready(Stage.QUALIFIED)
    with transaction.atomic():
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=desk.at)
        other = Session(lambda: handover.hand_over(cast.ann.pk, to=cast.bo, by=cast.max, at=at))
        assert other.wait_until_blocked()
    assert other.end().moved.leads == 1
    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (cast.bo, Stage.QUALIFIED)


def test_the_sweep_passes_by_what_somebody_is_at(cast: Cast, at: datetime) -> None:
    lies_in = opened(cast.shanghai)
    ruled(lies_in, quiet_working_days=1, resting_days=None, warning_days=0, protection_days=0)
    busy = owned(cast.ann, cast, since=at - timedelta(days=30))
    idle = owned(cast.ann, cast, since=at - timedelta(days=30))
    with transaction.atomic():
        Lead.objects.for_change().get(pk=busy.pk)
        other = Session(lambda: recycling.sweep(at=at))
        assert not other.wait_until_blocked(), "it waits for nobody"
        assert other.end().returned == 1
    busy.refresh_from_db()
    idle.refresh_from_db()
    assert (busy.owner, idle.owner) == (cast.ann, None)
    assert recycling.sweep(at=at).returned == 1, "the next one finds it"


def test_two_sweeps_at_once_send_each_lead_back_once(cast: Cast, at: datetime) -> None:
    lies_in = opened(cast.shanghai)
    ruled(lies_in, quiet_working_days=1, resting_days=None, warning_days=0, protection_days=0)
    for _ in range(3):
        owned(cast.ann, cast, since=at - timedelta(days=30))
    with transaction.atomic():
        assert recycling.sweep(at=at).returned == 3
        other = Session(lambda: recycling.sweep(at=at))
        assert not other.wait_until_blocked()
        assert other.end().returned == 0
    assert LeadOwnership.objects.filter(how=OwnershipChange.RECYCLED).count() == 3
