"""Who drafts a claim is reminded of its deadline, as long as it can still be submitted."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.domain import claim_decisions, claims
from crm.domain import calendar
from crm.models import Reminder, ReminderState
from tests.campaigns.outcome_desk import AT, drafted, proved, submitted
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def of_claims(state: ReminderState = ReminderState.PLANNED) -> list[Reminder]:
    return list(Reminder.objects.filter(kind="claim_deadline", state=state).order_by("due_at"))


def nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_draft_is_reminded_of_three_working_days_before_its_deadline(cast: Cast) -> None:
    claim = drafted(cast)
    (planned,) = of_claims()
    assert planned.recipient == cast.ann
    assert planned.due_at == nine(calendar.read().before(claim.last_day, 3))
    assert planned.facts["last_day"] == claim.last_day.isoformat()


def test_a_submitted_claim_is_not_reminded_of_and_a_returned_one_is_again(cast: Cast) -> None:
    claim = submitted(cast)
    assert of_claims() == []
    claim_decisions.return_for_correction(claim.pk, because="缺发票", by=cast.fay, at=AT)
    assert len(of_claims()) == 1


def test_a_withdrawn_claim_is_not_reminded_of(cast: Cast) -> None:
    claim = proved(cast)
    claims.withdraw(claim.pk, because="重复了", by=cast.ann, at=AT)
    assert of_claims() == []


def test_an_extended_claim_is_reminded_of_before_its_new_deadline(cast: Cast) -> None:
    claim = drafted(cast)
    later = claim.last_day + timedelta(days=14)
    claim_decisions.extend(claim.pk, to=later, because="商户盘点", by=cast.fay, at=AT)
    (planned,) = of_claims()
    assert planned.due_at == nine(calendar.read().before(later, 3))
