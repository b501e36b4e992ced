"""Funds are opened, filled, changed and closed; what they hold stands in their pot.

The lock is the fund's, then its pot's. Sums in fen.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import ledger
from campaigns.domain.ledger import AVAILABLE
from campaigns.models import Budget, EntryKind, Fund
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.models import OrgUnit
from crm.policies import require

MOST_FEN = 10**13
"""Amounts are bounded, so that sums of them never leave the column."""


@command
def open_fund(
    fund_id: UUID,
    *,
    name: str,
    unit_id: UUID,
    starts_on: date,
    ends_on: date,
    cap_fen: int,
    tolerance_basis_points: int = 0,
    by: Actor,
    at: datetime,
) -> Fund:
    """Open a fund of a unit with an empty pot; its cap is the most that will ever be in it.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `fund_name_taken`,
    `fund_dates`, `fund_cap_not_above_zero` or `fund_tolerance`.
    """
    if by.pk is not None:
        known(OrgUnit.objects.visible_to(by), unit_id, attr="unit")
    require(policies.may_keep_funds(by, unit_id), _("You do not keep funds of this unit."))
    _sound(cap_fen, "cap")
    fund = Fund.objects.create(
        pk=fund_id,
        name=name,
        unit_id=unit_id,
        starts_on=starts_on,
        ends_on=ends_on,
        cap_fen=cap_fen,
        tolerance_basis_points=tolerance_basis_points,
        created_at=at,
        updated_at=at,
    )
    Budget.objects.create(fund=fund, ceiling_fen=fund.ceiling_fen, created_at=at, updated_at=at)
    return fund


@command
def correct(
    fund_id: UUID, *, by: Actor, at: datetime, version: int | None = None, **changes: Any
) -> Fund:
    """Change a fund's name, last day, cap or tolerance (`name`, `ends_on`, `cap_fen`,
    `tolerance_basis_points`).

    Raises NotFound, NotAllowed, Stale, InvalidInput, RuleBroken with code `fund_closed`, `fund_cap`
    if more is allocated already than the new cap allows.
    """
    fund = _open(fund_id, by=by, version=version)
    if "cap_fen" in changes:
        _sound(changes["cap_fen"], "cap")
    changed = {name: value for name, value in changes.items() if getattr(fund, name) != value}
    if not changed:
        return fund
    fund.change(at=at, **changed)
    pot = _pot(fund)
    if pot.ceiling_fen != fund.ceiling_fen:
        pot.change(at=at, ceiling_fen=fund.ceiling_fen)
    return fund


@command
def allocate(
    fund_id: UUID,
    amount_fen: int,
    *,
    movement_id: UUID,
    because: str,
    by: Actor,
    at: datetime,
) -> Fund:
    """Put money into a fund, up to its cap × (1 + tolerance). `movement_id` names this one
    movement: sent twice, it moves money once.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `fund_closed` or `fund_cap`.
    """
    fund = _open(fund_id, by=by)
    _sound(amount_fen, "amount")
    _said(because)
    try:
        ledger.post(
            EntryKind.ALLOCATE,
            _pot(fund).pk,
            amount_fen,
            key=f"fund:{fund_id}:{movement_id}",
            reason=because,
            by=by,
            at=at,
        )
    except ledger.BudgetExceeded as refused:
        raise _beyond_the_cap(refused) from refused
    return fund


@command
def change_allocation(
    fund_id: UUID,
    *,
    to_fen: int,
    expected_fen: int,
    because: str,
    by: Actor,
    at: datetime,
) -> Fund:
    """Set what a fund holds in all, naming what it holds now.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `stale_budget` and the current
    value if it was changed meanwhile, `fund_closed`, `fund_cap`; BudgetExceeded below what is
    reserved, committed and consumed.
    """
    fund = _open(fund_id, by=by)
    if not 0 <= to_fen <= MOST_FEN:
        _sound(to_fen, "to")
    _said(because)
    pot = _pot(fund)
    if pot.allocated_fen != expected_fen:
        raise ledger.StaleBudget(pot.allocated_fen)
    if more := to_fen - pot.allocated_fen:
        try:
            ledger.post(
                EntryKind.ADJUST,
                pot.pk,
                abs(more),
                # The pot's version grows with every movement: this change is made of this one.
                key=f"fund:{fund_id}:adjust:{pot.version}",
                source=None if more > 0 else AVAILABLE,
                reason=because,
                by=by,
                at=at,
            )
        except ledger.BudgetExceeded as refused:
            if more < 0:
                raise
            raise _beyond_the_cap(refused) from refused
    return fund


@command
def close(fund_id: UUID, *, because: str, by: Actor, at: datetime) -> Fund:
    """Close a fund: what it has left goes back to where it came from.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `fund_closed`, `fund_in_use`
    while anything is reserved or committed in it.
    """
    fund = _open(fund_id, by=by)
    _said(because)
    pot = _pot(fund)
    promised = pot.reserved_fen + pot.committed_fen
    if promised:
        raise RuleBroken(
            _("Campaigns still count on this fund; it is closed when nothing is promised."),
            code="fund_in_use",
        )
    if pot.available_fen:
        ledger.post(
            EntryKind.RELEASE,
            pot.pk,
            pot.available_fen,
            key=f"fund:{fund_id}:close",
            source=AVAILABLE,
            reason=because,
            by=by,
            at=at,
        )
    return fund.change(at=at, closed_at=at)


def _open(fund_id: UUID, *, by: Actor, version: int | None = None) -> Fund:
    fund = take(Fund.objects.seen_by(by), fund_id, version=version)
    require(policies.may_keep_funds(by, fund.unit_id), _("You do not keep funds of this unit."))
    if fund.closed_at:
        raise RuleBroken(_("This fund is closed."), code="fund_closed")
    return fund


def _pot(fund: Fund) -> Budget:
    (pot,) = ledger.take(Budget.objects.filter(fund=fund).order_by().values_list("pk", flat=True))
    return pot


def _sound(fen: int, attr: str) -> None:
    if not 0 < fen <= MOST_FEN:
        raise InvalidInput(
            _("Write an amount above zero, at most 100 billion."),
            code="amount_not_above_zero" if fen <= 0 else "amount_too_large",
            attr=attr,
        )


def _said(because: str) -> None:
    if not because.strip():
        raise InvalidInput(
            _("Say why money moves; the ledger keeps it."), code="reason_missing", attr="because"
        )


def _beyond_the_cap(refused: ledger.BudgetExceeded) -> RuleBroken:
    return RuleBroken(
        _("This is more than the cap of the fund allows."),
        code="fund_cap",
        **refused.facts,
    )
