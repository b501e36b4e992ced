"""Pots with money in them, for the tests of the ledger."""

from datetime import date
from typing import Any

from campaigns.domain import ledger
from campaigns.models import Budget, EntryKind, Fund
from crm.actors import SYSTEM
from crm.ids import uuid7
from crm.models import OrgUnit
from tests import factories


def fund_of(
    unit: OrgUnit | None = None, *, cap: int = 100_000_00, allocated: int = 0, **named: Any
) -> Fund:
    """An open fund with its pot; sums in fen."""
    fund = Fund.objects.create(
        **{
            "name": "2026 营销基金",
            "unit": unit or factories.UnitFactory(),
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "cap_fen": cap,
            **named,
        }
    )
    budget = Budget.objects.create(fund=fund, ceiling_fen=fund.ceiling_fen)
    if allocated:
        posted(EntryKind.ALLOCATE, budget, allocated)
    return fund


def pot(allocated: int = 50_000) -> Budget:
    """The pot of a fund with an amount to spend."""
    return Budget.objects.get(fund=fund_of(allocated=allocated))


def posted(
    kind: EntryKind, budget: Budget, amount: int, key: str = "", **more: Any
) -> ledger.Posted:
    """One movement by the system."""
    return ledger.post(
        kind, budget.pk, amount, key=key or f"test:{uuid7()}", by=SYSTEM, at=factories.AT, **more
    )


def counters(budget: Budget) -> tuple[int, int, int, int]:
    """Allocated, reserved, committed, consumed: as they stand in the database."""
    found: tuple[int, int, int, int] = Budget.objects.values_list(
        "allocated_fen", "reserved_fen", "committed_fen", "consumed_fen"
    ).get(pk=budget.pk)
    return found
