"""The report names what ends within two weeks, with what is left of its money."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns import ending_report
from campaigns.domain import campaign_money
from campaigns.models import CampaignStage
from crm.domain import weekly_report
from crm.sections import Period
from crm.weeks import Week
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_what_ends_within_two_weeks_is_listed_with_its_money(cast: Cast, at: datetime) -> None:
    today = timezone.localdate(at)
    soon = desk.active(cast, at=at, name="soon", ends_on=today + 14 * DAY)
    desk.active(cast, at=at, name="later", ends_on=today + 15 * DAY)
    desk.scheduled(cast, at=at, name="ahead", ends_on=today + DAY)
    with transaction.atomic():
        campaign_money.consume(
            soon, {"bank": 1_500_000, "merchant": 1_000_000}, key="x", by=cast.fay, at=at
        )
    paused = desk.active(cast, at=at, name="paused", ends_on=today)
    desk.moved(paused, CampaignStage.PAUSED, by=cast.pia, at=at)
    period = Period.of(
        Week.parse("2026-W47"), ZoneInfo("Asia/Shanghai"), at=at + timedelta(minutes=1)
    )
    assert period.last_day == today
    table = ending_report.ending(weekly_report.audience(cast.mei), period)
    assert [(row["name"], row["days_left"], row["left"], row["used"]) for row in table.rows] == [
        ("paused", 0, 10_000_000, 0),
        ("soon", 14, 7_500_000, 2500),
    ]
    assert [figure.value for figure in table.figures] == [2, 1]
    other = ending_report.ending(weekly_report.audience(cast.sam), period)
    assert (other.rows, other.figures) == ([], ())
