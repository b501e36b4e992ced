"""Money moves once per cause, never beyond what is there, and nobody rewrites how it moved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns.domain import ledger
from campaigns.models import Account, Budget, EntryKind, LedgerEntry
from crm.actors import SYSTEM
from crm.errors import NotFound, RuleBroken
from crm.ids import uuid7
from tests import factories
from tests.campaigns.ledger_desk import counters, posted, pot

pytestmark = pytest.mark.django_db

ROADS = {
    "allocated": (EntryKind.ALLOCATE, None, None, (60_000, 10_000, 10_000, 10_000)),
    "reserved": (EntryKind.RESERVE, None, None, (50_000, 20_000, 10_000, 10_000)),
    "committed from reserved": (EntryKind.COMMIT, None, None, (50_000, 0, 20_000, 10_000)),
    "committed at once": (
        EntryKind.COMMIT,
        Account.AVAILABLE,
        None,
        (50_000, 10_000, 20_000, 10_000),
    ),
    "consumed": (EntryKind.CONSUME, None, None, (50_000, 10_000, 0, 20_000)),
    "consumed from reserved": (
        EntryKind.CONSUME,
        Account.RESERVED,
        None,
        (50_000, 0, 10_000, 20_000),
    ),
    "consumed at once": (
        EntryKind.CONSUME,
        Account.AVAILABLE,
        None,
        (50_000, 10_000, 10_000, 20_000),
    ),
    "released": (EntryKind.RELEASE, None, None, (50_000, 0, 10_000, 10_000)),
    "released from committed": (
        EntryKind.RELEASE,
        Account.COMMITTED,
        None,
        (50_000, 10_000, 0, 10_000),
    ),
    "given back": (EntryKind.RELEASE, Account.AVAILABLE, None, (40_000, 10_000, 10_000, 10_000)),
    "expired": (EntryKind.EXPIRE, None, None, (50_000, 10_000, 0, 10_000)),
    "reversed": (EntryKind.REVERSE, None, None, (50_000, 10_000, 20_000, 0)),
    "reversed into available": (
        EntryKind.REVERSE,
        None,
        Account.AVAILABLE,
        (50_000, 10_000, 10_000, 0),
    ),
    "adjusted up": (EntryKind.ADJUST, None, None, (60_000, 10_000, 10_000, 10_000)),
    "adjusted down": (EntryKind.ADJUST, Account.AVAILABLE, None, (40_000, 10_000, 10_000, 10_000)),
}


def filled() -> Budget:
    """500.00 allocated; 100.00 reserved, 100.00 committed, 100.00 consumed."""
    budget = pot(50_000)
    posted(EntryKind.RESERVE, budget, 10_000)
    posted(EntryKind.COMMIT, budget, 10_000, source=Account.AVAILABLE)
    posted(EntryKind.CONSUME, budget, 10_000, source=Account.AVAILABLE)
    return budget


@pytest.mark.parametrize(("kind", "source", "target", "expected"), ROADS.values(), ids=ROADS)
def test_each_kind_moves_the_counters_it_names(
    kind: EntryKind, source: Account | None, target: Account | None, expected: tuple[int, ...]
) -> None:
    budget = filled()
    entry = posted(kind, budget, 10_000, source=source, target=target).entry
    assert counters(budget) == expected
    written = LedgerEntry.objects.get(pk=entry.pk)
    assert (written.kind, written.amount_fen) == (kind, 10_000)
    assert ledger.in_ledger(budget.pk) == ledger.in_counters(Budget.objects.get(pk=budget.pk))


@pytest.mark.parametrize(
    ("kind", "source", "left"),
    [
        (EntryKind.RESERVE, None, "200.00"),
        (EntryKind.COMMIT, None, "100.00"),
        (EntryKind.COMMIT, Account.AVAILABLE, "200.00"),
        (EntryKind.CONSUME, None, "100.00"),
        (EntryKind.RELEASE, None, "100.00"),
        (EntryKind.RELEASE, Account.AVAILABLE, "200.00"),
        (EntryKind.EXPIRE, None, "100.00"),
        (EntryKind.REVERSE, None, "100.00"),
        (EntryKind.ALLOCATE, None, "99500.00"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_left_and_leaves_no_trace(
    kind: EntryKind, source: Account | None, left: str
) -> None:
    budget = filled()
    before = counters(budget)
    with pytest.raises(ledger.BudgetExceeded) as refused:
        posted(kind, budget, 20_000_001, "too much", source=source)
    assert refused.value.code == "budget_exceeded"
    assert refused.value.facts["remaining"] == left
    assert counters(budget) == before
    assert not LedgerEntry.objects.filter(key="too much").exists()


def test_the_last_fen_can_be_spent_and_not_one_more() -> None:
    budget = pot(700)
    posted(EntryKind.COMMIT, budget, 700, source=Account.AVAILABLE)
    with pytest.raises(ledger.BudgetExceeded):
        posted(EntryKind.COMMIT, budget, 1, source=Account.AVAILABLE)


def test_the_same_key_moves_money_once() -> None:
    budget = pot()
    first = posted(EntryKind.RESERVE, budget, 700, "once")
    again = posted(EntryKind.RESERVE, budget, 700, "once")
    assert (first.replayed, again.replayed) == (False, True)
    assert first.entry.pk == again.entry.pk
    assert counters(budget) == (50_000, 700, 0, 0)


OTHERS: dict[str, Callable[[Budget], Any]] = {
    "amount": lambda budget: posted(EntryKind.RESERVE, budget, 701, "once"),
    "kind": lambda budget: posted(EntryKind.COMMIT, budget, 700, "once"),
    "budget": lambda budget: posted(EntryKind.RESERVE, pot(), 700, "once"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_key_that_stands_for_another_movement_is_refused(
    other: Callable[[Budget], Any],
) -> None:
    budget = pot()
    posted(EntryKind.RESERVE, budget, 700, "once")
    with pytest.raises(RuleBroken) as refused:
        other(budget)
    assert refused.value.code == "ledger_key_used"
    assert counters(budget) == (50_000, 700, 0, 0)


def test_an_entry_is_undone_whole_and_once() -> None:
    budget = pot()
    spent = posted(EntryKind.CONSUME, budget, 700, source=Account.AVAILABLE).entry
    undone = ledger.reverse(spent, key="undo", reason="…", by=SYSTEM, at=factories.AT)
    assert undone.entry.reverses_id == spent.pk
    assert counters(budget) == (50_000, 0, 0, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.reverse(spent, key="undo again", reason="…", by=SYSTEM, at=factories.AT)


def test_an_entry_that_is_not_the_opposite_reverses_nothing() -> None:
    budget = pot()
    spent = posted(EntryKind.CONSUME, budget, 700, source=Account.AVAILABLE).entry
    with pytest.raises(IntegrityError), transaction.atomic():
        posted(EntryKind.REVERSE, budget, 699, target=Account.AVAILABLE, reverses_id=spent.pk)


def test_several_movements_happen_all_or_not_at_all() -> None:
    one, other = pot(1000), pot(100)
    movements = [
        ledger.Movement(kind=EntryKind.RESERVE, budget_id=pk, amount_fen=500, key=f"both:{pk}")
        for pk in (one.pk, other.pk)
    ]
    with pytest.raises(ledger.BudgetExceeded):
        ledger.post_all(movements, by=SYSTEM, at=factories.AT)
    assert counters(one) == (1000, 0, 0, 0)
    assert counters(other) == (100, 0, 0, 0)


def test_a_frozen_budget_moves_nothing() -> None:
    budget = pot()
    Budget.objects.filter(pk=budget.pk).update(frozen_at=factories.AT)
    with pytest.raises(ledger.BudgetFrozen) as refused:
        posted(EntryKind.RESERVE, budget, 1)
    assert refused.value.code == "budget_frozen"


def test_a_budget_that_is_not_there_is_not_found() -> None:
    with pytest.raises((NotFound, IntegrityError)):
        ledger.post(EntryKind.RESERVE, uuid7(), 1, key="nowhere", by=SYSTEM, at=factories.AT)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_above_zero(amount: int) -> None:
    with pytest.raises(ValueError, match=str(amount)):
        posted(EntryKind.RESERVE, pot(), amount)


REWRITES = {
    "update": "UPDATE campaigns_ledgerentry SET amount_fen = 1",
    "delete": "DELETE FROM campaigns_ledgerentry",
    "truncate": "TRUNCATE campaigns_ledgerentry",
    "truncate with others": "TRUNCATE campaigns_budget CASCADE",
    "update while a merge moves rows": (
        "SELECT set_config('crm.moving', 'campaign_id', true); "
        "UPDATE campaigns_ledgerentry SET campaign_id = NULL"
    ),
}


@pytest.mark.parametrize("statement", REWRITES.values(), ids=REWRITES)
def test_the_database_refuses_to_rewrite_the_ledger(statement: str) -> None:
    budget = pot()
    # Checks put off until the end would stand in the way before the guard does.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _run(statement)
    assert LedgerEntry.objects.filter(budget=budget).count() == 1


@pytest.mark.parametrize("statement", [*REWRITES.values()][:3], ids=[*REWRITES][:3])
def test_without_its_guards_the_ledger_could_be_rewritten(statement: str) -> None:
    """The negative control: it is the triggers that refuse."""
    pot()
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    for guard in ("ledger_entry_stays", "ledger_is_not_emptied"):
        _run(f"DROP TRIGGER {guard} ON campaigns_ledgerentry")
    _run(statement)
    assert not LedgerEntry.objects.exclude(amount_fen=1).exists()


def test_the_products_role_has_no_right_to_rewrite_the_ledger() -> None:
    """The owner took the rights from itself; a superuser, as here, would pass by them, so the
    table is lent to a role that is none."""
    budget = pot()
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    _run("CREATE ROLE ledger_keeper NOSUPERUSER")
    _run("GRANT USAGE, CREATE ON SCHEMA public TO ledger_keeper")
    _run("GRANT ALL ON ALL TABLES IN SCHEMA public TO ledger_keeper")
    _run("REVOKE ALL ON campaigns_ledgerentry FROM ledger_keeper")
    _run("ALTER TABLE campaigns_ledgerentry OWNER TO ledger_keeper")
    _run("SET LOCAL ROLE ledger_keeper")
    spent = posted(EntryKind.CONSUME, budget, 700, source=Account.AVAILABLE).entry
    ledger.reverse(spent, key="undo", reason="…", by=SYSTEM, at=factories.AT)
    assert counters(budget) == (50_000, 0, 0, 0)
    for statement in [*REWRITES.values()][:3]:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            _run(statement)


def _run(statement: str) -> Any:
    with connection.cursor() as cursor:
        for one in statement.split("; "):
            cursor.execute(one)
