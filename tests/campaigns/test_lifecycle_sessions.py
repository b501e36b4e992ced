"""Two sessions at one campaign: the second waits, and then finds what the first one did."""

from datetime import datetime

import pytest
from django.db import transaction

from campaigns.domain import running
from campaigns.models import Campaign, CampaignStep
from crm.errors import StageNotReachable
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_stop_a_campaign_one_counts(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    with transaction.atomic():
        running.terminate(campaign.pk, because="商户闭店", by=cast.pia, at=at)
        other = Session(lambda: running.pause(campaign.pk, because="…", by=cast.mei, at=at))
        assert other.wait_until_blocked()
    with pytest.raises(StageNotReachable):
        other.end()
    assert desk.stage_of(campaign) == "terminated"
    assert CampaignStep.objects.filter(campaign=campaign, to_stage="paused").count() == 0


def test_without_the_lock_nobody_would_wait(cast: Cast, at: datetime) -> None:
    """The control: a plain read of the same row passes by the lock."""
    campaign = desk.active(cast, at=at)
    with transaction.atomic():
        running.terminate(campaign.pk, because="商户闭店", by=cast.pia, at=at)
        other = Session(lambda: Campaign.objects.get(pk=campaign.pk).stage)
        assert not other.wait_until_blocked()
    assert other.end() == "active"
