"""Any history of a pot, with replays and crashes, stands as a plain model says it does."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns.domain import ledger
from campaigns.models import Account, Budget, EntryKind, LedgerEntry
from crm.actors import SYSTEM
from crm.ids import uuid7
from tests import factories
from tests.campaigns.ledger_desk import fund_of

pytestmark = pytest.mark.django_db

CAP = 10_000
AMOUNTS = st.integers(1, 6_000)
ROADS: list[tuple[EntryKind, Account, Account]] = [
    (kind, source, target)
    for kind, roads in ledger.ROADS.items()
    for source, target in roads.items()
] + [(EntryKind.REVERSE, Account.CONSUMED, Account.AVAILABLE)]


class Crash(Exception):
    """The process died between two statements."""


class Pot(RuleBasedStateMachine):
    """A pot of the database beside a dictionary that does the same sums."""

    @initialize()
    def opens(self) -> None:
        self.budget = fund_of(None, cap=CAP, name=str(uuid7())).budget
        self.model = dict.fromkeys(Account, 0)
        self.model[Account.FUNDING] = CAP
        self.posted: list[dict[str, Any]] = []
        self.undone: set[str] = set()

    def _post(self, values: dict[str, Any]) -> ledger.Posted:
        return ledger.post(
            values["kind"],
            self.budget.pk,
            values["amount_fen"],
            key=values["key"],
            source=values["source"],
            target=values["target"],
            by=SYSTEM,
            at=factories.AT,
        )

    @rule(road=st.sampled_from(ROADS), amount=AMOUNTS)
    def moves(self, road: tuple[EntryKind, Account, Account], amount: int) -> None:
        kind, source, target = road
        values = {
            "kind": kind,
            "source": source,
            "target": target,
            "amount_fen": amount,
            "key": str(uuid7()),
        }
        if self.model[source] < amount:
            with pytest.raises(ledger.BudgetExceeded) as refused:
                self._post(values)
            assert refused.value.remaining_fen == self.model[source]
            return
        assert not self._post(values).replayed
        self.model[source] -= amount
        self.model[target] += amount
        self.posted.append(values)

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def is_sent_again(self, data: st.DataObject) -> None:
        assert self._post(data.draw(st.sampled_from(self.posted))).replayed

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def is_undone(self, data: st.DataObject) -> None:
        values = data.draw(st.sampled_from(self.posted))
        if values["key"] in self.undone:
            return
        entry = LedgerEntry.objects.get(key=values["key"])
        undo = {"key": f"undo:{values['key']}", "reason": "…", "by": SYSTEM, "at": factories.AT}
        if self.model[values["target"]] < values["amount_fen"]:
            with pytest.raises(ledger.BudgetExceeded):
                ledger.reverse(entry, **undo)
            return
        ledger.reverse(entry, **undo)
        self.model[values["target"]] -= values["amount_fen"]
        self.model[values["source"]] += values["amount_fen"]
        self.undone.add(values["key"])

    @rule(road=st.sampled_from(ROADS), amount=AMOUNTS)
    def crashes_between_the_statements(
        self, road: tuple[EntryKind, Account, Account], amount: int
    ) -> None:
        kind, source, target = road
        key = str(uuid7())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ledger, "_moved", _crash)
            with pytest.raises(Crash), transaction.atomic():
                self._post(
                    {
                        "kind": kind,
                        "source": source,
                        "target": target,
                        "amount_fen": amount,
                        "key": key,
                    }
                )
        assert not LedgerEntry.objects.filter(key=key).exists()

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "budget"):
            return
        pot = Budget.objects.get(pk=self.budget.pk)
        assert ledger.standing(pot) == self.model
        assert ledger.in_ledger(pot.pk) == ledger.in_counters(pot)


def _crash(*args: Any) -> bool:
    raise Crash


def _run(histories: int, **more: Any) -> None:
    run_state_machine_as_test(
        Pot,
        settings=settings(
            max_examples=histories,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_short_histories_agree_with_the_model() -> None:
    _run(15)


@pytest.mark.slow
def test_a_thousand_histories_agree_with_the_model() -> None:
    _run(1000)


def test_a_counter_that_forgets_a_movement_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: money that moves without its counter does not go unseen."""
    moved = ledger._moved

    def forgetful(movement: ledger.Movement, *rest: Any) -> bool:
        return movement.kind == EntryKind.RELEASE or moved(movement, *rest)

    monkeypatch.setattr(ledger, "_moved", forgetful)
    with pytest.raises((AssertionError, ledger.BudgetExceeded, pytest.fail.Exception)):
        _run(200, report_multiple_bugs=False, phases=[Phase.generate])
