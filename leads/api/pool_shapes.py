"""What the API answers about the pool, and what it takes."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Flag, Id, Input, Line, Words
from crm.api.shapes import Many, Nested, Shape, Yuan
from leads.models import Lead, LeadOwnership, Pool, PoolRule, ReturnReason
from merchants.api.shapes import OWNER, UNIT
from merchants.models import CategoryGroup, Contact, MerchantTier

HINTS = 3
"""People of a merchant that the pool hints at."""

CONTACT_HINT = Shape(
    "ContactHint", Contact, full_name="masked_name", position="position", phone="masked_phone"
)
"""Enough to see that somebody is known there; never enough to reach them."""

POOLED_LEAD = Shape(
    "PooledLead",
    Lead,
    id="id",
    version="version",
    merchant=Nested(
        "merchant_id",
        {
            "id": "merchant_id",
            "name": "merchant__name",
            "category_group": "merchant__category_group",
            "tier": "merchant__tier",
            "division": Nested(
                "merchant__division_id",
                {"code": "merchant__division_id", "name": "merchant__division__full_name"},
            ),
        },
    ),
    unit=UNIT,
    pool=Nested("pool_id", {"id": "pool_id", "name": "pool__name"}),
    stage="stage",
    source="source",
    expected_value=Yuan("expected_value_fen"),
    pooled_at="pooled_at",
    last_activity_at="last_activity_at",
    last_owner=Nested(
        "last_owner_id", {"id": "last_owner_id", "full_name": "last_owner__full_name"}
    ),
    contacts=Many(
        CONTACT_HINT,
        Contact.objects.filter(merchant=OuterRef("merchant")).order_by("created_at", "pk")[:HINTS],
    ),
)

OWNERSHIP = Shape(
    "LeadOwnership",
    LeadOwnership,
    id="id",
    lead="lead_id",
    owner=OWNER,
    since="since",
    until="until",
    how="how",
    actor=Nested("actor_id", {"id": "actor_id", "full_name": "actor__full_name"}),
    reason="reason",
    because="because",
)

POOL_RULE = Shape(
    "PoolRule",
    PoolRule,
    id="id",
    version="version",
    pool="pool_id",
    tier="tier",
    quiet_working_days="quiet_working_days",
    resting_days="resting_days",
    warning_days="warning_days",
    protection_days="protection_days",
    spares_partners="spares_partners",
    created_at="created_at",
    updated_at="updated_at",
)

POOL = Shape(
    "Pool",
    Pool,
    id="id",
    version="version",
    unit=UNIT,
    name="name",
    category_groups="category_groups",
    divisions="divisions",
    is_active="is_active",
    claims_a_day="claims_a_day",
    holding_cap="holding_cap",
    cooldown_days="cooldown_days",
    rules=Many(POOL_RULE, PoolRule.objects.filter(pool=OuterRef("pk")).order_by("tier", "pk")),
    created_at="created_at",
    updated_at="updated_at",
)


class ReturnIn(Input):
    reason = Choice(ReturnReason.choices)
    because = Words(required=False, allow_blank=True, max_length=2000)


class _PoolFields(Input):
    category_groups = serializers.ListField(
        child=Choice(CategoryGroup.choices), required=False, max_length=20
    )
    divisions = serializers.ListField(child=Line(max_length=6), required=False, max_length=200)
    claims_a_day = serializers.IntegerField(required=False, min_value=1, max_value=1000)
    holding_cap = serializers.IntegerField(required=False, min_value=1, max_value=10000)
    cooldown_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)


class PoolIn(_PoolFields):
    id = ClientId()
    unit = Id()
    name = Line(max_length=100)


class PoolPatch(_PoolFields):
    name = Line(max_length=100, required=False)
    is_active = Flag(required=False)


class PoolRuleIn(Input):
    tier = Choice([("", "–"), *MerchantTier.choices], allow_blank=True)
    quiet_working_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=1000
    )
    resting_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=3650
    )
    warning_days = serializers.IntegerField(required=False, min_value=0, max_value=60)
    protection_days = serializers.IntegerField(required=False, min_value=0, max_value=365)
    spares_partners = Flag(required=False)


class ColleagueHandOverIn(Input):
    to = Id(required=False, allow_null=True, help_text="A colleague; null for the pool")


class PoolNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class AllowanceOut(serializers.Serializer[Any]):
    """What one may still claim from a pool today."""

    pool = PoolNamed()
    claims_a_day = serializers.IntegerField()
    claims_left = serializers.IntegerField()
    holding_cap = serializers.IntegerField()
    held = serializers.IntegerField()
    cooldown_days = serializers.IntegerField()


class AllowancesOut(serializers.Serializer[Any]):
    pools = AllowanceOut(many=True)


class WorkOut(serializers.Serializer[Any]):
    """What somebody has in hand, or what was moved."""

    leads = serializers.IntegerField()
    merchants = serializers.IntegerField()
    follow_ups = serializers.IntegerField()
    visits = serializers.IntegerField()


class HandOverJobOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    rows_total = serializers.IntegerField()
    rows_done = serializers.IntegerField()


class HandOverOut(serializers.Serializer[Any]):
    """What was moved at once; where there is much, the job that moves it."""

    moved = WorkOut()
    job = HandOverJobOut(allow_null=True)


class OpenWorkOut(serializers.Serializer[Any]):
    """What would move, and the last job that moved something."""

    open = WorkOut()
    job = HandOverJobOut(allow_null=True)
