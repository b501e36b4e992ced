"""The section “budget burn” of the reports."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns import budget_report
from campaigns.domain import campaign_money
from campaigns.models import Budget, Campaign
from crm.actors import SYSTEM
from crm.sections import Audience, Period
from crm.weeks import Week
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT
PERIOD = Period.of(
    Week.parse("2026-W47"), ZoneInfo("Asia/Shanghai"), at=datetime(2026, 11, 19, tzinfo=UTC)
)


def burnt(cast: Cast, name: str, bank: int) -> Campaign:
    """A running campaign of 100.00 on the bank alone, so much of it spent."""
    campaign: Campaign = factories.CampaignFactory(
        name=name,
        unit=cast.xuhui,
        fund=fund_of(cast.shanghai, name=name, allocated=100_00),
        budget_fen=100_00,
        shares={"bank": 10_000},
    )
    campaign_money.commit(campaign, key=f"approve:{name}", by=SYSTEM, at=AT)
    if bank:
        campaign_money.consume(campaign, {"bank": bank}, key=f"spent:{name}", by=SYSTEM, at=AT)
    return campaign


def test_the_furthest_burnt_comes_first_with_what_is_left(cast: Cast) -> None:
    for name, bank in {"甲": 10_00, "乙": 95_01, "丙": 0}.items():
        burnt(cast, name, bank)
    table = budget_report.budget_burn(Audience(cast.mei), PERIOD)
    rows = [(row["name"], row["used"], row["left"], row["burn"]) for row in table.rows]
    assert rows == [
        ("乙", 95_01, 4_99, 9501),
        ("甲", 10_00, 90_00, 1000),
        ("丙", 0, 100_00, 0),
    ]
    assert [figure.value for figure in table.figures] == [300_00, 105_01, 0, 1]


def test_a_frozen_budget_is_counted(cast: Cast) -> None:
    campaign = burnt(cast, "甲", 0)
    Budget.objects.filter(campaign=campaign).update(frozen_at=AT)
    table = budget_report.budget_burn(Audience(cast.mei), PERIOD)
    assert table.figures[2].value == 1


def test_nothing_is_told_of_what_the_viewer_does_not_see(cast: Cast) -> None:
    burnt(cast, "甲", 1)
    assert budget_report.budget_burn(Audience(cast.sam), PERIOD).rows == []
    of_hangzhou = Audience(cast.otto, frozenset({cast.hangzhou.pk}))
    assert budget_report.budget_burn(of_hangzhou, PERIOD).rows == []


def test_what_went_home_is_told_no_more(cast: Cast) -> None:
    campaign = burnt(cast, "甲", 1)
    Campaign.objects.filter(pk=campaign.pk).update(stage="closed")
    assert budget_report.budget_burn(Audience(cast.mei), PERIOD).rows == []
