"""What a merge would do, before anybody does it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from crm import presentation
from crm.actors import Actor
from crm.command import command, explained
from crm.errors import Problem, RuleBroken
from crm.ids import uuid7
from merchants.domain import merge_rows, merging
from merchants.domain.merging import Column
from merchants.models import Merchant, MerchantMerge, MergeSide

IN_FEN = frozenset({"monthly_turnover_fen"})
"""Columns whose numbers people read as yuan."""


@dataclass(frozen=True)
class Pair:
    """One field of both merchants, side by side."""

    name: str
    label: str
    kept: str
    other: str
    proposed: MergeSide

    @property
    def differs(self) -> bool:
        return self.kept != self.other


@dataclass(frozen=True)
class Preview:
    """What a merge would do: the fields to choose from, what moves, and what stands against it."""

    pairs: tuple[Pair, ...]
    moves: tuple[tuple[str, int], ...]
    conflicts: tuple[Problem, ...]


@command
def preview(kept_id: UUID, other_id: UUID, *, by: Actor, at: datetime) -> Preview:
    """Both merchants side by side, and what merging them would do: it is tried and taken back.

    Raises NotFound, NotAllowed, InvalidInput for a merchant and itself.
    """
    conflicts: tuple[Problem, ...] = ()
    moves: tuple[tuple[str, int], ...] = ()
    with transaction.atomic():
        kept, other = merging.both(kept_id, other_id, by=by, version=None)
        pairs = tuple(_pair(column, kept, other) for column in merging.choosable())
        try:
            with transaction.atomic():
                tried = merging.merged(uuid7(), kept, other, {}, by=by, at=at)
                moves = _counted(tried)
        except RuleBroken as refusal:
            conflicts = refusal.problems
        except IntegrityError as broken:
            sentence = explained(broken)
            if not isinstance(sentence, RuleBroken):
                raise
            conflicts = sentence.problems
        transaction.set_rollback(True)
    return Preview(pairs, moves, conflicts)


def _pair(column: Column, kept: Merchant, other: Merchant) -> Pair:
    return Pair(
        column.name,
        gettext("monthly turnover (yuan)") if column.name in IN_FEN else str(column.verbose_name),
        _words(column, kept),
        _words(column, other),
        merging.proposed(column, kept, other),
    )


def _words(column: Column, row: Merchant) -> str:
    display = getattr(row, f"get_{column.name}_display", None)
    value = display() if display else getattr(row, column.name)
    if column.name in IN_FEN and value is not None:
        return presentation.yuan(value)
    return "" if value is None else str(value)


def _counted(merge: MerchantMerge) -> tuple[tuple[str, int], ...]:
    """How many rows of which kind a merge moved."""
    nouns = {one.table: one.model._meta for one in merge_rows.pointers()}
    counts: Counter[str] = Counter()
    for entry in merge.moved:
        meta = nouns[entry["table"]]
        label = _link_label(meta) if meta.auto_created else meta.verbose_name_plural
        counts[str(label)] += len(entry["rows"])
    return tuple(counts.items())


def _link_label(meta: Any) -> Any:
    return meta.auto_created._meta.verbose_name_plural
