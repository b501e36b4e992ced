"""What the API answers about proposals."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from crm.api.shapes import Many, Nested, Shape, Yuan
from leads.models import Proposal, ProposalPart, ProposalVersion

MOST_BESIDE = 20
"""Versions shown beside their proposal, the newest first."""


def _person(name: str) -> Nested:
    return Nested(f"{name}_id", {"id": f"{name}_id", "full_name": f"{name}__full_name"})


VERSION = Shape(
    "ProposalVersion",
    ProposalVersion,
    id="id",
    number="number",
    state="state",
    author=_person("author"),
    entry_pain="entry_pain_id",
    entry_cell="entry_cell",
    pain_words="pain_words",
    monthly_impact=Yuan("monthly_impact_fen"),
    title="title",
    mechanic="mechanic",
    terms="terms",
    next_steps="next_steps",
    starts_on="starts_on",
    ends_on="ends_on",
    weekdays="weekdays",
    opens_at="opens_at",
    closes_at="closes_at",
    uses_per_customer_day="uses_per_customer_day",
    uses_per_customer_month="uses_per_customer_month",
    uses_per_customer="uses_per_customer",
    uses_per_day="uses_per_day",
    uses_in_total="uses_in_total",
    bank_share="bank_share",
    merchant_share="merchant_share",
    scheme_share="scheme_share",
    platform_share="platform_share",
    government_share="government_share",
    budget=Yuan("budget_fen"),
    day_budget=Yuan("day_budget_fen"),
    operating_cost=Yuan("operating_cost_fen"),
    redemptions="redemptions",
    purchases_without="purchases_without",
    ticket=Yuan("ticket_fen"),
    first_swipe_cards="first_swipe_cards",
    reactivated_cards="reactivated_cards",
    card_contribution=Yuan("card_contribution_fen"),
    gross_margin="gross_margin",
    merchant_rate="merchant_rate",
    forecast="forecast",
    bank_net=Yuan("bank_net_fen"),
    merchant_net=Yuan("merchant_net_fen"),
    customer_benefit=Yuan("customer_benefit_fen"),
    forecast_waiver="forecast_waiver",
    waived_by=_person("waived_by"),
    is_complete="is_complete",
    submitted_by=_person("submitted_by"),
    submitted_at="submitted_at",
    closed_at="closed_at",
    closed_because="closed_because",
    created_at="created_at",
)

PROPOSAL = Shape(
    "Proposal",
    Proposal,
    id="id",
    version="version",
    lead="lead_id",
    merchant=Nested(
        "lead__merchant_id", {"id": "lead__merchant_id", "name": "lead__merchant__name"}
    ),
    versions=Many(
        VERSION,
        ProposalVersion.objects.filter(proposal=OuterRef("pk")).order_by("-number")[:MOST_BESIDE],
    ),
    created_at="created_at",
    updated_at="updated_at",
)


class MissingPart(serializers.Serializer[Any]):
    """One thing that a proposal still needs."""

    code = serializers.ChoiceField(ProposalPart.choices)
    detail = serializers.CharField()


class ForecastOut(serializers.Serializer[Any]):
    """What a proposal would bring, and what it still needs."""

    forecast = serializers.DictField(
        allow_null=True, help_text="Sums in fen, ratios as decimal text; null while numbers lack"
    )
    everybody_wins = serializers.BooleanField()
    missing = MissingPart(many=True)


class DifferenceOut(serializers.Serializer[Any]):
    """One thing that two versions say differently."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class DifferencesOut(serializers.Serializer[Any]):
    differences = DifferenceOut(many=True)
