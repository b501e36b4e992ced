"""Partnerships take their redemptions and their last qualifying sale from what was redeemed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.domain import partnership_redemptions as ours
from merchants.domain import partnership_facts
from merchants.domain.checklists import CaseFile
from merchants.models import EvidenceKind, Partnership, PartnershipStage
from merchants.models.partnership_roads import ROADS, Guard
from tests import factories
from tests.campaigns.settlement_desk import Desk
from tests.conftest import Cast
from tests.merchants.health_rows import days_ago, sold
from tests.merchants.test_measured import evidence

pytestmark = pytest.mark.django_db

AT = factories.AT
DAY = timedelta(days=1)


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast)


def partnership(desk: Desk, stage: str = "pilot", days: int = 20, **named: Any) -> Partnership:
    began = AT - days * DAY
    found: Partnership = factories.PartnershipFactory(
        merchant=desk.merchant,
        stage=PartnershipStage(stage),
        stage_entered_at=began,
        evidence_since=began,
        **named,
    )
    return found


def redeem(desk: Desk, count: int, *, ago: int, state: str = "redeemed") -> None:
    from campaigns.models import Redemption

    moment = AT - ago * DAY
    for _number in range(count):
        desk.used(f"{Redemption.objects.count()}")
    Redemption.objects.filter(day=datetime(2026, 10, 15).date()).update(  # noqa: DTZ001
        occurred_at=moment, day=moment.date(), state=state
    )


def met(one: Partnership, to: PartnershipStage, asked: Guard) -> bool:
    road = ROADS[PartnershipStage(one.stage)][to]
    (found,) = [check for check in CaseFile(one, AT).checks(road, to=to) if check.guard == asked]
    return found.met


@pytest.mark.parametrize(("redeemed", "enough"), [(29, False), (30, True)])
def test_a_pilot_has_thirty_redemptions(desk: Desk, redeemed: int, enough: bool) -> None:
    one = partnership(desk)
    redeem(desk, 12, ago=25)
    redeem(desk, 12, ago=3, state="reversed")
    assert ours.redeemed_in_stage(one, AT) is None, "before the stage, or given back whole"
    redeem(desk, redeemed, ago=5)
    assert ours.redeemed_in_stage(one, AT) == redeemed
    assert met(one, PartnershipStage.ACTIVE, Guard.ENOUGH_REDEMPTIONS) == enough


def test_without_redemptions_the_record_of_the_pilot_counts_and_with_them_they_do(
    desk: Desk,
) -> None:
    one = partnership(desk)
    evidence(one, EvidenceKind.PILOT_REDEMPTIONS, redemptions=40)
    assert met(one, PartnershipStage.ACTIVE, Guard.ENOUGH_REDEMPTIONS)
    redeem(desk, 5, ago=2)
    assert not met(one, PartnershipStage.ACTIVE, Guard.ENOUGH_REDEMPTIONS)


@pytest.mark.parametrize(("ago", "days"), [(0, 0), (1, 0), (31, 30), (91, 90)])
def test_silence_is_whole_days_since_the_last_redemption(desk: Desk, ago: int, days: int) -> None:
    one = partnership(desk, "active")
    assert ours.days_without_a_redemption(one, AT) is None
    redeem(desk, 1, ago=ago + 7)
    redeem(desk, 1, ago=ago)
    assert ours.days_without_a_redemption(one, AT) == days


def test_what_was_given_back_whole_is_no_sale(desk: Desk) -> None:
    one = partnership(desk, "active")
    redeem(desk, 1, ago=40)
    redeem(desk, 1, ago=2, state="reversed")
    assert ours.days_without_a_redemption(one, AT) == 39


def test_of_sales_days_and_redemptions_the_latest_sale_counts(desk: Desk) -> None:
    one = partnership(desk, "wavering", days=200)
    sold(one, days_ago(120))
    assert partnership_facts.silent_for(one, 90, AT)
    assert met(one, PartnershipStage.CHURNED, Guard.SETTLED_OR_SILENT)
    redeem(desk, 1, ago=2)
    assert not partnership_facts.silent_for(one, 90, AT)
    assert not met(one, PartnershipStage.CHURNED, Guard.SETTLED_OR_SILENT)


def test_redemptions_of_other_merchants_say_nothing(desk: Desk) -> None:
    redeem(Desk(desk.cast), 3, ago=2)
    one = partnership(desk)
    assert ours.redeemed_in_stage(one, AT) is None
    assert ours.days_without_a_redemption(one, AT) is None
