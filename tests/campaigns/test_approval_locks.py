"""Two who decide at once: exactly one is heard; two who submit ask once."""

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from campaigns.domain import approvals
from campaigns.models import ApprovalRequest, ApprovalState, ApprovalStep, EntryKind, LedgerEntry
from crm.errors import DomainError, RuleBroken
from crm.models import Role
from tests.campaigns import approval_desk as desk
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


def commits() -> int:
    return LedgerEntry.objects.filter(kind=EntryKind.COMMIT).count()


def test_of_two_approvals_at_once_exactly_one_counts(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    second = desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.shanghai)
    with transaction.atomic():
        approvals.approve(request.pk, step=1, by=cast.mei, at=at)
        other = Session(lambda: approvals.approve(request.pk, step=1, by=second, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "approval_settled"
    assert ApprovalStep.objects.get().decided_by == cast.mei
    assert commits() == 1


def test_the_second_does_not_decide_the_next_step_unread(cast: Cast, at: datetime) -> None:
    """Both hold both roles; the second read step 1 and is told that it is decided."""
    desk.factories.MembershipFactory(user=cast.fay, role=Role.BRANCH_MANAGER, unit=cast.shanghai)
    request = desk.submitted(cast, budget_fen=desk.MIDDLING_FEN)
    with transaction.atomic():
        approvals.approve(request.pk, step=1, by=cast.mei, at=at)
        other = Session(lambda: approvals.approve(request.pk, step=1, by=cast.fay, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "step_decided"
    assert ApprovalRequest.objects.get().state == ApprovalState.WAITING


def test_of_an_approval_and_a_return_at_once_exactly_one_counts(cast: Cast, at: datetime) -> None:
    request = desk.submitted(cast)
    second = desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.shanghai)
    with transaction.atomic():
        approvals.return_for_correction(request.pk, step=1, comment="改", by=second, at=at)
        other = Session(lambda: approvals.approve(request.pk, step=1, by=cast.mei, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "approval_settled"
    assert commits() == 0


def test_without_the_locks_the_database_still_keeps_the_first_decision(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second reads that nothing is decided; the decided step is fixed."""
    request = desk.submitted(cast)
    second = desk.colleague(cast, "boss", Role.BRANCH_MANAGER, cast.shanghai)
    monkeypatch.setattr(
        "campaigns.domain.approvals.take", lambda rows, pk, **_: rows.filter(pk=pk).first()
    )
    with transaction.atomic():
        approvals.approve(request.pk, step=1, by=cast.mei, at=at)
        other = Session(lambda: approvals.approve(request.pk, step=1, by=second, at=at))
        assert other.wait_until_blocked(), "it waits no sooner than at its own UPDATE"
    with pytest.raises(Exception, match="is fixed") as failure:
        other.end()
    assert not isinstance(failure.value, DomainError), "a backstop, not a refusal in words"
    assert ApprovalStep.objects.get().decided_by == cast.mei


def test_two_who_submit_at_once_ask_once(cast: Cast, at: datetime) -> None:
    desk.tiers()
    campaign = desk.draft(cast)
    with transaction.atomic():
        approvals.submit(campaign.pk, by=cast.pia, at=at)
        other = Session(lambda: approvals.submit(campaign.pk, by=cast.mei, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "not_a_draft"
    assert ApprovalRequest.objects.count() == 1


def test_two_campaigns_race_for_the_last_of_a_fund_and_exactly_one_wins(
    cast: Cast, at: datetime
) -> None:
    desk.tiers()
    last: Any = desk.fund(cast, allocated=4_800_000)
    first, second = desk.draft(cast, fund=last), desk.draft(cast, fund=last)
    with transaction.atomic():
        approvals.submit(first.pk, by=cast.pia, at=at)
        other = Session(lambda: approvals.submit(second.pk, by=cast.pia, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        other.end()
    assert refusal.value.code == "budget_exceeded"
    assert ApprovalRequest.objects.get().campaign == first
