"""The report's section on campaigns: those that run, what they cost the bank, which end soon."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns import reports
from campaigns.models import Campaign, Party
from crm.domain import weekly_report
from crm.models import User
from crm.sections import Period
from crm.weeks import Week
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

PERIOD = Period.of(
    Week.parse("2026-W46"), ZoneInfo("Asia/Shanghai"), at=datetime(2026, 11, 18, tzinfo=UTC)
)
SUNDAY = date(2026, 11, 15)


def campaign(cast: Cast, **values: Any) -> Campaign:
    given = {"unit": cast.shanghai, "created_at": PERIOD.start}
    made: Campaign = factories.CampaignFactory(**{**given, **values})
    return made


def figures(viewer: User) -> dict[str, int | None]:
    table = reports.running(weekly_report.audience(viewer), PERIOD)
    return {figure.key: figure.value for figure in table.figures}


def test_a_campaign_runs_from_its_first_day_to_its_last(cast: Cast) -> None:
    day = timedelta(days=1)
    campaign(cast, name="last day", starts_on=SUNDAY - 9 * day, ends_on=SUNDAY)
    campaign(cast, name="first day", starts_on=SUNDAY, ends_on=SUNDAY + 9 * day)
    campaign(cast, name="over", starts_on=SUNDAY - 9 * day, ends_on=SUNDAY - day)
    campaign(cast, name="to come", starts_on=SUNDAY + day, ends_on=SUNDAY + 9 * day)
    campaign(cast, name="planned since", created_at=PERIOD.end)
    rows = reports.running(weekly_report.audience(cast.mei), PERIOD).rows
    assert [(row["name"], row["days_left"]) for row in rows] == [("last day", 0), ("first day", 9)]


def test_the_bank_pays_its_share_to_the_last_fen(cast: Cast) -> None:
    campaign(
        cast,
        budget_fen=1999,
        shares={Party.PLATFORM: 500, Party.BANK: 5000, Party.MERCHANT: 3000, Party.SCHEME: 1500},
    )
    (row,) = reports.running(weekly_report.audience(cast.mei), PERIOD).rows
    assert (row["budget"], row["bank_part"]) == (1999, 999)


def test_figures_count_what_runs_and_what_ends_within_thirty_days(cast: Cast) -> None:
    campaign(cast, ends_on=SUNDAY + timedelta(days=30))
    campaign(cast, ends_on=SUNDAY + timedelta(days=31))
    assert figures(cast.mei) == {
        "running": 2,
        "ending": 1,
        "budget": 20_000_000,
        "spent": 0,
    }


def test_another_branch_sees_nothing_of_it(cast: Cast) -> None:
    campaign(cast)
    assert figures(cast.sam) == {"running": 0, "ending": 0, "budget": 0, "spent": 0}


def test_more_campaigns_take_no_more_statements(
    cast: Cast, same_queries: Callable[..., int]
) -> None:
    campaign(cast)
    audience = weekly_report.audience(cast.mei)
    same_queries(
        lambda: reports.running(audience, PERIOD),
        after=lambda: [campaign(cast) for _ in range(5)],
        at_most=4,
    )
