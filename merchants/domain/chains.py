"""Chains: a shop stands below its chain's head, which may stand below another one."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import InvalidInput, Problem
from crm.locking import known
from merchants.models import Merchant

MOST_LEVELS = 5
"""From the head to the lowest shop."""


def head_for(merchant_id: UUID, parent_id: UUID, *, by: Actor) -> Merchant:
    """The head that a merchant is to stand below, if it can.

    Raises NotFound naming the field if the actor may not know of the head, InvalidInput with code
    `parent_cyclic` or `chain_too_deep`.
    """
    head = known(Merchant.objects.seen_by(by), parent_id, attr="parent")
    if problems := broken_by(merchant_id, parent_id):
        raise InvalidInput(problems[0].detail, code=problems[0].code, attr="parent")
    return head


def broken_by(merchant_id: UUID, parent_id: UUID) -> list[Problem]:
    """What of the rules of chains a merchant would break below this head.

    Chains are changed one at a time until the transaction ends, so that two sessions cannot close a
    circle between them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('merchant.chain', 0))")
    above = _line_above(parent_id)
    if merchant_id in above:
        sentence = _("A merchant cannot stand above itself in a chain.")
        return [Problem("parent_cyclic", sentence, "parent")]
    if len(above) + _levels_from(merchant_id) > MOST_LEVELS:
        return [Problem("chain_too_deep", _("A chain has up to five levels."), "parent")]
    return []


def _line_above(head_id: UUID) -> list[UUID]:
    """The head, the head's head, and so on."""
    line: list[UUID] = []
    upper: UUID | None = head_id
    while upper is not None and upper not in line:
        line.append(upper)
        upper = Merchant.objects.filter(pk=upper).values_list("parent_id", flat=True).first()
    return line


def _levels_from(merchant_id: UUID) -> int:
    """How many levels a merchant and those below it make."""
    levels, level = 0, [merchant_id]
    while level and levels <= MOST_LEVELS:
        levels += 1
        level = _members(level)
    return levels


def _members(heads: Collection[UUID]) -> list[UUID]:
    return list(Merchant.objects.filter(parent__in=heads).values_list("pk", flat=True))
