"""What the API answers about redemptions, their intakes and the queue of discrepancies."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from campaigns.domain.intake_judging import Result
from campaigns.models import (
    Discrepancy,
    DiscrepancyCode,
    Redemption,
    RedemptionEvent,
    RedemptionIntake,
)
from crm.api.shapes import Many, Nested, Shape, Yuan

MOST_BESIDE = 50
"""Events shown beside their redemption, the newest first."""
_CAMPAIGN = Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"})
_MERCHANT = Nested("merchant_id", {"id": "merchant_id", "name": "merchant__name"})
_OUTLET = Nested("outlet_id", {"id": "outlet_id", "name": "outlet__name"})
_UNIT = Nested("unit_id", {"id": "unit_id", "name": "unit__name"})
_PARTS = {
    "bank": Yuan("bank_fen"),
    "merchant_part": Yuan("merchant_fen"),
    "scheme": Yuan("scheme_fen"),
    "platform": Yuan("platform_fen"),
    "government": Yuan("government_fen"),
}


def _person(name: str) -> Nested:
    return Nested(f"{name}_id", {"id": f"{name}_id", "full_name": f"{name}__full_name"})


EVENT = Shape(
    "RedemptionEvent",
    RedemptionEvent,
    id="id",
    key="key",
    kind="kind",
    occurred_at="occurred_at",
    amount=Yuan("amount_fen"),
    discount=Yuan("discount_fen"),
    **_PARTS,
    intake="intake_id",
    at="at",
)

REDEMPTION = Shape(
    "Redemption",
    Redemption,
    id="id",
    version="version",
    source="source",
    reference="reference",
    campaign=_CAMPAIGN,
    version_number="version_number",
    merchant=_MERCHANT,
    outlet=_OUTLET,
    mid="mid",
    occurred_at="occurred_at",
    day="day",
    state="state",
    amount=Yuan("amount_fen"),
    discount=Yuan("discount_fen"),
    **_PARTS,
    refunded=Yuan("refunded_fen"),
    returned=Yuan("returned_fen"),
    returned_bank=Yuan("returned_bank_fen"),
    returned_merchant=Yuan("returned_merchant_fen"),
    returned_scheme=Yuan("returned_scheme_fen"),
    returned_platform=Yuan("returned_platform_fen"),
    returned_government=Yuan("returned_government_fen"),
    cleared_at="cleared_at",
    events=Many(
        EVENT,
        RedemptionEvent.objects.filter(redemption=OuterRef("pk")).order_by("-at", "-id")[
            :MOST_BESIDE
        ],
    ),
    created_at="created_at",
    updated_at="updated_at",
)

INTAKE = Shape(
    "RedemptionIntake",
    RedemptionIntake,
    id="id",
    version="version",
    kind="kind",
    source="source",
    unit=_UNIT,
    brought_by=_person("brought_by"),
    name="name",
    sha256="sha256",
    rows="rows",
    landed="landed",
    repeated="repeated",
    queued="queued",
    job=Nested(
        "job_id",
        {
            "id": "job_id",
            "state": "job__state",
            "phase": "job__phase",
            "parameters": "job__parameters",
            "rows_total": "job__rows_total",
            "rows_done": "job__rows_done",
            "added": "job__added",
            "unchanged": "job__unchanged",
            "refused": "job__refused",
            "failure_code": "job__failure_code",
            "failure": "job__failure",
        },
    ),
    created_at="created_at",
    updated_at="updated_at",
)

DISCREPANCY = Shape(
    "Discrepancy",
    Discrepancy,
    id="id",
    version="version",
    code="code",
    detail="detail",
    state="state",
    unit=_UNIT,
    campaign=_CAMPAIGN,
    merchant=_MERCHANT,
    intake="intake_id",
    statement="statement_id",
    source="source",
    reference="reference",
    row_number="row_number",
    row="row",
    bank_amount=Yuan("bank_fen"),
    merchant_amount=Yuan("merchant_fen"),
    owner=_person("owner"),
    due_on="due_on",
    resolution="resolution",
    note="note",
    closed_by=_person("closed_by"),
    closed_at="closed_at",
    created_at="created_at",
    updated_at="updated_at",
)


class EventOutcomeOut(serializers.Serializer[Any]):
    """What became of one event, in the order in which they were sent."""

    number = serializers.IntegerField()
    reference = serializers.CharField()
    result = serializers.ChoiceField(choices=[(str(one), str(one)) for one in Result])
    code = serializers.ChoiceField(choices=DiscrepancyCode.choices, allow_null=True)
    detail = serializers.CharField()
    redemption = serializers.UUIDField(allow_null=True)
    campaign = serializers.UUIDField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    discount = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    parts = serializers.DictField(
        child=serializers.DecimalField(max_digits=18, decimal_places=2),
        help_text="Party → yuan: who pays, or gets back below zero",
    )


class EventsOut(serializers.Serializer[Any]):
    intake = serializers.UUIDField()
    landed = serializers.IntegerField()
    repeated = serializers.IntegerField()
    queued = serializers.IntegerField()
    events = EventOutcomeOut(many=True)
