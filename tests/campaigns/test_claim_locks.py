"""Two people at one claim: it is decided once, and its money leaves once."""

import pytest
from django.db import transaction

from campaigns.domain import campaign_money, claim_decisions, claims
from campaigns.models import Campaign, Claim, ClaimState, Party
from crm.errors import RuleBroken
from tests.campaigns.outcome_desk import AT, ended, submitted
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


def bank_left(campaign: Campaign) -> int:
    return campaign_money.left(campaign.pk)[Party.BANK]


def test_a_claim_that_is_being_approved_cannot_be_withdrawn_meanwhile(cast: Cast) -> None:
    claim = submitted(cast)
    with transaction.atomic():
        claim_decisions.approve(claim.pk, by=cast.fay, at=AT)
        other = Session(lambda: claims.withdraw(claim.pk, because="…", by=cast.ann, at=AT))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "claim_state"
    claim.refresh_from_db()
    assert claim.state == ClaimState.APPROVED


def test_two_approvals_at_once_count_once(cast: Cast) -> None:
    campaign = ended(cast)
    claim, before = submitted(cast, campaign), bank_left(campaign)
    with transaction.atomic():
        claim_decisions.approve(claim.pk, by=cast.fay, at=AT)
        other = Session(lambda: claim_decisions.approve(claim.pk, by=cast.fay, at=AT))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "claim_state"
    assert bank_left(campaign) == before - claim.amount_claimed_fen


def test_without_the_lock_it_is_decided_twice_and_paid_out_once_all_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second session reads the claim as submitted and decides again; only
    the key of the ledger's entry keeps the money where it is."""
    campaign = ended(cast)
    claim, before = submitted(cast, campaign), bank_left(campaign)
    for rows in (Campaign.objects.all(), Claim.objects.all()):
        monkeypatch.setattr(type(rows), "for_change", lambda rows: rows.order_by("pk"))
    with transaction.atomic():
        claim_decisions.approve(claim.pk, by=cast.fay, at=AT)
        other = Session(lambda: claim_decisions.approve(claim.pk, by=cast.fay, at=AT))
        assert other.wait_until_blocked()
    other.end()
    assert claim.steps.filter(to_state=ClaimState.APPROVED).count() == 2
    assert bank_left(campaign) == before - claim.amount_claimed_fen
