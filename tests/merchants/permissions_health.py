"""Who sees how healthy a partnership is, and who files its figures."""

from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import partnership
from tests.permissions import SEEN_MERCHANT, STRANGERS, WORKING, Row

FILED = {200: f"{WORKING} fay", 403: "rui pia otto ada", 404: STRANGERS}
"""Who works the merchant, and finance of its unit."""

TABLE = [
    Row("GET", "partnerships/{measured}/health/", SEEN_MERCHANT),
    Row("GET", "partnerships/{measured}/maturity/", SEEN_MERCHANT),
    Row("GET", "partnerships/{measured}/sales-days/", SEEN_MERCHANT),
    Row(
        "POST",
        "partnerships/{measured}/sales-days/",
        FILED,
        {
            "days": [
                {"day": "{yesterday}", "sales": "12.50", "qualifying_sales": 1, "redemptions": 0}
            ]
        },
    ),
    Row("GET", "partnerships/{measured}/figures/", SEEN_MERCHANT),
    Row(
        "POST",
        "partnerships/{measured}/figures/",
        FILED,
        {"month": "{this_month}", "source": "卡部月报", "new_cards": 3},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    from datetime import timedelta

    from django.utils import timezone

    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    today = timezone.localdate()
    return {
        "measured": str(partnership(merchant).pk),
        "yesterday": (today - timedelta(days=1)).isoformat(),
        "this_month": f"{today:%Y-%m}",
    }
