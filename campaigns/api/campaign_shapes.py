"""What the API answers about campaigns."""

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from campaigns.domain.campaign_terms import Difference
from campaigns.domain.running import Way
from campaigns.models import (
    Campaign,
    CampaignStage,
    CampaignStep,
    CampaignVersion,
    FundingShare,
    GoLiveItem,
)
from crm.api.shapes import Many, Nested, Shape, Yuan
from merchants.models import Merchant, Outlet

MOST_BESIDE = 50
"""Merchants and outlets shown beside their campaign; lists of their own have them all."""


def _person(name: str) -> Nested:
    return Nested(f"{name}_id", {"id": f"{name}_id", "full_name": f"{name}__full_name"})


SHARE = Shape(
    "FundingShare",
    FundingShare,
    party="party",
    basis_points="basis_points",
    ceiling=Yuan("ceiling_fen"),
    fallback="fallback",
    collection="collection",
)
_MERCHANT = Shape("CampaignMerchant", Merchant, id="id", name="name")
_OUTLET = Shape("CampaignOutlet", Outlet, id="id", name="name", merchant="merchant_id")

CAMPAIGN = Shape(
    "Campaign",
    Campaign,
    id="id",
    version="version",
    name="name",
    unit=Nested("unit_id", {"id": "unit_id", "name": "unit__name"}),
    stage="stage",
    stage_entered_at="stage_entered_at",
    planner=_person("planner"),
    fund=Nested("fund_id", {"id": "fund_id", "name": "fund__name"}),
    objective="objective",
    starts_on="starts_on",
    ends_on="ends_on",
    ended_on="ended_on",
    budget=Yuan("budget_fen"),
    mechanic="mechanic",
    terms="terms",
    limits="limits",
    shares=Many(SHARE, FundingShare.objects.filter(campaign=OuterRef("pk")).order_by("party")),
    merchants=Many(
        _MERCHANT,
        Merchant.objects.filter(campaigns=OuterRef("pk")).order_by("name_pinyin", "pk")[
            :MOST_BESIDE
        ],
    ),
    outlets=Many(
        _OUTLET,
        Outlet.objects.filter(campaigns=OuterRef("pk")).order_by("name", "pk")[:MOST_BESIDE],
    ),
    refund_to_funder_first="refund_to_funder_first",
    claim_days="claim_days",
    version_number="version_number",
    drafted_from="origin_id",
    money_returned_at="money_returned_at",
    created_at="created_at",
    updated_at="updated_at",
)

VERSION = Shape(
    "CampaignVersion",
    CampaignVersion,
    id="id",
    version="version",
    campaign="campaign_id",
    number="number",
    parent=Nested("parent_id", {"id": "parent_id", "number": "parent__number"}),
    state="state",
    effective_from="effective_from",
    created_by=_person("created_by"),
    said="said",
    terms="terms",
    digest="digest",
    created_at="created_at",
)

STEP = Shape(
    "CampaignStep",
    CampaignStep,
    id="id",
    from_stage="from_stage",
    to_stage="to_stage",
    version_number="version_number",
    actor=_person("actor"),
    because="because",
    at="at",
)

GO_LIVE_ITEM = Shape(
    "GoLiveItem",
    GoLiveItem,
    id="id",
    version="version",
    campaign="campaign_id",
    kind="kind",
    merchant=Nested("merchant_id", {"id": "merchant_id", "name": "merchant__name"}),
    outlet=Nested("outlet_id", {"id": "outlet_id", "name": "outlet__name"}),
    file="file_id",
    note="note",
    done_by=_person("done_by"),
    done_at="done_at",
    created_at="created_at",
)


class CampaignMissing(serializers.Serializer[Any]):
    """One thing that a stage still asks for."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class CampaignWayOut(serializers.Serializer[Any]):
    """One next stage."""

    to = serializers.ChoiceField(CampaignStage.choices)
    allowed = serializers.BooleanField()
    asks_reason = serializers.BooleanField()
    missing = CampaignMissing(many=True)


class CampaignWaysOut(serializers.Serializer[Any]):
    ways = CampaignWayOut(many=True)


class CampaignDifference(serializers.Serializer[Any]):
    """One thing that two versions of the terms say differently; sums in fen."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class CampaignDifferencesOut(serializers.Serializer[Any]):
    differences = CampaignDifference(many=True)


def ways_out(ways: Iterable[Way]) -> dict[str, Any]:
    return {
        "ways": [
            {
                "to": way.to,
                "allowed": way.allowed,
                "asks_reason": way.asks_reason,
                "missing": [
                    {"code": one.code, "detail": str(one.detail), "attr": one.attr}
                    for one in way.missing
                ],
            }
            for way in ways
        ]
    }


def differences_out(found: Iterable[Difference]) -> dict[str, Any]:
    return {
        "differences": [
            {
                "name": one.name,
                "label": str(one.label),
                "before": one.before,
                "after": one.after,
            }
            for one in found
        ]
    }
