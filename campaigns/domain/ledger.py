"""The ledger: every movement of campaign money is an entry, and the counters of its pot follow.

A movement is one transaction of two statements: the entry, whose key lets the same cause post once
only, and a conditional UPDATE of the counters, which lets nobody promise what is not there. Both
stand or fall together. Source: reliability page, 4.2.

These are plain functions, called inside a verb's transaction; budgets are locked last, by id.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Q, Sum, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Account, Budget, EntryKind, LedgerEntry
from crm.actors import Actor, user_id
from crm.errors import NotFound, RuleBroken
from crm.ids import uuid7
from crm.presentation import yuan

FUNDING, AVAILABLE = Account.FUNDING, Account.AVAILABLE
RESERVED, COMMITTED, CONSUMED = Account.RESERVED, Account.COMMITTED, Account.CONSUMED

ROADS: Final[Mapping[EntryKind, Mapping[Account, Account]]] = {
    EntryKind.ALLOCATE: {FUNDING: AVAILABLE},
    EntryKind.RESERVE: {AVAILABLE: RESERVED},
    EntryKind.COMMIT: {RESERVED: COMMITTED, AVAILABLE: COMMITTED},
    EntryKind.CONSUME: {COMMITTED: CONSUMED, RESERVED: CONSUMED, AVAILABLE: CONSUMED},
    EntryKind.RELEASE: {RESERVED: AVAILABLE, COMMITTED: AVAILABLE, AVAILABLE: FUNDING},
    EntryKind.EXPIRE: {COMMITTED: AVAILABLE, RESERVED: AVAILABLE, AVAILABLE: FUNDING},
    EntryKind.REVERSE: {CONSUMED: COMMITTED},
    EntryKind.ADJUST: {FUNDING: AVAILABLE, AVAILABLE: FUNDING},
}
"""From which account money leaves by which kind, and where it arrives. The first is meant where
nobody says from where."""

_ALSO: Final = frozenset(
    {
        (EntryKind.REVERSE, CONSUMED, AVAILABLE),
        (EntryKind.REVERSE, CONSUMED, RESERVED),
    }
)
"""Where money may arrive besides, if the caller says so."""

_COLUMNS: Final[Mapping[Account, str]] = {
    RESERVED: "reserved_fen",
    COMMITTED: "committed_fen",
    CONSUMED: "consumed_fen",
}

_PROMISED: Final = F("reserved_fen") + F("committed_fen") + F("consumed_fen")


def _fen(amount: int) -> Value:
    """An amount within an expression. Django takes a bare number there for a four-byte integer,
    which wraps around beyond 21,474,836.47 yuan without a word."""
    return Value(amount, output_field=BigIntegerField())


_ENOUGH: Final[dict[Account, Callable[[int], Q]]] = {
    FUNDING: lambda fen: Q(ceiling_fen=None) | Q(ceiling_fen__gte=F("allocated_fen") + _fen(fen)),
    AVAILABLE: lambda fen: Q(allocated_fen__gte=_PROMISED + _fen(fen)),
    RESERVED: lambda fen: Q(reserved_fen__gte=fen),
    COMMITTED: lambda fen: Q(committed_fen__gte=fen),
    CONSUMED: lambda fen: Q(consumed_fen__gte=fen),
}
"""What must hold for an amount to leave an account: the condition of the conditional UPDATE."""


class BudgetExceeded(RuleBroken):
    """There is not that much left where the money was to come from."""

    code = "budget_exceeded"

    def __init__(self, budget_id: UUID | None, remaining_fen: int, wanted_fen: int) -> None:
        super().__init__(
            _("Only %(remaining)s is left in this budget; %(wanted)s was asked for.")
            % {"remaining": yuan(remaining_fen), "wanted": yuan(wanted_fen)},
            budget=str(budget_id) if budget_id else None,
            remaining=yuan(remaining_fen),
        )
        self.budget_id = budget_id
        self.remaining_fen = remaining_fen


class BudgetFrozen(RuleBroken):
    """The pot's counters did not agree with the ledger; nothing moves until somebody looks."""

    code = "budget_frozen"

    def __init__(self, budget_id: UUID) -> None:
        super().__init__(
            gettext_lazy("This budget is frozen: its counters did not agree with the ledger."),
            budget=str(budget_id),
        )
        self.budget_id = budget_id


class StaleBudget(RuleBroken):
    """Somebody changed the budget since the actor read it."""

    code = "stale_budget"

    def __init__(self, current_fen: int) -> None:
        super().__init__(
            _("The budget is %(current)s by now. Look at it and try again.")
            % {"current": yuan(current_fen)},
            allocated=yuan(current_fen),
        )


@dataclass(frozen=True)
class Posted:
    """What came of a movement. `replayed`: its key was posted before, and nothing moved now."""

    entry: LedgerEntry
    replayed: bool


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One movement to be posted, as `post` takes it."""

    kind: EntryKind
    budget_id: UUID
    amount_fen: int
    key: str
    source: Account | None = None
    target: Account | None = None
    reverses_id: UUID | None = None
    campaign_id: UUID | None = None
    reason: str = ""


def post(
    kind: EntryKind,
    budget_id: UUID,
    amount_fen: int,
    *,
    key: str,
    source: Account | None = None,
    target: Account | None = None,
    reverses_id: UUID | None = None,
    campaign_id: UUID | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Posted:
    """Move an amount (fen, above zero) within a pot, once per key.

    Without a source, the first of the kind's roads is taken. Raises BudgetExceeded with what is
    left, BudgetFrozen, NotFound, RuleBroken with code `ledger_key_used` if the key stands for
    another movement. A refusal leaves no trace, even if the caller goes on.
    """
    movement = Movement(
        kind=kind,
        budget_id=budget_id,
        amount_fen=amount_fen,
        key=key,
        source=source,
        target=target,
        reverses_id=reverses_id,
        campaign_id=campaign_id,
        reason=reason,
    )
    return _post(movement, by=by, at=at)


def post_all(movements: Iterable[Movement], *, by: Actor, at: datetime) -> list[Posted]:
    """Post several movements: all of them or none. Budgets are taken in the order of their ids,
    whatever the order given; movements of one budget keep theirs."""
    with transaction.atomic():
        return [
            _post(movement, by=by, at=at)
            for movement in sorted(movements, key=lambda one: one.budget_id)
        ]


def reverse(entry: LedgerEntry, *, key: str, reason: str, by: Actor, at: datetime) -> Posted:
    """Undo a whole entry by its opposite, once."""
    movement = Movement(
        kind=EntryKind.REVERSE,
        budget_id=entry.budget_id,
        amount_fen=entry.amount_fen,
        key=key,
        source=Account(entry.debit_account),
        target=Account(entry.credit_account),
        reverses_id=entry.pk,
        campaign_id=entry.campaign_id,
        reason=reason,
    )
    return _post(movement, by=by, at=at)


def take(budget_ids: Iterable[UUID]) -> list[Budget]:
    """Lock pots in the order of their ids, for a verb that will move money in several."""
    return list(Budget.objects.for_change().filter(pk__in=set(budget_ids)))


def _post(movement: Movement, *, by: Actor, at: datetime) -> Posted:
    source, target = _road(movement)
    if movement.amount_fen <= 0:
        raise ValueError(movement.amount_fen)
    # A savepoint of its own: a caller that catches the refusal must not keep the entry.
    with transaction.atomic():
        entry = _entry(movement, source, target, by=by, at=at)
        if not _inserted(entry):
            return Posted(_replayed(entry), True)
        if not _moved(movement, source, target, at):
            raise _refusal(movement, source)
    return Posted(entry, False)


def _road(movement: Movement) -> tuple[Account, Account]:
    roads = ROADS[movement.kind]
    source = movement.source or next(iter(roads))
    target = movement.target or roads.get(source)
    assert target is not None, (movement.kind, source)
    known = roads.get(source) == target or (movement.kind, source, target) in _ALSO
    assert known or movement.reverses_id, (movement.kind, source, target)
    return source, target


def _entry(
    movement: Movement, source: Account, target: Account, *, by: Actor, at: datetime
) -> LedgerEntry:
    return LedgerEntry(
        pk=uuid7(),
        budget_id=movement.budget_id,
        kind=movement.kind,
        debit_account=target,
        credit_account=source,
        amount_fen=movement.amount_fen,
        key=movement.key,
        reverses_id=movement.reverses_id,
        campaign_id=movement.campaign_id,
        actor_id=user_id(by),
        reason=movement.reason,
        at=at,
    )


_INSERT: Final = """
INSERT INTO campaigns_ledgerentry
    (id, budget_id, kind, debit_account, credit_account, amount_fen, key,
     reverses_id, campaign_id, actor_id, reason, at)
VALUES (%(id)s, %(budget_id)s, %(kind)s, %(debit_account)s, %(credit_account)s, %(amount_fen)s,
        %(key)s, %(reverses_id)s, %(campaign_id)s, %(actor_id)s, %(reason)s, %(at)s)
ON CONFLICT (key) DO NOTHING
"""


def _inserted(entry: LedgerEntry) -> bool:
    values: dict[str, Any] = {
        field.attname: getattr(entry, field.attname) for field in LedgerEntry._meta.concrete_fields
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {name: _plain(value) for name, value in values.items()})
        return bool(cursor.rowcount)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, EntryKind | Account) else value


def _replayed(entry: LedgerEntry) -> LedgerEntry:
    written = LedgerEntry.objects.get(key=entry.key)
    same = all(
        getattr(written, name) == getattr(entry, name)
        for name in ("budget_id", "kind", "debit_account", "credit_account", "amount_fen")
    )
    if not same:
        raise RuleBroken(
            gettext_lazy("This key stands for another movement of money."),
            code="ledger_key_used",
        )
    return written


def _moved(movement: Movement, source: Account, target: Account, at: datetime) -> bool:
    """The conditional UPDATE: it finds the row only if the money is there."""
    fen = movement.amount_fen
    changes: dict[str, Any] = {}
    if source in _COLUMNS:
        changes[_COLUMNS[source]] = F(_COLUMNS[source]) - _fen(fen)
    if target in _COLUMNS:
        changes[_COLUMNS[target]] = F(_COLUMNS[target]) + _fen(fen)
    if FUNDING in (source, target):
        changes["allocated_fen"] = F("allocated_fen") + _fen(fen if source == FUNDING else -fen)
    found = Budget.objects.filter(_ENOUGH[source](fen), pk=movement.budget_id, frozen_at=None)
    return bool(found.update(**changes, version=F("version") + 1, updated_at=at))


def _refusal(movement: Movement, source: Account) -> RuleBroken | NotFound:
    budget = Budget.objects.filter(pk=movement.budget_id).first()
    if budget is None:
        return NotFound(gettext_lazy("There is no such row."))
    if budget.frozen_at:
        return BudgetFrozen(budget.pk)
    return BudgetExceeded(budget.pk, standing(budget)[source], movement.amount_fen)


def standing(budget: Budget) -> dict[Account, int]:
    """What a pot's counters say stands in each account (fen). `funding`: what may still be
    allocated."""
    room = 0 if budget.ceiling_fen is None else budget.ceiling_fen - budget.allocated_fen
    return {
        FUNDING: room,
        AVAILABLE: budget.available_fen,
        RESERVED: budget.reserved_fen,
        COMMITTED: budget.committed_fen,
        CONSUMED: budget.consumed_fen,
    }


def in_counters(budget: Budget) -> dict[Account, int]:
    """What the counters say of the four accounts within a pot (fen)."""
    return {account: fen for account, fen in standing(budget).items() if account != FUNDING}


def in_ledger(budget_id: UUID) -> dict[Account, int]:
    """What the entries of a pot sum to, for the four accounts within it (fen)."""
    sums = dict.fromkeys((AVAILABLE, RESERVED, COMMITTED, CONSUMED), 0)
    moved = (
        LedgerEntry.objects.filter(budget=budget_id)
        .order_by()
        .values_list("debit_account", "credit_account")
        .annotate(fen=Sum("amount_fen"))
    )
    for debit, credit, fen in moved:
        if debit != FUNDING:
            sums[Account(debit)] += fen
        if credit != FUNDING:
            sums[Account(credit)] -= fen
    return sums
