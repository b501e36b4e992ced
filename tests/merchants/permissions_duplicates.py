"""Who may do what about duplicates and merges, through the API."""

from django.utils import timezone

from crm.ids import uuid7
from merchants.domain import merging
from tests import factories
from tests.conftest import Cast
from tests.permissions import ALL, READING, SEEN_MERCHANT, SELLERS, STRANGERS, Row

TABLE = [
    Row(
        "POST", "merchants/check-duplicates/", {200: SELLERS, 403: f"{READING} nia"}, {"name": "新"}
    ),
    Row("GET", "merchants/{merchant}/duplicates/", SEEN_MERCHANT),
    Row(
        "POST",
        "merchants/{merchant}/merge/",
        {200: "max mei", 403: f"ann {READING}", 404: STRANGERS},
        {"other": "{twin}"},
        '"1"',
    ),
    Row("GET", "merges/", {200: ALL}),
    Row(
        "POST",
        "merges/{merge}/undo/",
        {200: "max mei", 403: f"ann {READING}", 404: STRANGERS},
        {},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A merchant beside Ann's, and a merge of two others of hers."""
    kept, other, twin = (
        factories.MerchantFactory(name=name, unit=cast.xuhui, owner=cast.ann)
        for name in ("南京大牌档", "南京大排档", "小南国")
    )
    merge = merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=timezone.now())
    return {"twin": str(twin.pk), "merge": str(merge.pk)}
