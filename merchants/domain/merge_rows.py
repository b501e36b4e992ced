"""The rows of a merge: what points at a merchant, moved to another one and moved back.

Every foreign key of every app is found through the models themselves, so an app that comes later
needs to do nothing. Rows are moved as they are: nothing of them changes but where they point, not
even their version, and so an undone merge leaves them byte for byte as they were.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction

from crm.command import explained
from crm.errors import DomainError, Problem
from crm.models import Row
from merchants.models import Merchant, MerchantMerge, Outlet

LOCKED_IN_ORDER = (
    "merchants_partnership",
    "merchants_agreement",
    "leads_lead",
    "leads_pain",
    "leads_visit",
    "leads_followup",
    "campaigns_campaign",
)
"""The order in which everybody locks; all other tables come after these."""


type PointingColumn = models.ForeignKey[Any, Any]


@dataclass(frozen=True)
class Pointer:
    """A column that points at merchants."""

    model: type[models.Model]
    key: PointingColumn

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def column(self) -> str:
        return self.key.column

    @property
    def versioned(self) -> bool:
        return issubclass(self.model, Row)

    @property
    def plain_link(self) -> bool:
        """Whether the table is nothing but the links of a many-to-many relation."""
        return bool(self.model._meta.auto_created)

    def rows(self, merchant_id: UUID) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.key.attname: merchant_id})

    def named(self, ids: Collection[Any]) -> models.QuerySet[Any]:
        """The rows of these ids, however many they are."""
        one_array = isinstance(self.model._meta.pk, models.UUIDField)
        return self.model._base_manager.filter(**{"pk__any_of" if one_array else "pk__in": ids})


def pointers() -> list[Pointer]:
    """Every foreign key to a merchant there is, in the order in which rows are locked."""
    relations: list[Any] = list(Merchant._meta.get_fields(include_hidden=True))
    found = [
        Pointer(one.related_model, one.field)
        for one in relations
        if one.auto_created and not one.concrete and not one.many_to_many
    ]
    order = {table: place for place, table in enumerate(LOCKED_IN_ORDER)}
    return sorted(found, key=lambda one: (order.get(one.table, len(order)), one.table, one.column))


@dataclass
class Moves:
    """What a merge moved, by table and column, and what it had to do on the way."""

    rows: dict[tuple[str, str], list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"table": table, "column": column, "rows": rows}
            for (table, column), rows in self.rows.items()
            if rows
        ]


def move_all(moves: Moves, *, from_id: UUID, to_id: UUID) -> None:
    """Let everything that points at one merchant point at another.

    What a constraint refuses is added to the conflicts, in the constraint's own words.
    """
    for pointer in pointers():
        try:
            with transaction.atomic():
                _move(pointer, moves, from_id, to_id)
        except IntegrityError as broken:
            refusal = explained(broken)
            if not isinstance(refusal, DomainError):
                raise
            moves.conflicts.append(Problem(refusal.code, refusal.message))


def _move(pointer: Pointer, moves: Moves, from_id: UUID, to_id: UUID) -> None:
    rows = pointer.rows(from_id)
    if pointer.plain_link:
        moves.dropped += _drop_twins(pointer, from_id, to_id)
    if pointer.model is Merchant:
        # The kept row itself is written whole, by the merge and by its undoing.
        rows = rows.exclude(pk=to_id)
    columns = ("pk", "version") if pointer.versioned else ("pk",)
    locked = list(rows.order_by("pk").select_for_update(no_key=True).values_list(*columns))
    if not locked:
        return
    if pointer.model is Outlet:
        moves.renamed |= _rename_twins(from_id, to_id)
    ids = [one[0] for one in locked]
    with moving(pointer.column):
        pointer.named(ids).update(**{pointer.key.attname: to_id})
    moves.rows[pointer.table, pointer.column] += [
        [str(one[0]), one[1] if pointer.versioned else None] for one in locked
    ]


@contextmanager
def moving(column: str) -> Iterator[None]:
    """Within it, append-only tables let this one column be changed."""
    _let_move(column)
    yield
    # Not after a failure: the savepoint takes the setting back by itself.
    _let_move("")


def _let_move(column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('crm.moving', %s, true)", [column])


def _drop_twins(pointer: Pointer, from_id: UUID, to_id: UUID) -> list[dict[str, Any]]:
    """Take away links that both merchants have: one is enough, and there may be only one."""
    (other,) = (
        key.attname
        for key in pointer.model._meta.concrete_fields
        if isinstance(key, models.ForeignKey) and key != pointer.key
    )
    both = pointer.rows(from_id).filter(**{f"{other}__in": pointer.rows(to_id).values(other)})
    taken = [dict(one) for one in both.order_by("pk").values()]
    pointer.model._base_manager.filter(pk__in=[one["id"] for one in taken]).delete()
    return [
        {"table": pointer.table, "row": {name: _plain(value) for name, value in one.items()}}
        for one in taken
    ]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _rename_twins(from_id: UUID, to_id: UUID) -> dict[str, str]:
    """Give outlets that are called alike a number, as the one that moves has to be told apart."""
    taken = set(Outlet.objects.filter(merchant__in=[from_id, to_id]).values_list("name", flat=True))
    twins = Outlet.objects.filter(
        merchant=from_id, name__in=Outlet.objects.filter(merchant=to_id).values("name")
    )
    before = {}
    longest = Outlet._meta.get_field("name").max_length or 0
    for outlet in twins.order_by("pk"):
        number = 2
        while (called := _numbered(outlet.name, number, longest)) in taken:
            number += 1
        taken.add(called)
        before[str(outlet.pk)] = outlet.name
        Outlet.objects.filter(pk=outlet.pk).update(name=called)
    return before


def _numbered(name: str, number: int, longest: int) -> str:
    suffix = f" ({number})"
    return name[: longest - len(suffix)] + suffix


def changed_since(merge: MerchantMerge) -> list[models.Model | str]:
    """The moved rows that somebody changed, moved or deleted since, and those that were hung on a
    moved row since: none of them could go back as it was."""
    known = {(one.table, one.column): one for one in pointers()}
    moved: dict[type[models.Model], set[str]] = defaultdict(set)
    found: list[models.Model | str] = []
    for entry in merge.moved:
        pointer = known.get((entry["table"], entry["column"]))
        if pointer is None:
            found.append(entry["table"])
            continue
        versions = dict(entry["rows"])
        moved[pointer.model] |= versions.keys()
        here: dict[str, Any] = {str(row.pk): row for row in pointer.named(list(versions))}
        for pk, version in versions.items():
            row = here.get(pk)
            if row is None:
                found.append(str(pointer.model._meta.verbose_name))
            elif getattr(row, pointer.key.attname) != merge.kept_id or (
                pointer.versioned and row.version != version
            ):
                found.append(row)
    return found + [row for one in known.values() for row in _hung_on(one, merge, moved)]


def _hung_on(
    pointer: Pointer, merge: MerchantMerge, moved: dict[type[models.Model], set[str]]
) -> Iterable[models.Model]:
    """Rows of the kept merchant that came since and point at a row that would leave it."""
    for key in pointer.model._meta.concrete_fields:
        if not isinstance(key, models.ForeignKey) or key == pointer.key:
            continue
        if left := moved.get(key.related_model):
            rows = pointer.rows(merge.kept_id).filter(**{f"{key.attname}__in": list(left)})
            yield from rows.exclude(pk__in=list(moved.get(pointer.model, ())))[:5]


def move_back(merge: MerchantMerge) -> None:
    """Let the moved rows point where they did, under their old names, and bring back the links
    that were taken away."""
    known = {(one.table, one.column): one for one in pointers()}
    for entry in merge.moved:
        pointer = known[entry["table"], entry["column"]]
        ids = [pk for pk, _version in entry["rows"]]
        rows = pointer.named(ids)
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        with moving(pointer.column):
            rows.update(**{pointer.key.attname: merge.merged_id})
    for pk, name in merge.renamed.items():
        Outlet.objects.filter(pk=pk).update(name=name)
    for one in merge.dropped:
        _insert(one["table"], one["row"])


def _insert(table: str, row: dict[str, Any]) -> None:
    names = connection.ops.quote_name
    columns = ", ".join(names(column) for column in row)
    places = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {names(table)} ({columns}) VALUES ({places})", list(row.values())
        )
