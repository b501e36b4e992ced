"""The report's section on partnerships: as of the end of the period, in the reader's scope."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.models import User
from crm.presentation import block
from crm.sections import Audience, Period
from crm.weeks import Week
from merchants import reports
from merchants.domain import sell_through
from merchants.models import HealthReading, Partnership, PartnershipStage, PartnershipStep
from merchants.models.partnership_words import REASONS
from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import TODAY, days_ago, partnership, sold

pytestmark = pytest.mark.django_db

AT = factories.AT
ZONE = ZoneInfo("Asia/Shanghai")


THIS_WEEK = Week.of(TODAY)


def told(viewer: User, week: Week = THIS_WEEK) -> dict[str, Any]:
    period = Period.of(week, ZONE, at=AT)
    return block("partnerships", "", reports.partnerships(Audience(viewer), period))


def stands(cast: Cast, stage: PartnershipStage, health: str | None, **given: Any) -> Partnership:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    one = partnership(merchant, stage=stage, **given)
    step(one, stage, days=20)
    if health:
        HealthReading.objects.create(partnership=one, day=days_ago(8), score=health)
    return one


def step(one: Partnership, to: PartnershipStage, *, days: int) -> None:
    PartnershipStep.objects.create(
        partnership=one,
        to_stage=to,
        reason=REASONS[to][0] if to in REASONS else "",
        at=AT - timedelta(days=days),
    )
    Partnership.objects.filter(pk=one.pk).update(
        stage=to, stage_entered_at=AT - timedelta(days=days)
    )


@pytest.mark.parametrize(
    ("selling", "live", "rate"),
    [(180, 240, 7500), (0, 3, 0), (1, 3, 3333), (2, 3, 6667), (1, 32, 313), (0, 0, None)],
)
def test_sell_through_is_the_share_of_live_merchants_that_sold(
    selling: int, live: int, rate: int | None
) -> None:
    assert sell_through.rate(selling, live) == rate


def test_partnerships_are_counted_by_stage_with_their_health(cast: Cast) -> None:
    for score in ("59.9", "80.0", "80.2"):
        one = stands(cast, PartnershipStage.ACTIVE, score)
    sold(one, TODAY - timedelta(days=1))
    silent = stands(cast, PartnershipStage.PILOT, None)
    sold(silent, TODAY - timedelta(days=1), sales=0)
    ended = stands(cast, PartnershipStage.CHURNED, "10.0")
    sold(ended, TODAY - timedelta(days=1))
    found = told(cast.mei)
    assert [row["values"] for row in found["rows"]] == [
        {"stage": "Pilot", "count": 1, "health": None, "alarming": 0},
        {"stage": "Active partnership", "count": 3, "health": "73.4", "alarming": 1},
        {"stage": "Churned", "count": 1, "health": "10.0", "alarming": 1},
    ]
    assert [(one["key"], one["value"]) for one in found["figures"]] == [
        ("alarming", 1),
        ("sell_through", "25.00"),
    ]


def test_a_report_written_late_says_what_it_would_have_said_on_time(cast: Cast) -> None:
    one = stands(cast, PartnershipStage.WAVERING, "80.0")
    step(one, PartnershipStage.ACTIVE, days=15)
    before = told(cast.mei, THIS_WEEK.previous)
    step(one, PartnershipStage.WAVERING, days=1)
    HealthReading.objects.create(partnership=one, day=days_ago(1), score="50.0")
    assert told(cast.mei, THIS_WEEK.previous) == before
    assert [row["values"]["stage"] for row in before["rows"]] == ["Active partnership"]
    (now,) = told(cast.mei)["rows"]
    assert now["values"] == {"stage": "Wavering", "count": 1, "health": "50.0", "alarming": 1}


def test_it_tells_only_of_what_one_may_see(cast: Cast) -> None:
    stands(cast, PartnershipStage.ACTIVE, "80.0")
    assert told(cast.ann)["rows"]
    for stranger in (cast.bo, cast.sam, cast.nia):
        assert told(stranger)["rows"] == []
        assert told(stranger)["figures"] == []
