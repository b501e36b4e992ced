"""A list is taken back: what it added goes, what it changed is set back, unless it was touched.

A merchant is taken back whole or stays whole: with everything that any row of the list did to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from crm.errors import DomainError, TryAgain
from crm.models import Job, User
from merchants import policies
from merchants.domain import importing, registration
from merchants.domain.import_columns import CONTACT, MERCHANT, OUTLET
from merchants.models import (
    Contact,
    ImportChange,
    ImportRow,
    Merchant,
    Outlet,
    RowOutcome,
    TimelineEntry,
)

BATCH = 100
TOUCHED = "touched_since"
_NOUNS: dict[str, type[models.Model]] = {MERCHANT: Merchant, OUTLET: Outlet, CONTACT: Contact}
_HANGING_ANYWAY: tuple[type[models.Model], ...] = (TimelineEntry, Outlet, Contact)
"""What goes with a merchant: its history, and shops and people, which are looked at one by one."""


def rows_to_revert(job: Job) -> models.QuerySet[ImportRow]:
    """The rows that did something."""
    return ImportRow.objects.filter(
        job=job, outcome__in=(RowOutcome.ADDED, RowOutcome.CHANGED)
    ).order_by("number")


def one_batch(job: Job, by: User, at: datetime) -> bool:
    """Take back the merchants of some rows. False when there is nothing left."""
    first = {row.merchant_id: None for row in rows_to_revert(job)[:BATCH] if row.merchant_id}
    if not first:
        return False
    changes: dict[UUID, list[ImportChange]] = defaultdict(list)
    for change in (
        ImportChange.objects.filter(row__job=job, row__merchant_id__in=list(first))
        .select_related("row")
        .order_by("id")
    ):
        assert change.row.merchant_id is not None
        changes[change.row.merchant_id].append(change)
    list(Merchant.objects.filter(pk__in=list(first)).for_change().values_list("pk"))
    touched = _touched(changes)
    new = [pk for pk, of_one in changes.items() if _is_new(of_one) and pk not in touched]
    removed = _remove(new, by)
    back = set(removed)
    for pk, of_one in changes.items():
        if pk not in touched and not _is_new(of_one) and _set_back(pk, of_one, by, at):
            back.add(pk)
    _write(job, list(first), back)
    return True


def _is_new(changes: Sequence[ImportChange]) -> bool:
    return any(one.noun == MERCHANT and one.before is None for one in changes)


def _touched(changes: dict[UUID, list[ImportChange]]) -> set[UUID]:
    """Merchants something about which is no longer as the list left it."""
    touched: set[UUID] = set()
    left: dict[str, dict[UUID, int]] = {noun: {} for noun in _NOUNS}
    merchant_of: dict[UUID, UUID] = {}
    for pk, of_one in changes.items():
        for one in of_one:
            left[one.noun][one.subject_id] = max(one.version, left[one.noun].get(one.subject_id, 0))
            merchant_of[one.subject_id] = pk
    for noun, versions in left.items():
        rows: Any = _NOUNS[noun]._default_manager
        now = dict(rows.filter(pk__in=list(versions)).values_list("pk", "version"))
        touched |= {merchant_of[pk] for pk, was in versions.items() if now.get(pk) != was}
    ours = {pk for versions in left.values() for pk in versions}
    new = [pk for pk, of_one in changes.items() if _is_new(of_one)]
    return touched | _with_more(new, ours)


def _with_more(new: Sequence[UUID], ours: set[UUID]) -> set[UUID]:
    """Merchants on which something hangs that the list did not bring: a lead, another shop …

    What was written in the same moment as the merchant itself came with it.
    """
    found: set[UUID] = set()
    made = dict(Merchant.objects.filter(pk__in=new).values_list("pk", "created_at"))
    for own in (Outlet, Contact):
        rows: Any = own._default_manager
        for pk, merchant_id in rows.filter(merchant__in=new).values_list("pk", "merchant_id"):
            if pk not in ours:
                found.add(merchant_id)
    for name, model in _hanging():
        dated = any(one.name == "created_at" for one in model._meta.fields)
        rows = model._default_manager
        for pk, *moment in rows.filter(**{f"{name}__in": new}).values_list(
            name, *(["created_at"] if dated else [])
        ):
            if not dated or moment[0] != made[pk]:
                found.add(pk)
    return found


def _hanging() -> Iterable[tuple[str, type[models.Model]]]:
    """Every column of the product that points at merchants."""
    for relation in Merchant._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        model: Any = relation.related_model
        if model not in _HANGING_ANYWAY:
            yield relation.field.name, model


def _remove(merchant_ids: Sequence[UUID], by: User) -> list[UUID]:
    """Remove what the list added; what this person may not edit stays."""
    may = [
        merchant.pk
        for merchant in Merchant.objects.visible_to(by).filter(pk__in=merchant_ids)
        if policies.may_edit(by, merchant)
    ]
    try:
        with transaction.atomic():
            Merchant.objects.filter(pk__in=may).delete()
    except (ProtectedError, RestrictedError):
        return [pk for pk in may if _removed_alone(pk)]
    return may


def _removed_alone(pk: UUID) -> bool:
    try:
        with transaction.atomic():
            Merchant.objects.filter(pk=pk).delete()
    except (ProtectedError, RestrictedError):
        return False
    return True


def _set_back(pk: UUID, changes: Sequence[ImportChange], by: User, at: datetime) -> bool:
    """What a known merchant said before the first change; what was added to it goes."""
    before: dict[str, Any] = {}
    for one in reversed(changes):
        before |= one.before or {}
    version = max((one.version for one in changes if one.noun == MERCHANT), default=None)
    try:
        with transaction.atomic():
            if before:
                registration.correct(pk, importing.restored(before), by=by, at=at, version=version)
            elif not any(
                policies.may_edit(by, merchant)
                for merchant in Merchant.objects.visible_to(by).filter(pk=pk)
            ):
                return False
            for noun in (OUTLET, CONTACT):
                rows: Any = _NOUNS[noun]._default_manager
                rows.filter(pk__in=[one.subject_id for one in changes if one.noun == noun]).delete()
    except TryAgain:
        raise
    except (DomainError, ProtectedError, RestrictedError):
        return False
    return True


def _write(job: Job, merchant_ids: Sequence[UUID], back: set[UUID]) -> None:
    rows = rows_to_revert(job).filter(merchant_id__in=list(merchant_ids))
    undone = rows.filter(merchant_id__in=list(back)).update(outcome=RowOutcome.REVERTED)
    kept = rows.update(
        outcome=RowOutcome.KEPT,
        column="",
        code=TOUCHED,
        sentence=_("Somebody has worked with this merchant since, so the row stays."),
    )
    job.rows_done += undone + kept
