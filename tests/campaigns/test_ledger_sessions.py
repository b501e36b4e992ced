"""Many at once at one pot: never more than there is, each cause once, nobody waits for ever."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q

from campaigns.domain import campaign_money, funds, ledger, reconciliation
from campaigns.models import Account, Budget, CampaignStage, EntryKind, LedgerEntry
from crm.actors import SYSTEM
from crm.errors import DomainError, RuleBroken
from tests import factories
from tests.campaigns.ledger_desk import counters, fund_of, posted, pot
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 16
ORDERS = 100
EACH = 700


def commit(budget_id: UUID, key: str) -> str:
    """One commit of 7.00, in a transaction of its own; what came of it."""
    try:
        with transaction.atomic():
            done = ledger.post(
                EntryKind.COMMIT,
                budget_id,
                EACH,
                key=key,
                source=Account.AVAILABLE,
                by=SYSTEM,
                at=factories.AT,
            )
    except ledger.BudgetExceeded:
        return "refused"
    return "replayed" if done.replayed else "accepted"


def at_once(jobs: Sequence[Callable[[], str]]) -> Counter[str]:
    """Do the jobs with all clients, which begin together; how often each outcome came."""
    start = threading.Barrier(CLIENTS)
    outcomes: list[str] = []
    failures: list[BaseException] = []
    queue = list(jobs)

    def work() -> None:
        try:
            start.wait(20)
            while True:
                try:
                    job = queue.pop()
                except IndexError:
                    return
                outcomes.append(job())
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures
    return Counter(outcomes)


def orders(budget: Budget) -> list[Callable[[], str]]:
    """100 commits, each sent twice, in any order."""
    keys = [f"order:{number}" for number in range(ORDERS)] * 2
    random.Random(7).shuffle(keys)
    return [lambda key=key: commit(budget.pk, key) for key in keys]  # type: ignore[misc]


def test_of_a_hundred_commits_of_7_on_500_sent_twice_71_are_accepted_and_none_overspends() -> None:
    budget = pot(500_00)
    outcomes = at_once(orders(budget))
    accepted = LedgerEntry.objects.filter(budget=budget, kind=EntryKind.COMMIT)
    assert accepted.count() == outcomes["accepted"] == 71
    assert (
        len({f"order:{n}" for n in range(ORDERS)} - set(accepted.values_list("key", flat=True)))
        == 29
    )
    # What came second was replayed if the first was accepted, and refused like it if not.
    assert outcomes == {"accepted": 71, "replayed": 71, "refused": 58}
    assert counters(budget) == (500_00, 0, 497_00, 0)
    assert Budget.objects.get(pk=budget.pk).available_fen == 3_00
    assert reconciliation.reconcile_all(at=factories.AT) == []


def test_without_the_condition_and_the_check_the_pot_is_overspent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: 200.00 too much, as reading first and writing later would spend."""
    budget = pot(500_00)
    monkeypatch.setitem(ledger._ENOUGH, Account.AVAILABLE, lambda fen: Q())
    unchecked = "ALTER TABLE campaigns_budget DROP CONSTRAINT budget_never_overspent"
    check = Budget._meta.constraints[
        [one.name for one in Budget._meta.constraints].index("budget_never_overspent")
    ]
    with connection.cursor() as cursor:
        cursor.execute(unchecked)
    try:
        outcomes = at_once(orders(budget))
        assert outcomes == {"accepted": 100, "replayed": 100}
        assert counters(budget)[2] - 500_00 == 200_00
    finally:
        Budget.objects.filter(pk=budget.pk).update(committed_fen=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(Budget, check)


def test_the_check_alone_keeps_the_pot_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = pot(500_00)
    monkeypatch.setitem(ledger._ENOUGH, Account.AVAILABLE, lambda fen: Q())

    def checked(key: str) -> str:
        from django.db import IntegrityError

        try:
            return commit(budget.pk, key)
        except IntegrityError:
            return "refused"

    outcomes = at_once([lambda n=n: checked(f"order:{n}") for n in range(ORDERS)])  # type: ignore[misc]
    assert outcomes == {"accepted": 71, "refused": 29}
    assert counters(budget)[2] == 497_00


def test_the_second_of_two_with_the_same_key_waits_and_moves_nothing() -> None:
    budget = pot(500_00)
    with transaction.atomic():
        posted(EntryKind.RESERVE, budget, EACH, "once")
        other = Session(lambda: posted(EntryKind.RESERVE, budget, EACH, "once"))
        assert other.wait_until_blocked()
    assert other.end().replayed
    assert counters(budget)[1] == EACH


def test_if_the_first_of_two_with_the_same_key_fails_the_second_moves_the_money() -> None:
    budget = pot(500_00)

    def first() -> Any:
        with transaction.atomic():
            posted(EntryKind.RESERVE, budget, EACH, "once")
            other = Session(lambda: posted(EntryKind.RESERVE, budget, EACH, "once"))
            assert other.wait_until_blocked()
            transaction.set_rollback(True)
        return other

    assert not first().end().replayed
    assert counters(budget)[1] == EACH


def test_two_campaigns_at_the_last_of_a_fund_one_is_approved() -> None:
    unit = factories.UnitFactory()
    fund = fund_of(unit, allocated=100_000)
    first, second = (
        factories.CampaignFactory(
            unit=unit,
            fund=fund,
            budget_fen=80_000,
            shares={"bank": 10_000},
            stage=CampaignStage.DRAFT,
        )
        for _campaign in range(2)
    )

    def approve(campaign: Any) -> None:
        with transaction.atomic():
            campaign_money.commit(
                campaign, key=f"approve:{campaign.pk}", by=SYSTEM, at=factories.AT
            )

    with transaction.atomic():
        approve(first)
        other = Session(lambda: approve(second))
        assert other.wait_until_blocked()
    with pytest.raises(ledger.BudgetExceeded) as refused:
        other.end()
    assert refused.value.facts["remaining"] == "200.00"
    assert counters(fund.budget) == (100_000, 0, 80_000, 0)
    assert not Budget.objects.filter(campaign=second).exists()


def test_two_changes_of_one_budget_the_second_is_stale(cast: Cast) -> None:
    fund = fund_of(cast.shanghai, allocated=100_000)

    def change(to: int) -> None:
        funds.change_allocation(
            fund.pk, to_fen=to, expected_fen=100_000, because="…", by=cast.fay, at=factories.AT
        )

    with transaction.atomic():
        change(90_000)
        other = Session(lambda: change(80_000))
        assert other.wait_until_blocked()
    with pytest.raises(RuleBroken) as refused:
        other.end()
    assert refused.value.code == "stale_budget"
    assert counters(fund.budget)[0] == 90_000


def test_pots_are_taken_in_one_order_whatever_the_order_of_the_movements() -> None:
    """Crosswise movements wait for each other and do not lock each other out."""
    one, two = pot(50_000), pot(50_000)

    def move(pots: Sequence[Budget], name: str) -> str:
        movements = [
            ledger.Movement(
                kind=EntryKind.RESERVE, budget_id=each.pk, amount_fen=1, key=f"{name}:{each.pk}"
            )
            for each in pots
        ]
        with transaction.atomic():
            ledger.post_all(movements, by=SYSTEM, at=factories.AT)
        return "done"

    jobs: list[Callable[[], str]] = [
        lambda n=n: move((one, two) if n % 2 else (two, one), str(n))  # type: ignore[misc]
        for n in range(200)
    ]
    assert at_once(jobs) == {"done": 200}
    assert (counters(one)[1], counters(two)[1]) == (200, 200)


def test_a_pot_is_compared_under_its_lock(cast: Cast) -> None:
    """What another session has in hand is neither seen by half nor taken for a difference."""
    budget = fund_of(cast.shanghai, allocated=50_000).budget
    with transaction.atomic():
        posted(EntryKind.RESERVE, budget, 1)
        other = Session(lambda: reconciliation.reconcile_all(at=factories.AT))
        assert other.wait_until_blocked()
    assert other.end() == []
    assert Budget.objects.get(pk=budget.pk).frozen_at is None


def test_a_verb_that_is_refused_leaves_nothing(cast: Cast) -> None:
    fund = fund_of(cast.shanghai, allocated=100_000)
    with pytest.raises(DomainError):
        funds.change_allocation(
            fund.pk, to_fen=10**12, expected_fen=100_000, because="…", by=cast.fay, at=factories.AT
        )
    assert LedgerEntry.objects.filter(budget__fund=fund).count() == 1
