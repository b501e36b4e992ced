"""Reference rows, looked up once for as long as a list is worked on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

_MEMORY: ContextVar[dict[tuple[type[models.Model], str], Any] | None] = ContextVar(
    "remembered_reference_rows", default=None
)


@contextmanager
def reference_rows() -> Iterator[None]:
    """Within it no reference row is asked for twice."""
    token = _MEMORY.set({})
    try:
        yield
    finally:
        _MEMORY.reset(token)


def found[M: models.Model](model: type[M], pk: str) -> M | None:
    """The row of reference data with this key."""
    memory = _MEMORY.get()
    if memory is not None and (model, pk) in memory:
        row: M | None = memory[model, pk]
        return row
    row = model._default_manager.filter(pk=pk).first()
    if memory is not None:
        memory[model, pk] = row
    return row
