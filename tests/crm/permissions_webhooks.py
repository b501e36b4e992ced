"""Who may do what with webhooks: administrators of the unit or of one above it, nobody else."""

from crm.domain import webhook_endpoints
from crm.ids import uuid7
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, Row

OTHERS = ALL.replace("ada ", "").replace(" ada", "")
KEPT = {200: "ada", 404: OTHERS}

TABLE = [
    Row("GET", "webhook-events/", {200: ALL}),
    Row("GET", "webhooks/", {200: ALL}),
    Row(
        "POST",
        "webhooks/",
        # A unit that one may not know of is refused before anything else.
        {201: "ada", 403: "ann bo max mei fay rui pia otto", 400: "sam nia"},
        {"url": "https://hooks.bank.example/new", "unit": "{xuhui}"},
    ),
    Row("GET", "webhooks/{webhook}/", KEPT),
    Row("PATCH", "webhooks/{webhook}/", KEPT, {"description": "数据仓库"}, '"1"'),
    Row("POST", "webhooks/{webhook}/rotate/", KEPT, None, '"1"'),
    Row("POST", "webhooks/{webhook}/disable/", KEPT, {"because": "迁移"}),
    Row("POST", "webhooks/{disabled}/enable/", KEPT, {"send_missed": False}),
    Row("POST", "webhooks/{webhook}/ping/", {201: "ada", 404: OTHERS}),
    Row(
        "POST",
        "webhooks/{webhook}/replay/",
        KEPT,
        {
            "since": "2026-11-18T00:00:00+08:00",
            "until": "2026-11-19T00:00:00+08:00",
            "because": "对方丢失了一天的数据",
        },
    ),
    Row("GET", "webhooks/{webhook}/deliveries/", KEPT),
    Row("POST", "webhooks/{webhook}/deliveries/{told}/replay/", KEPT, {"because": "没有处理"}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    at, by = factories.AT, cast.ada
    webhook, _secret = webhook_endpoints.add(
        uuid7(), url="https://hooks.bank.example/a", unit_id=cast.xuhui.pk, by=by, at=at
    )
    told = webhook_endpoints.ping(webhook.pk, by=by, at=at)
    told.change(at=at, state="dead")
    webhook.refresh_from_db()
    disabled, _secret = webhook_endpoints.add(
        uuid7(), url="https://hooks.bank.example/b", unit_id=cast.xuhui.pk, by=by, at=at
    )
    webhook_endpoints.disable(disabled.pk, because="迁移", by=by, at=at)
    return {
        "xuhui": str(cast.xuhui.pk),
        "webhook": str(webhook.pk),
        "disabled": str(disabled.pk),
        "told": str(told.pk),
    }
