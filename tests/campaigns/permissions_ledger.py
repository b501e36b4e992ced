"""Who may do what with funds, budgets and the ledger."""

from campaigns.domain import campaign_money
from campaigns.models import Budget, CampaignStage
from crm.actors import SYSTEM
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.conftest import Cast
from tests.permissions import ALL, Row

KEEPS = "fay"
"""Finance of Shanghai."""
READS = "max mei rui pia otto ada"
"""Who oversees a unit sees its funds, and those of the units above it."""
STRANGERS = "ann bo sam nia"
KEPT = {200: KEEPS, 403: READS, 404: STRANGERS}
SEEN = {200: f"{KEEPS} {READS}", 404: STRANGERS}
CAMPAIGN_SEEN = {200: "ann bo max mei fay rui pia otto ada", 404: "sam nia"}
POT_SEEN = CAMPAIGN_SEEN

TABLE = [
    Row("GET", "funds/", {200: ALL}),
    Row(
        "POST",
        "funds/",
        # A unit that one may not know of is refused before anything else.
        {201: KEEPS, 403: "ann bo max mei rui pia otto ada", 400: "sam nia"},
        {
            "unit": "{shanghai}",
            "name": "春节基金",
            "starts_on": "2027-01-01",
            "ends_on": "2027-03-31",
            "cap": "100000.00",
        },
    ),
    Row("GET", "funds/{fund}/", SEEN),
    Row("PATCH", "funds/{fund}/", KEPT, {"name": "全年基金"}, '"1"'),
    Row("POST", "funds/{fund}/allocate/", KEPT, {"amount": "1.00", "because": "追加"}),
    Row(
        "POST",
        "funds/{fund}/change-allocation/",
        KEPT,
        {"to": "900000.00", "expected": "800000.00", "because": "调整"},
    ),
    Row("POST", "funds/{empty}/close/", KEPT, {"because": "年度结束"}),
    Row("GET", "budgets/", {200: ALL}),
    Row("GET", "budgets/{pot}/", POT_SEEN),
    Row("POST", "budgets/{frozen}/restore/", KEPT, {"because": "已核对"}),
    Row("GET", "ledger/", {200: ALL}),
    Row("GET", "campaigns/{funded}/money/", CAMPAIGN_SEEN),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    fund = fund_of(cast.shanghai, name="一", cap=1_000_000_00, allocated=800_000_00)
    campaign = factories.CampaignFactory(
        unit=cast.xuhui, fund=fund, stage=CampaignStage.DRAFT, shares={"bank": 10_000}
    )
    campaign_money.commit(campaign, key="approve", by=SYSTEM, at=factories.AT)
    frozen = fund_of(cast.shanghai, name="二", allocated=1).budget
    Budget.objects.filter(pk=frozen.pk).update(frozen_at=factories.AT)
    return {
        "shanghai": str(cast.shanghai.pk),
        "fund": str(fund.pk),
        "empty": str(fund_of(cast.shanghai, name="三").pk),
        "pot": str(Budget.objects.get(campaign=campaign).pk),
        "frozen": str(frozen.pk),
        "funded": str(campaign.pk),
    }
