"""What happened after the cut-off changes no report that is written late: money, claims, approvals,
agreements, objections."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns.domain import approvals, campaign_money, claims
from campaigns.models import Claim
from crm.domain import calendar, weekly_report
from crm.weeks import Week
from tests import factories
from tests.campaigns import approval_desk, outcome_desk
from tests.conftest import Cast
from tests.leads import objection_desk
from tests.merchants import test_renewal_report as renewals

pytestmark = pytest.mark.django_db

WEEK = Week.parse("2026-W47")
END = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
SLOT, LATE = END + timedelta(hours=8), END + timedelta(hours=30)
SINCE = END + timedelta(hours=2)
AT = factories.AT

type Since = Callable[[], Any]


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2028), at=timezone.now())


def money_spent(cast: Cast) -> Since:
    campaign = factories.CampaignFactory(
        unit=cast.xuhui,
        fund=outcome_desk.fund_of(cast.shanghai, name="基金", allocated=100_00),
        budget_fen=100_00,
        shares={"bank": 10_000},
        created_at=AT,
        stage_entered_at=AT,
    )
    campaign_money.commit(campaign, key="approve", by=cast.pia, at=AT)
    return lambda: campaign_money.consume(
        campaign, {"bank": 95_00}, key="spent", by=cast.pia, at=SINCE
    )


def approved(cast: Cast) -> Since:
    request = approval_desk.submitted(cast, created_at=AT, budget_fen=approval_desk.MIDDLING_FEN)
    return lambda: approvals.approve(request.pk, step=1, by=cast.mei, at=SINCE)


def claim_submitted(cast: Cast) -> Since:
    claim = outcome_desk.proved(cast)
    Claim.objects.filter(pk=claim.pk).update(last_day=date(2026, 11, 10), updated_at=AT)

    def submit() -> None:
        Claim.objects.filter(pk=claim.pk).update(last_day=date(2026, 12, 10))
        claims.submit(claim.pk, by=cast.ann, at=SINCE)
        Claim.objects.filter(pk=claim.pk).update(last_day=date(2026, 11, 10))

    return submit


def claim_drafted(cast: Cast) -> Since:
    campaign = outcome_desk.ended(cast, created_at=AT)

    def draft() -> None:
        claim = outcome_desk.drafted(cast, campaign, at=SINCE)
        Claim.objects.filter(pk=claim.pk).update(last_day=date(2026, 11, 1))

    return draft


def objection_settled(cast: Cast) -> Since:
    lead = objection_desk.ann_s_lead(cast)
    objection = objection_desk.in_state("handled", lead, by=cast.ann, at=AT)
    return lambda: objection_desk.settle(objection, "resolved", by=cast.ann, at=SINCE)


def agreement_renewed(cast: Cast) -> Since:
    partnership = renewals.partnership(cast)
    renewals.signed(partnership, date(2026, 12, 10), signed_at=AT)
    return lambda: renewals.signed(
        partnership, date(2027, 12, 10), starts_on=date(2026, 12, 11), signed_at=SINCE
    )


HAPPENED = [
    money_spent,
    approved,
    claim_submitted,
    claim_drafted,
    objection_settled,
    agreement_renewed,
]


@pytest.mark.parametrize("happened", HAPPENED, ids=[one.__name__ for one in HAPPENED])
def test_what_happened_since_changes_no_report_that_is_written_late(
    cast: Cast, happened: Callable[[Cast], Since]
) -> None:
    since = happened(cast)
    readers = (cast.mei, cast.max, cast.ann)
    on_time = [weekly_report.compose(one, WEEK, at=SLOT) for one in readers]
    since()
    late = [weekly_report.compose(one, WEEK, at=LATE) for one in readers]
    for before, after in zip(on_time, late, strict=True):
        assert after.blocks == before.blocks
        assert after.fingerprint == before.fingerprint
    # And it did happen: the week that follows tells of it.
    next_week = weekly_report.compose(cast.mei, WEEK.next, at=LATE).blocks
    assert next_week != late[0].blocks
