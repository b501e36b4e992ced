"""Doing the same to many rows: each in its own transaction, each refusal kept beside its row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crm.errors import DomainError


@dataclass(frozen=True)
class Outcome[M, R]:
    """What became of one row: the verb's result, or the refusal."""

    row: M
    result: R | None
    refusal: DomainError | None


def apply_to_each[M, R](rows: Iterable[M], verb: Callable[[M], R]) -> list[Outcome[M, R]]:
    """Run a verb for every row. A refused row changes nothing, and stops no other one."""
    outcomes: list[Outcome[M, R]] = []
    for row in rows:
        try:
            outcomes.append(Outcome(row, verb(row), None))
        except DomainError as refusal:
            outcomes.append(Outcome(row, None, refusal))
    return outcomes
