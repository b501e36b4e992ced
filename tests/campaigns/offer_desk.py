"""Campaigns with an offer to try purchases on."""

from datetime import date
from typing import Any

from campaigns.models import Campaign, CampaignStage
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast

FOUR = {"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500}


def offered(cast: Cast, *merchants: Merchant, **said: Any) -> Campaign:
    """A draft of Pia's branch: 100 off 20 in November and December, shared by four."""
    usual: dict[str, Any] = {
        "unit": cast.shanghai,
        "name": "满100减20",
        "stage": CampaignStage.DRAFT,
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 12, 31),
        "mechanic": "threshold_off",
        "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
        "shares": FOUR,
    }
    campaign: Campaign = factories.CampaignFactory(**usual | said)
    campaign.merchants.set(merchants or [merchant_of(cast)])
    return campaign


def merchant_of(cast: Cast) -> Merchant:
    made: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return made
