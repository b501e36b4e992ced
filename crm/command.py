"""`@command`: one verb, one transaction, and a broken constraint answers in its own words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, models, transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import DomainError, RuleBroken, Sentence, TryAgain

_POINTS_AT_NOTHING = "23503"
"""foreign_key_violation: verbs look up what they point at, so it was there a moment ago."""

# deadlock_detected, lock_not_available, serialization_failure
_MET_ANOTHER = {"40P01", "55P03", "40001"}


def command[**P, R](verb: Callable[P, R]) -> Callable[P, R]:
    """Run a verb in a transaction of its own (a savepoint inside a batch).

    A constraint that the database finds broken is raised as RuleBroken with the sentence and the
    code written on the constraint; meeting another session is raised as TryAgain, also when that
    session took away a row that this one was about to point at (a merge does). Whatever else the
    database says is a bug and stays one.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic(savepoint=not _part_of_a_row.get()):
                return verb(*args, **kwargs)
        except IntegrityError as broken:
            if getattr(broken.__cause__, "sqlstate", None) == _POINTS_AT_NOTHING:
                raise TryAgain(
                    _("Somebody else took away what this belongs to. Please try again.")
                ) from broken
            raise explained(broken) from broken
        except OperationalError as failed:
            if met_another(failed):
                raise TryAgain(
                    _("Somebody else is changing this right now. Please try again.")
                ) from failed
            raise

    return run


_part_of_a_row: ContextVar[bool] = ContextVar("part_of_a_row", default=False)


@contextmanager
def one_row() -> Iterator[None]:
    """A row of a list: whatever verbs it takes succeed or fail together, under one savepoint.

    The verbs inside need none of their own, which saves two statements for each of them.
    """
    with transaction.atomic():
        token = _part_of_a_row.set(True)
        try:
            yield
        finally:
            _part_of_a_row.reset(token)


def met_another(failed: OperationalError) -> bool:
    """Whether a statement failed only because another session was at the same rows."""
    return getattr(failed.__cause__, "sqlstate", None) in _MET_ANOTHER


def explained(broken: IntegrityError) -> DomainError | IntegrityError:
    """The refusal that a broken constraint stands for, or the error itself if none is known."""
    diagnosis = getattr(broken.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    if name is None:
        return broken
    if name.endswith("_pkey"):
        return RuleBroken(_("A row with this id exists already."), code="already_exists", attr="id")
    rule = _sentences().get(name)
    if rule is None:
        return broken
    code, sentence = rule
    return RuleBroken(sentence, code=code)


@cache
def _sentences() -> dict[str, tuple[str, Sentence]]:
    """Constraint name → (code, sentence), from every model's own declaration."""
    return {
        constraint.name: (
            constraint.violation_error_code,
            constraint.violation_error_message,
        )
        for model in apps.get_models()
        for constraint in _constraints(model)
        if constraint.violation_error_code
    }


def _constraints(model: type[models.Model]) -> list[Any]:
    return list(model._meta.constraints)
