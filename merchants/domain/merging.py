"""Two rows for one merchant become one, and two again if that was wrong.

One merchant is kept; everything that points at the other moves to it, and the other is gone. The
merge keeps both rows as they were. Undoing it brings them back byte for byte, as long as nobody
changed either of them or anything that moved; what was added to the kept merchant since stays.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, Problem, RuleBroken
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import chains, merge_rows, merge_snapshots, registration, timeline
from merchants.domain.merge_rows import Moves
from merchants.models import (
    Contact,
    ContactState,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantMerge,
    MergeSide,
)

type Column = models.Field[Any, Any]
type PointingColumn = models.ForeignKey[Any, Any]

MERGED = timeline.kind(
    "merge.done", _("Merchants merged"), _("“%(name)s” was merged into this merchant.")
)
UNMERGED = timeline.kind(
    "merge.undone", _("Merge undone"), _("The merge with “%(name)s” was undone.")
)

FOLLOWS = {
    "category": ("category_group",),
    "credit_code": ("credit_code_override", "legal_form"),
    "licence_status": ("licence_checked_on", "licence_source"),
    "source": ("accessed_on",),
}
"""Columns that go with a chosen field, because they follow from it."""
_FOLLOWING = {name for names in FOLLOWS.values() for name in names}


def choosable() -> list[Column]:
    """The fields for which one says whose value stays."""
    return [
        column
        for column in Merchant._meta.concrete_fields
        if column.editable and column.name not in _FOLLOWING
    ]


@command
def merge(
    merge_id: UUID,
    kept_id: UUID,
    other_id: UUID,
    choices: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> MerchantMerge:
    """Merge the other merchant into the kept one. `choices` says for a field whose value stays
    (MergeSide); a field that is not named keeps its value, or takes the other's if it has none.

    Raises NotFound, NotAllowed for those who do not lead both units, Stale, InvalidInput for a
    merchant and itself or for a choice that there is not, RuleBroken with code `merge_conflict` if
    the two have something that cannot stand side by side; `merged_already` for a merchant that
    another merge has taken.
    """
    kept, other = both(kept_id, other_id, by=by, version=version)
    return merged(merge_id, kept, other, choices, by=by, at=at)


def both(
    kept_id: UUID, other_id: UUID, *, by: Actor, version: int | None
) -> tuple[Merchant, Merchant]:
    """Both merchants, locked in the order of their keys."""
    if kept_id == other_id:
        raise InvalidInput(
            _("A merchant cannot be merged into itself."), code="merge_with_itself", attr="other"
        )
    seen = Merchant.objects.seen_by(by)
    # Asked before anything is locked, so that the merchant in the address is missed first.
    first = () if seen.filter(pk=kept_id).exists() else (kept_id,)
    rows = {}
    for pk in (*first, *sorted((kept_id, other_id))):
        ours = pk == kept_id
        attr, expected = (None, version) if ours else ("other", None)
        try:
            rows[pk] = take(seen, pk, version=expected, attr=attr)
        except NotFound:
            if (into := merged_into(pk, by=by)) is None:
                raise
            raise RuleBroken(
                _("This merchant was merged into another one already."),
                code="merged_already",
                attr=attr,
                merged_into=str(into),
            ) from None
    kept, other = rows[kept_id], rows[other_id]
    require(
        policies.may_merge(by, kept.unit_id, other.unit_id),
        _("Merchants are merged by those who lead the units of both."),
    )
    return kept, other


def merged_into(merchant_id: UUID, *, by: Actor) -> UUID | None:
    """The merchant that a merged one lives on in, if the actor may know of it."""
    merges = MerchantMerge.objects.standing().seen_by(by).filter(merged_id=merchant_id)
    return merges.values_list("kept_id", flat=True).first()


def proposed(column: Column, kept: Merchant, other: Merchant) -> MergeSide:
    """The kept merchant's value, or the other's where the kept one has none.

    A licence that nobody has checked yet says as little as an empty field.
    """
    empty = (None, "", LicenceStatus.UNKNOWN) if column.name == "licence_status" else (None, "")
    gap = getattr(kept, column.attname) in empty and getattr(other, column.attname) not in empty
    return MergeSide.OTHER if gap else MergeSide.KEPT


def _chosen(choices: Mapping[str, str], kept: Merchant, other: Merchant) -> dict[str, str]:
    known = {column.name: column for column in choosable()}
    for name, side in choices.items():
        if name not in known or side not in MergeSide.values:
            raise InvalidInput(
                _("There is nothing to choose of this name."),
                code="choice_unknown",
                attr=f"choices.{name}",
            )
    return {
        name: choices.get(name) or proposed(column, kept, other).value
        for name, column in known.items()
    }


def merged(
    merge_id: UUID,
    kept: Merchant,
    other: Merchant,
    choices: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
) -> MerchantMerge:
    """Merge two locked merchants, inside a verb that has decided who may."""
    chosen = _chosen(choices, kept, other)
    merge = MerchantMerge.objects.create(
        pk=merge_id,
        kept=kept,
        merged_id=other.pk,
        kept_name=kept.name,
        merged_name=other.name,
        choices=chosen,
        by_id=user_id(by),
        at=at,
        created_at=at,
        updated_at=at,
    )
    merge_snapshots.remember(merge, "kept_before", kept.pk)
    merge_snapshots.remember(merge, "merged_before", other.pk)
    values = _values(chosen, kept, other)
    moves = Moves()
    merge_rows.move_all(moves, from_id=other.pk, to_id=kept.pk)
    # Whoever was about to point at the other merchant is now waited for, or waits for us.
    Merchant.objects.order_by().select_for_update().get(pk=other.pk)
    merge_rows.move_all(moves, from_id=other.pk, to_id=kept.pk)
    moves.conflicts = list(dict.fromkeys(moves.conflicts))
    moves.conflicts += _broken_promises(kept, values)
    if moves.conflicts:
        raise RuleBroken(
            _("These two cannot be merged yet: %(why)s Settle it at one of them first.")
            % {"why": " ".join(str(one.detail) for one in moves.conflicts)},
            code="merge_conflict",
            problems=moves.conflicts,
        )
    merge_snapshots.delete(other.pk)
    kept.change(at=at, **values)
    merge_snapshots.remember(merge, "kept_after", kept.pk)
    merge.moved, merge.renamed = moves.as_json(), moves.renamed
    merge.dropped = moves.dropped
    merge.save(update_fields=["moved", "renamed", "dropped"])
    timeline.record(
        MERGED, merchant_id=kept.pk, subject_id=merge.pk, by=by, at=at, name=merge.merged_name
    )
    return merge


def _values(chosen: Mapping[str, str], kept: Merchant, other: Merchant) -> dict[str, Any]:
    """What the kept row takes over, with the columns that follow from it."""
    taken = [
        name
        for one, side in chosen.items()
        if side == MergeSide.OTHER
        for name in (one, *FOLLOWS.get(one, ()))
    ]
    values: dict[str, Any] = {}
    for name in taken:
        column: Any = Merchant._meta.get_field(name)
        attname = column.attname
        value = getattr(other, attname)
        # A chain whose head was the other merchant has the kept one for its head now.
        values[attname] = None if value == kept.pk else value
    for key in _heads():
        if getattr(kept, key.attname) == other.pk:
            values.setdefault(key.attname, None)
    if "name" in values:
        values |= registration.search_columns(values["name"])
    return values


def _heads() -> list[PointingColumn]:
    """Columns by which one merchant points at another."""
    return [
        column
        for column in Merchant._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.related_model is Merchant
    ]


def _broken_promises(kept: Merchant, values: Mapping[str, Any]) -> list[Problem]:
    """Rules between a merchant and what hangs on it that no constraint can see."""
    found = []
    form = values.get("legal_form", kept.legal_form)
    contracted = Contact.objects.filter(merchant=kept, lawful_basis=LawfulBasis.CONTRACT).exclude(
        state=ContactState.ERASED
    )
    if form != LegalForm.SOLE_PROPRIETOR and contracted.exists():
        sentence = _("A contact's data rests on a contract, which only a sole proprietor makes.")
        found.append(Problem("contract_needs_sole_proprietor", sentence))
    if head := values.get("parent_id", kept.parent_id):
        found += chains.broken_by(kept.pk, head)
    return found


@command
def undo(merge_id: UUID, *, by: Actor, at: datetime) -> MerchantMerge:
    """Bring both merchants back as they were, with all that had moved.

    Raises NotFound, NotAllowed, RuleBroken with code `merge_undone_already`, or with code
    `merge_cannot_be_undone` naming what has changed since.
    """
    seen = MerchantMerge.objects.seen_by(by)
    kept_id = seen.filter(pk=merge_id).values_list("kept_id", flat=True).first()
    kept = take(Merchant.objects.seen_by(by), kept_id or merge_id)
    merge = take(seen, merge_id)
    unit_before = UUID(merge.merged_before["unit_id"])
    require(
        policies.may_merge(by, kept.unit_id, UUID(merge.kept_before["unit_id"]), unit_before),
        _("A merge is undone by those who lead the units of both merchants."),
    )
    if merge.undone_at is not None:
        raise RuleBroken(_("This merge was undone already."), code="merge_undone_already")
    _refuse_if_changed(merge, kept)
    merge_snapshots.restore(merge)
    merge_rows.move_back(merge)
    for merchant_id, name in ((kept.pk, merge.merged_name), (merge.merged_id, merge.kept_name)):
        timeline.record(
            UNMERGED, merchant_id=merchant_id, subject_id=merge.pk, by=by, at=at, name=name
        )
    return merge.change(at=at, undone_at=at, undone_by_id=user_id(by))


def _refuse_if_changed(merge: MerchantMerge, kept: Merchant) -> None:
    """Say what changed since the merge, if anything did."""
    changed: list[str] = []
    if merge.kept_before["id"] != str(kept.pk):
        changed.append(str(_("“%(name)s” was merged on") % {"name": merge.kept_name}))
    elif fields := merge_snapshots.changed_columns(merge):
        what = {"name": kept.name, "fields": ", ".join(fields)}
        changed.append(str(_("“%(name)s” (%(fields)s)") % what))
    rows = merge_rows.changed_since(merge)
    changed += [
        row if isinstance(row, str) else f"{row._meta.verbose_name} “{row}”" for row in rows
    ]
    if changed:
        raise RuleBroken(
            _("The merge cannot be undone, because of what changed since: %(what)s.")
            % {"what": ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")},
            code="merge_cannot_be_undone",
            changed=changed,
        )
