"""Which agreements end, and which partnerships may be lost, as one knew when the week ended."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.domain import weekly_report
from crm.models import User
from crm.sections import Period
from crm.weeks import Week
from merchants import renewal_report
from merchants.models import (
    AgreementState,
    AgreementVersion,
    HealthReading,
    Partnership,
    PartnershipStage,
    PartnershipStep,
)
from merchants.models.partnership_words import REASONS
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
PERIOD = Period.of(Week.parse("2026-W46"), ZONE, at=datetime(2026, 11, 18, tzinfo=ZONE))
SUNDAY = PERIOD.last_day
BEFORE = PERIOD.end - timedelta(days=100)


def partnership(cast: Cast, owner: str = "ann", stage: str = "active") -> Partnership:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.named(owner))
    made: Partnership = factories.PartnershipFactory(
        merchant=merchant, unit=cast.xuhui, stage=stage, created_at=BEFORE
    )
    reason = REASONS[PartnershipStage(stage)][0] if stage in REASONS else ""
    PartnershipStep.objects.create(partnership=made, to_stage=stage, reason=reason, at=BEFORE)
    return made


def signed(one: Partnership, ends: date, **values: Any) -> AgreementVersion:
    given = {
        "state": AgreementState.LIVE,
        "signed_at": BEFORE,
        "starts_on": date(2026, 1, 1),
        "ends_on": ends,
        "last_day": ends,
        "bank_signatory": "Mei",
        "merchant_signatory": "张三",
        "document": factories.StoredFileFactory(),
        "document_sha256": "0" * 64,
    }
    made: AgreementVersion = factories.AgreementVersionFactory(
        partnership=one, **{**given, **values}
    )
    return made


def ending(viewer: User) -> list[tuple[str, int]]:
    rows = renewal_report.renewals(weekly_report.audience(viewer), PERIOD).rows
    return [(row["merchant"], row["days_left"]) for row in rows]


def test_what_ends_within_ninety_days_is_listed_and_within_thirty_needs_action(cast: Cast) -> None:
    days = {day: partnership(cast) for day in (-1, 0, 30, 31, 90, 91)}
    for day, one in days.items():
        signed(one, SUNDAY + timedelta(days=day))
    assert ending(cast.max) == [(days[day].merchant.name, day) for day in (0, 30, 31, 90)]
    table = renewal_report.renewals(weekly_report.audience(cast.max), PERIOD)
    assert [one.value for one in table.figures] == [4, 2]
    assert table.actions is not None
    assert [str(one.why) for one in table.actions.first] == [
        "The agreement ends in 0 days",
        "The agreement ends in 30 days",
    ]


def test_what_is_renewed_before_the_end_of_the_week_is_not_due(cast: Cast) -> None:
    renewed, renewed_since = partnership(cast), partnership(cast)
    for one, at in ((renewed, BEFORE), (renewed_since, PERIOD.end)):
        signed(one, SUNDAY + timedelta(days=20))
        signed(
            one,
            SUNDAY + timedelta(days=400),
            starts_on=SUNDAY + timedelta(days=21),
            signed_at=at,
        )
    assert ending(cast.max) == [(renewed_since.merchant.name, 20)]


def test_a_rep_reads_of_the_own_merchants_only(cast: Cast) -> None:
    for owner in ("ann", "bo"):
        signed(partnership(cast, owner), SUNDAY + timedelta(days=5))
    assert [len(ending(cast.named(name))) for name in ("ann", "bo", "max", "sam")] == [1, 1, 2, 0]


def test_at_risk_is_what_wavers_or_is_alarmingly_unhealthy(cast: Cast) -> None:
    waver, ill, well = (
        partnership(cast, stage=stage) for stage in ("wavering", "active", "active")
    )
    for one, score, day in (
        (ill, "41.5", SUNDAY),
        (well, "80.0", SUNDAY),
        (well, "20.0", SUNDAY + timedelta(days=1)),
    ):
        HealthReading.objects.create(partnership=one, day=day, score=score)
    table = renewal_report.at_risk(weekly_report.audience(cast.max), PERIOD)
    assert [row["merchant"] for row in table.rows] == [ill.merchant.name, waver.merchant.name]
    assert table.actions is not None
    assert [str(one.why) for one in table.actions.first] == [
        "Health 41.5, below 60",
        "The partnership wavers",
    ]
