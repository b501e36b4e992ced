"""What the API takes about outcomes, claims and card fees: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from campaigns.domain.fees import FeeTable
from campaigns.models import ClaimEvidenceKind
from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Words, YuanField
from merchants.api.partnership_inputs import Count

MILLION = 1_000_000
_SUMS = {
    "test_before_sales": "test_before_fen",
    "test_after_sales": "test_after_fen",
    "control_before_sales": "control_before_fen",
    "control_after_sales": "control_after_fen",
    "operating_cost": "operating_cost_fen",
    "card_contribution": "card_contribution_fen",
    "monthly_revenue": "monthly_revenue_fen",
}


def _count(**options: Any) -> Count:
    return Count(required=False, allow_null=True, min_value=0, max_value=10**15, **options)


class OutcomePatch(Input):
    baseline_first = Day(required=False)
    baseline_last = Day(required=False)
    measured_first = Day(required=False)
    measured_last = Day(required=False)
    controls = serializers.ListField(
        child=Id(), required=False, max_length=200, help_text="Merchants without the campaign"
    )
    control_because = Words(max_length=2000, required=False, allow_blank=True)
    test_before = _count(help_text="Purchases at the campaign's merchants before it")
    test_after = _count()
    control_before = _count()
    control_after = _count()
    test_before_sales = YuanField(required=False, allow_null=True)
    test_after_sales = YuanField(required=False, allow_null=True)
    control_before_sales = YuanField(required=False, allow_null=True)
    control_after_sales = YuanField(required=False, allow_null=True)
    source = Line(  # type: ignore[assignment]
        required=False, allow_blank=True, help_text="Where the figures come from"
    )
    operating_cost = YuanField(required=False, allow_null=True)
    first_swipe_cards = _count()
    reactivated_cards = _count()
    card_contribution = YuanField(required=False, allow_null=True)
    gross_margin = Count(
        required=False, allow_null=True, min_value=0, max_value=10_000, help_text="Basis points"
    )
    merchant_rate = Count(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MILLION // 10,
        help_text="Millionths: 0.60 % is 6000",
    )
    approved_customers = _count()
    monthly_revenue = YuanField(required=False, allow_null=True)
    monthly_contributions_fen = serializers.ListField(
        child=Count(min_value=-(10**15), max_value=10**15), required=False, max_length=120
    )


class CampaignOutcomeIn(OutcomePatch):
    id = ClientId()


class ConclusionIn(Input):
    conclusion = Words(max_length=2000)


class ClaimBecauseIn(Input):
    because = Words(max_length=2000)


class ClaimIn(Input):
    id = ClientId()
    campaign = Id()
    merchant = Id()
    amount = YuanField()
    what_for = Words(max_length=2000)


class ClaimPatch(Input):
    amount = YuanField(required=False)
    what_for = Words(max_length=2000, required=False)


class ClaimEvidenceIn(Input):
    id = ClientId()
    kind = Choice(ClaimEvidenceKind.choices)
    document = Id(help_text="A file of yours, or one that you see, such as a visit's photo")
    said = Line(max_length=500, required=False, allow_blank=True)


class ClaimApproveIn(Input):
    amount = YuanField(required=False, help_text="All that was claimed if absent")
    because = Words(max_length=2000, required=False, allow_blank=True)


class ClaimExtendIn(Input):
    to = Day()
    because = Words(max_length=2000)


class ClaimPayIn(Input):
    reference = Line(max_length=100)


class FeeScheduleIn(Input):
    id = ClientId()
    effective_from = Day()
    issuer_credit = Count(min_value=0, max_value=MILLION, help_text="Millionths")
    issuer_debit = Count(min_value=0, max_value=MILLION)
    issuer_debit_cap = YuanField()
    network_each_side = Count(min_value=0, max_value=MILLION)
    network_cap = YuanField()
    source = Line()  # type: ignore[assignment]


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, under the names of the columns."""
    changes = {_SUMS.get(name, name): value for name, value in values.items()}
    if "controls" in changes:
        changes["control_ids"] = changes.pop("controls")
    return changes


def table_of(values: Mapping[str, Any]) -> FeeTable:
    """The fees that were sent."""
    return FeeTable(
        issuer_credit=values["issuer_credit"],
        issuer_debit=values["issuer_debit"],
        issuer_debit_cap_fen=values["issuer_debit_cap"],
        network_each_side=values["network_each_side"],
        network_cap_fen=values["network_cap"],
    )
