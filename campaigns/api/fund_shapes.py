"""What the API answers about funds, budgets and the ledger."""

from typing import Any

from django.db.models import F, Func, TextField
from rest_framework import serializers

from campaigns.models import Budget, Fund, LedgerEntry, Party
from crm.api.shapes import Computed, Nested, Shape, Yuan


def _available(prefix: str = "") -> Computed:
    """What is neither promised nor spent, in yuan."""
    fen = (
        F(f"{prefix}allocated_fen")
        - F(f"{prefix}reserved_fen")
        - F(f"{prefix}committed_fen")
        - F(f"{prefix}consumed_fen")
    )
    yuan = Func(
        fen,
        template="to_char(%(expressions)s / 100.0, 'FM9999999999999990.00')",
        output_field=TextField(),
    )
    return Computed(yuan, serializers.DecimalField(max_digits=18, decimal_places=2))


FUND = Shape(
    "Fund",
    Fund,
    id="id",
    version="version",
    name="name",
    unit=Nested("unit_id", {"id": "unit_id", "name": "unit__name"}),
    currency="currency",
    starts_on="starts_on",
    ends_on="ends_on",
    cap=Yuan("cap_fen"),
    tolerance_basis_points="tolerance_basis_points",
    budget="budget__id",
    allocated=Yuan("budget__allocated_fen"),
    reserved=Yuan("budget__reserved_fen"),
    committed=Yuan("budget__committed_fen"),
    consumed=Yuan("budget__consumed_fen"),
    available=_available("budget__"),
    frozen_at="budget__frozen_at",
    closed_at="closed_at",
    created_at="created_at",
)

BUDGET = Shape(
    "Budget",
    Budget,
    id="id",
    version="version",
    fund=Nested("fund_id", {"id": "fund_id", "name": "fund__name"}),
    campaign=Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
    party="party",
    allocated=Yuan("allocated_fen"),
    reserved=Yuan("reserved_fen"),
    committed=Yuan("committed_fen"),
    consumed=Yuan("consumed_fen"),
    available=_available(),
    frozen_at="frozen_at",
    restored_because="restored_because",
    reconciled_at="reconciled_at",
    created_at="created_at",
)

ENTRY = Shape(
    "LedgerEntry",
    LedgerEntry,
    id="id",
    budget="budget_id",
    kind="kind",
    debit_account="debit_account",
    credit_account="credit_account",
    amount=Yuan("amount_fen"),
    key="key",
    reverses="reverses_id",
    campaign=Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
    actor=Nested("actor_id", {"id": "actor_id", "full_name": "actor__full_name"}),
    reason="reason",
    at="at",
)


def _sum(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, **options)


class MoneyOut(serializers.Serializer[Any]):
    """Where money stands, in yuan."""

    allocated = _sum()
    reserved = _sum()
    consumed = _sum()
    available = _sum()


class PartyMoneyOut(MoneyOut):
    """Where one party's money stands."""

    party = serializers.ChoiceField(choices=Party.choices)


class CampaignMoneyOut(serializers.Serializer[Any]):
    """Where a campaign's money stands."""

    parties = PartyMoneyOut(many=True)
    total = MoneyOut()
