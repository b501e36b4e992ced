"""Rows for the leads' benchmark: a bank at work, deterministic, by COPY.

Beside merchants and leads: activities, open follow-ups, visits of today, pains with their nine
cells, objections, and a share of the leads that lies in the pool.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from leads.models import (
    Activity,
    ActivityKind,
    FollowUp,
    GridCell,
    Lead,
    Objection,
    ObjectionReason,
    ObjectionState,
    Pain,
    Pool,
    Stage,
    Visit,
)
from leads.models.grid_words import Cell, GridColumn, GridMode
from leads.models.lead import RECYCLED_STAGES
from leads.models.stages import OPEN_STAGES
from merchants.domain import reference
from tests.bench import dataset
from tests.bench.copying import copy_rows

IN_POOL = 10
"""One lead in so many lies in the pool, among those that nobody decides about."""
WITH_PAIN, WITH_OBJECTION, WITH_FOLLOW_UP, WITH_VISIT = 3, 5, 3, 400
GOES_BACK = 50
"""One owned lead in so many has been quiet for so long that the sweep takes it back."""
SUMMARY = "见到店长,工作日晚市空台多,想了解费用怎么分担。"
LONG_AGO = timedelta(days=120)


def load(leads: int, activities: int) -> dataset.Bank:
    """Fill an empty, migrated database with so many leads, each with so many activities."""
    reference.load_categories()
    reference.load_divisions()
    bank = dataset._people()
    _load_reference()  # With a pool for the branch.
    pursued = pursue(leads, bank)
    pool = Pool.objects.order_by("created_at").first()
    assert pool is not None, "a branch has a pool"
    copy_rows(Lead, (_lead(one, pool.pk) for one in pursued))
    copy_work(pursued, activities)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return bank


def pursue(leads: int, bank: dataset.Bank) -> list["_Pursued"]:
    """Write so many merchants down; gives the lead that pursues each, still to be written."""
    merchants = list(dataset._merchants(leads, bank))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE indexdef LIKE '% USING gin %' AND tablename = 'merchants_merchant'"
        )
        slow_to_grow = cursor.fetchall()
        for index, _definition in slow_to_grow:
            cursor.execute(f"DROP INDEX {index}")
        dataset._copy_merchants(merchants)
        for _index, definition in slow_to_grow:
            cursor.execute(definition)
    stages = [stage for stage, weight in dataset.STAGES for _ in range(weight)]
    return [_Pursued(row, stages[(row.turn + row.number) * 37 % len(stages)]) for row in merchants]


def copy_work(pursued: list["_Pursued"], activities: int, *, cells: bool = True) -> None:
    """What was done about the leads, and what is to be done."""
    copy_rows(Activity, (row for one in pursued for row in _activities(one, activities)))
    copy_rows(FollowUp, (_follow_up(one) for one in pursued if one.busy(WITH_FOLLOW_UP)))
    copy_rows(Visit, (_visit(one) for one in pursued if one.busy(WITH_VISIT)))
    in_talks = [one for one in pursued if one.busy(WITH_PAIN)]
    copy_rows(Pain, map(_pain, in_talks))
    if cells:
        copy_rows(GridCell, (row for one in in_talks for row in _cells(one)))
    copy_rows(Objection, (_objection(one) for one in pursued if one.busy(WITH_OBJECTION)))


def _load_reference() -> None:
    from crm.reference import load_all

    for _loaded in load_all(at=dataset.NOW):
        pass


class _Pursued:
    """A merchant with the lead that pursues it."""

    def __init__(self, row: dataset.MerchantRow, stage: Stage) -> None:
        self.row, self.stage = row, stage
        self.lead_id = dataset.made_id(row.at, -row.number - 1)
        self.open = stage in OPEN_STAGES
        self.pooled = self.open and stage != Stage.APPROVAL and row.turn % IN_POOL == 0
        self.quiet = self.open and not self.pooled and row.turn % GOES_BACK == 1
        self.worked_at = (
            row.at - LONG_AGO
            if self.quiet
            else max(row.at, dataset.NOW - timedelta(days=1 + row.number % 9))
        )

    def busy(self, one_in: int) -> bool:
        return self.open and not self.pooled and self.row.turn % one_in == 2 % one_in

    def id_of(self, kind: int, number: int = 0) -> Any:
        return dataset.made_id(self.row.at, (kind * 10 + number) * 10**10 + self.row.number)

    @property
    def times(self) -> dict[str, object]:
        return {"created_at": self.row.at, "updated_at": self.row.at}


def _lead(one: _Pursued, pool_id: object) -> dict[str, object]:
    row, stage = one.row, one.stage
    begun = row.at - LONG_AGO if one.quiet else row.at
    yesterday = timezone.localdate(dataset.NOW - timedelta(days=1))
    return {
        "id": one.lead_id,
        **one.times,
        "merchant_id": row.id,
        "unit_id": row.unit,
        "owner_id": None if one.pooled else row.owner,
        "stage": stage,
        "stage_entered_at": begun,
        "expected_value_fen": row.number % 900 * 10_000,
        "revisit_on": row.at.date() if stage == Stage.PARKED else None,
        "lost_reason": "other" if stage == Stage.LOST else "",
        "last_activity_at": one.worked_at,
        "pool_id": pool_id if one.pooled else None,
        "pooled_at": row.at if one.pooled else None,
        # Whoever is to lose a lead has been warned.
        "claimed_at": begun if one.quiet else None,
        "recycle_on": yesterday if one.quiet and stage in RECYCLED_STAGES else None,
    }


def _activities(one: _Pursued, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {
            "id": one.id_of(1, number),
            **one.times,
            "merchant_id": one.row.id,
            "lead_id": one.lead_id,
            "actor_id": one.row.owner,
            "kind": (ActivityKind.VISIT, ActivityKind.CALL, ActivityKind.NOTE)[number % 3],
            "summary": SUMMARY,
            "occurred_at": one.worked_at - timedelta(days=number * 3),
            "two_way": number % 3 != 2,
        }


def _follow_up(one: _Pursued) -> dict[str, object]:
    days = one.row.turn % 60 - 10
    return {
        "id": one.id_of(2),
        **one.times,
        "merchant_id": one.row.id,
        "lead_id": one.lead_id,
        "owner_id": one.row.owner,
        "title": "送方案",
        "due_at": dataset.NOW + timedelta(days=days),
    }


def _visit(one: _Pursued) -> dict[str, object]:
    return {
        "id": one.id_of(3),
        **one.times,
        "merchant_id": one.row.id,
        "lead_id": one.lead_id,
        "owner_id": one.row.owner,
        "planned_for": timezone.localdate(dataset.NOW),
    }


def _pain(one: _Pursued) -> dict[str, object]:
    return {
        "id": one.id_of(4),
        **one.times,
        "merchant_id": one.row.id,
        "lead_id": one.lead_id,
        "title": "工作日晚市空台",
        "mode": GridMode.CREATE,
        "stuck_column": GridColumn.REASONS,
        "next_cell": Cell.R2,
        "raw_completeness": "0.0556",
        "gated_completeness": "0.0556",
    }


def _cells(one: _Pursued) -> Iterator[dict[str, object]]:
    for number, cell in enumerate(Cell):
        complete = cell == Cell.R1
        yield {
            "id": one.id_of(5, number),
            **one.times,
            "pain_id": one.id_of(4),
            "cell": cell,
            "status": "complete" if complete else "empty",
            "merchant_words": "附近上班族被平台券留住了" if complete else "",
        }


def _objection(one: _Pursued) -> dict[str, object]:
    return {
        "id": one.id_of(6),
        **one.times,
        "merchant_id": one.row.id,
        "lead_id": one.lead_id,
        "activity_id": one.id_of(1),
        "raised_by_id": one.row.owner,
        "merchant_words": "生意还行,不需要",
        "declared_reason": ObjectionReason.UNAWARE,
        "state": ObjectionState.RAISED,
        "state_since": one.row.at,
        "raised_at": one.row.at,
    }


def first(count: int, **filters: object) -> list[Any]:
    """Ids of so many leads, the newest first."""
    rows = Lead.objects.filter(**filters).order_by("-created_at", "-pk")
    return list(islice(rows.values_list("pk", flat=True).iterator(chunk_size=1000), count))
