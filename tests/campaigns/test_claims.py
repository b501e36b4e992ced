"""Claims: in time or extended, proved by content, decided by somebody else, paid once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from campaigns.domain import campaign_money, claim_decisions, claim_evidence, claims
from campaigns.models import Campaign, CampaignStage, Claim, ClaimEvidence, ClaimState, Party
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import StoredFile
from merchants.models import TimelineEntry
from tests import factories
from tests.campaigns.outcome_desk import (
    AT,
    approved,
    drafted,
    ended,
    merchant_of,
    paid,
    photo_of,
    proved,
    submitted,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

DEADLINE = date(2026, 11, 30)
LATE = AT + timedelta(days=20)


def refusal(act: Callable[[], Any], kind: type[DomainError] = RuleBroken) -> str:
    with pytest.raises(kind) as refused:
        act()
    return refused.value.code


def bank_left(campaign: Campaign) -> int:
    return campaign_money.left(campaign.pk)[Party.BANK]


def test_a_claim_may_come_until_the_campaigns_claim_days_are_over(cast: Cast) -> None:
    claim = drafted(cast)
    assert (claim.deadline, claim.last_day, claim.state) == (DEADLINE, DEADLINE, "draft")
    assert claim.claimant == cast.ann


def test_a_claim_after_the_deadline_is_refused_unless_it_is_extended(cast: Cast) -> None:
    claim = proved(cast)
    assert refusal(lambda: claims.submit(claim.pk, by=cast.ann, at=LATE)) == "claim_late"
    claim_decisions.extend(
        claim.pk, to=date(2026, 12, 31), because="商户财务轮换", by=cast.fay, at=LATE
    )
    done = claims.submit(claim.pk, by=cast.ann, at=LATE)
    assert (done.state, done.last_day) == (ClaimState.SUBMITTED, date(2026, 12, 31))
    (logged,) = claim.steps.filter(extended_to__isnull=False)
    assert (logged.extended_from, logged.extended_to) == (DEADLINE, date(2026, 12, 31))
    assert (logged.by, logged.because) == (cast.fay, "商户财务轮换")
    with pytest.raises(DatabaseError), transaction.atomic():
        claim.steps.update(because="…")


def test_on_its_last_day_a_claim_is_in_time(cast: Cast) -> None:
    claim = proved(cast)
    on_the_day = AT + (DEADLINE - AT.date())
    assert claims.submit(claim.pk, by=cast.ann, at=on_the_day).state == ClaimState.SUBMITTED


def test_a_deadline_follows_the_campaigns_terms(cast: Cast) -> None:
    claim = proved(cast)
    Campaign.objects.filter(pk=claim.campaign_id).update(ended_on=date(2026, 9, 1))
    assert refusal(lambda: claims.submit(claim.pk, by=cast.ann, at=AT)) == "claim_late"


@pytest.mark.parametrize(
    ("to", "because", "code"),
    [
        pytest.param(DEADLINE, "轮换", "claim_extension", id="no later than the deadline"),
        pytest.param(date(2027, 12, 1), "轮换", "claim_extension", id="more than a year"),
        pytest.param(date(2026, 12, 31), " ", "reason_required", id="without a reason"),
    ],
)
def test_impossible_extensions_are_refused(cast: Cast, to: date, because: str, code: str) -> None:
    claim = drafted(cast)
    act = lambda: claim_decisions.extend(  # noqa: E731
        claim.pk, to=to, because=because, by=cast.fay, at=AT
    )
    assert refusal(act, InvalidInput) == code


def test_a_claim_without_proof_is_refused(cast: Cast) -> None:
    claim = drafted(cast)
    assert refusal(lambda: claims.submit(claim.pk, by=cast.ann, at=AT)) == "claim_needs_proof"


def test_the_same_content_proves_a_claim_once(cast: Cast) -> None:
    claim = drafted(cast)
    for content, refused in ((b"1", False), (b"1", True), (b"2", False)):
        photo = photo_of(cast.ann, b"\xff\xd8\xff" + content)

        def act(photo: StoredFile = photo) -> Claim:
            return claim_evidence.attach(
                uuid7(), claim.pk, kind="photo", document_id=photo.pk, by=cast.ann, at=AT
            )

        if refused:
            assert refusal(act) == "evidence_twice"
        else:
            act()
    assert ClaimEvidence.objects.count() == 2


def test_a_file_that_proves_another_claim_is_taken_and_said(cast: Cast) -> None:
    campaign = ended(cast)
    photo = photo_of(cast.ann)
    notices = []
    for _number in range(2):
        claim = drafted(cast, campaign)
        claim = claim_evidence.attach(
            uuid7(), claim.pk, kind="photo", document_id=photo.pk, by=cast.ann, at=AT
        )
        notices.append([one.code for one in claim.notices])
    assert notices == [[], ["proof_used_elsewhere"]]


def test_somebody_elses_file_is_no_proof(cast: Cast) -> None:
    claim, photo = drafted(cast), photo_of(cast.sam)
    act = lambda: claim_evidence.attach(  # noqa: E731
        uuid7(), claim.pk, kind="photo", document_id=photo.pk, by=cast.ann, at=AT
    )
    assert refusal(act, NotFound) == "not_found"


def test_whoever_decides_sees_the_proof(cast: Cast) -> None:
    claim = submitted(cast)
    document = claim.evidence.get().document_id
    assert StoredFile.objects.visible_to(cast.fay).filter(pk=document).exists()
    assert not StoredFile.objects.visible_to(cast.sam).filter(pk=document).exists()


def test_proof_is_kept_for_its_time(cast: Cast) -> None:
    claim = submitted(cast)
    assert claim.keep_until == date(2028, 11, 30)
    files = StoredFile.objects.filter(pk=claim.evidence.get().document_id)
    with pytest.raises(DatabaseError), transaction.atomic():
        files.update(content=b"")
    Claim.objects.filter(pk=claim.pk).update(keep_until=date(2020, 1, 1))
    assert files.update(content=b"") == 1


def test_an_approved_claim_leaves_the_banks_pot_once(cast: Cast) -> None:
    campaign = ended(cast)
    before = bank_left(campaign)
    claim = approved(cast, campaign)
    assert (claim.state, claim.amount_approved_fen) == (ClaimState.APPROVED, 320_000)
    assert bank_left(campaign) == before - 320_000
    act = lambda: claim_decisions.approve(claim.pk, by=cast.fay, at=AT)  # noqa: E731
    assert refusal(act) == "claim_state"
    assert bank_left(campaign) == before - 320_000


def test_part_of_a_claim_is_approved_with_a_reason(cast: Cast) -> None:
    campaign = ended(cast)
    before, claim = bank_left(campaign), submitted(cast, campaign)

    def act(because: str) -> Claim:
        return claim_decisions.approve(
            claim.pk, amount_fen=280_000, because=because, by=cast.fay, at=AT
        )

    assert refusal(lambda: act(""), InvalidInput) == "reason_required"
    done = act("超出约定数量")
    assert (done.state, done.amount_approved_fen) == (ClaimState.PARTLY_APPROVED, 280_000)
    assert bank_left(campaign) == before - 280_000


@pytest.mark.parametrize("amount", [0, -1, 320_001])
def test_no_more_is_approved_than_was_claimed(cast: Cast, amount: int) -> None:
    claim = submitted(cast)
    act = lambda: claim_decisions.approve(  # noqa: E731
        claim.pk, amount_fen=amount, because="…", by=cast.fay, at=AT
    )
    assert refusal(act, InvalidInput) == "claim_approved_amount"


def test_no_more_is_approved_than_the_pot_holds(cast: Cast) -> None:
    campaign = ended(cast)
    claim = submitted(cast, campaign, amount_fen=bank_left(campaign) + 1)
    act = lambda: claim_decisions.approve(claim.pk, by=cast.fay, at=AT)  # noqa: E731
    assert refusal(act) == "budget_exceeded"
    claim.refresh_from_db()
    assert claim.state == ClaimState.SUBMITTED


def test_nobody_decides_on_a_claim_of_their_own(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.fay, role="branch_manager", unit=cast.shanghai)
    own = submitted(cast, by=cast.fay)
    for act in (
        lambda: claim_decisions.approve(own.pk, by=cast.fay, at=AT),
        lambda: claim_decisions.reject(own.pk, because="…", by=cast.fay, at=AT),
    ):
        assert refusal(act, NotAllowed) == "self_approval"


@pytest.mark.parametrize("column", ["claimant", "submitted_by"])
def test_the_database_refuses_a_decision_on_ones_own_claim(cast: Cast, column: str) -> None:
    claim = submitted(cast)
    rows = Claim.objects.filter(pk=claim.pk)
    with pytest.raises(IntegrityError, match="claim_decided_by_another"), transaction.atomic():
        rows.update(decided_by=cast.fay, **{column: cast.fay})
    assert rows.update(decided_by=cast.fay) == 1


@pytest.mark.parametrize("name", ["ann", "mei", "pia", "otto", "rui", "ada"])
def test_finance_decides_on_claims(cast: Cast, name: str) -> None:
    claim = submitted(cast)
    act = lambda: claim_decisions.approve(claim.pk, by=cast.named(name), at=AT)  # noqa: E731
    assert refusal(act, NotAllowed)


def test_a_returned_claim_is_corrected_and_comes_again(cast: Cast) -> None:
    claim = submitted(cast)
    act = lambda: claims.correct(claim.pk, amount_fen=1, by=cast.ann, at=AT)  # noqa: E731
    assert refusal(act) == "claim_fixed"
    claim_decisions.return_for_correction(claim.pk, because="抬头有误", by=cast.fay, at=AT)
    claims.correct(claim.pk, amount_fen=300_000, by=cast.ann, at=AT)
    claims.submit(claim.pk, by=cast.ann, at=AT)
    done = claim_decisions.approve(claim.pk, by=cast.fay, at=AT)
    assert done.amount_approved_fen == 300_000
    steps = claim.steps.order_by("at", "pk").values_list("to_state", flat=True)
    assert list(steps) == ["draft", "submitted", "returned", "returned", "submitted", "approved"]


def test_a_payment_pays_one_claim(cast: Cast) -> None:
    campaign = ended(cast)
    first, second = approved(cast, campaign), approved(cast, campaign)
    claim_decisions.pay(first.pk, reference="PAY-1", by=cast.fay, at=AT)
    act = lambda: claim_decisions.pay(  # noqa: E731
        second.pk, reference="PAY-1", by=cast.fay, at=AT
    )
    assert refusal(act) == "payment_exists"


def test_what_is_taken_back_returns_to_the_pot(cast: Cast) -> None:
    campaign = ended(cast)
    before = bank_left(campaign)
    claim = paid(cast, campaign)
    done = claim_decisions.claw_back(claim.pk, because="重复申报", by=cast.fay, at=AT)
    assert (done.state, bank_left(campaign)) == (ClaimState.CLAWED_BACK, before)


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (lambda pk, cast: claims.withdraw(pk, because="…", by=cast.ann, at=AT), "withdrawn"),
        (lambda pk, cast: claim_decisions.reject(pk, because="…", by=cast.fay, at=AT), "rejected"),
    ],
)
def test_what_is_over_stays_over(cast: Cast, act: Callable[[Any, Cast], Claim], state: str) -> None:
    claim = submitted(cast)
    assert act(claim.pk, cast).state == state
    assert refusal(lambda: claim_decisions.approve(claim.pk, by=cast.fay, at=AT)) == "claim_state"


def test_a_claim_is_of_a_merchant_that_takes_part(cast: Cast) -> None:
    campaign = ended(cast)
    other = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)

    def act(campaign: Campaign = campaign, merchant: Any = other, fen: int = 1) -> Claim:
        return claims.draft(
            uuid7(), campaign.pk, merchant.pk, amount_fen=fen, what_for="台卡", by=cast.ann, at=AT
        )

    assert refusal(act) == "claim_merchant"
    assert refusal(lambda: act(merchant=merchant_of(campaign), fen=0)) == "claim_amount"
    Campaign.objects.filter(pk=campaign.pk).update(stage=CampaignStage.CANCELLED)
    assert refusal(lambda: act(merchant=merchant_of(campaign))) == "claim_campaign"


def test_reps_claim_for_their_own_merchants(cast: Cast) -> None:
    campaign = ended(cast)
    merchant = merchant_of(campaign)
    for name, kind in (("bo", NotFound), ("otto", NotAllowed), ("fay", NotAllowed)):
        act = lambda name=name: claims.draft(  # noqa: E731
            uuid7(), campaign.pk, merchant.pk, amount_fen=1, what_for="台卡",
            by=cast.named(name), at=AT,
        )  # fmt: skip
        assert refusal(act, kind)
    assert not Claim.objects.exists()


def test_the_merchant_remembers_its_claims(cast: Cast) -> None:
    claim = paid(cast)
    kinds = set(TimelineEntry.objects.filter(subject_id=claim.pk).values_list("kind", flat=True))
    assert kinds == {
        "claim.drafted", "claim.proved", "claim.submitted", "claim.approved", "claim.paid",
    }  # fmt: skip
