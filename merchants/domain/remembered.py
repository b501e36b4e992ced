"""What need not be asked for again while a list is worked on.

Reference rows for as long as the batch lasts, which of its merchants nobody knows yet, and the
merchant of the row in hand, which this very transaction has just made and nobody else can see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import models

from merchants.models import Merchant

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


_IN_HAND: ContextVar[Merchant | None] = ContextVar("merchant_in_hand", default=None)


@contextmanager
def just_made(merchant: Merchant) -> Iterator[None]:
    """Within it, verbs about what belongs to this new merchant need not take it once more."""
    token = _IN_HAND.set(merchant)
    try:
        yield
    finally:
        _IN_HAND.reset(token)


def in_hand(merchant_id: UUID) -> Merchant | None:
    """The merchant, if this transaction has just made it."""
    merchant = _IN_HAND.get()
    return merchant if merchant is not None and merchant.pk == merchant_id else None


_NEW: ContextVar[set[str] | None] = ContextVar("merchants_known_to_be_new", default=None)


@contextmanager
def new_merchants(identities: set[str]) -> Iterator[None]:
    """Within it, these merchants were looked for already, all at once, and not found."""
    token = _NEW.set(set(identities))
    try:
        yield
    finally:
        _NEW.reset(token)


def is_new(identities: set[str]) -> bool:
    """Whether this merchant was looked for and not found. True once: then it may be there.

    What another session adds meanwhile, the constraints of the register find.
    """
    new = _NEW.get()
    if not new:
        return False
    answer = identities <= new
    new -= identities
    return answer
