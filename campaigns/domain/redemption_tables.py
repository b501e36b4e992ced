"""Redemptions, events and day counters are written for a whole batch at once: rows by COPY, changes
and counters by one statement each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from campaigns.domain.intake_judging import Known, Outcome
from campaigns.domain.redemption_rows import EventRow
from campaigns.models import (
    Party,
    Redemption,
    RedemptionEvent,
)
from campaigns.models.party_parts import PART_COLUMNS
from crm.ids import uuid7

_RETURNED = tuple(f"returned_{column}" for column in PART_COLUMNS)
_PARTIES = tuple(str(party) for party in Party)
_REDEMPTION = (
    "id", "version", "created_at", "updated_at", "source", "reference", "campaign_id",
    "version_number", "merchant_id", "outlet_id", "mid", "card_hash", "identities", "occurred_at",
    "day", "amount_fen", "discount_fen", "refunded_fen", "returned_fen", "state", "cleared_at",
    *PART_COLUMNS, *_RETURNED,
)  # fmt: skip
_EVENT = (
    "id", "redemption_id", "source", "reference", "key", "kind", "campaign_id", "merchant_id",
    "outlet_id", "occurred_at", "day", "amount_fen", "discount_fen", "digest", "intake_id", "at",
    *PART_COLUMNS,
)  # fmt: skip


def known(redemptions: "QuerySet[Redemption]") -> list[Known]:
    """Redemptions as batches work with them."""
    columns = (
        "pk", "reference", "campaign_id", "version_number", "merchant_id", "outlet_id",
        "occurred_at", "day", "amount_fen",
    )  # fmt: skip
    more = ("refunded_fen", "state", "cleared_at", *PART_COLUMNS, *_RETURNED)
    found = []
    for row in redemptions.values_list(*columns, *more):
        first: dict[str, Any] = dict(zip(columns, row[: len(columns)], strict=True))
        refunded, state, cleared_at, *parts = row[len(columns) :]
        given = dict(zip(_PARTIES, parts[: len(_PARTIES)], strict=True))
        returned = dict(zip(_PARTIES, parts[len(_PARTIES) :], strict=True))
        found.append(
            Known(
                **first,
                given={party: fen for party, fen in given.items() if fen},
                returned={party: fen for party, fen in returned.items() if fen},
                refunded_fen=refunded,
                state=state,
                cleared_at=cleared_at,
            )
        )
    return found


def insert(rows: Iterable[Known], *, source: str, at: datetime) -> None:
    """Write new redemptions."""
    _copy(
        Redemption,
        _REDEMPTION,
        (
            (
                one.pk, 1, at, at, source, one.reference, one.campaign_id, one.version_number,
                one.merchant_id, one.outlet_id, one.row.mid, one.row.card_hash,
                list(one.row.identities), one.occurred_at, one.day, one.amount_fen,
                one.discount_fen, one.refunded_fen, sum(one.returned.values()), str(one.state),
                one.cleared_at, *_in_columns(one.given), *_in_columns(one.returned),
            )
            for one in rows
            if one.row is not None
        ),
    )  # fmt: skip


def insert_events(
    outcomes: Iterable[Outcome], *, source: str, intake_id: UUID | None, at: datetime
) -> None:
    """Write what was reported, as it was taken in."""
    _copy(
        RedemptionEvent,
        _EVENT,
        (
            (
                uuid7(), one.known.pk, source, one.row.reference, one.row.key, str(one.row.kind),
                one.known.campaign_id, one.known.merchant_id, one.known.outlet_id,
                one.row.occurred_at, one.row.day, one.amount_fen, sum(one.parts.values()),
                one.row.digest, intake_id, at, *_in_columns(one.parts),
            )
            for one in outcomes
            if one.known is not None and isinstance(one.row, EventRow)
        ),
    )  # fmt: skip


def _in_columns(parts: Any) -> tuple[int, ...]:
    return tuple(parts.get(party, 0) for party in _PARTIES)


def _copy(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN"
    # Django wraps what its own methods raise, and COPY is none of them.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,  # type: ignore[attr-defined]
    ):
        for row in rows:
            copy.write_row(row)


_CHANGE = """
UPDATE campaigns_redemption AS mine SET
    version = mine.version + 1, updated_at = %s,
    state = said.state, cleared_at = said.cleared_at, refunded_fen = said.refunded_fen,
    returned_fen = said.returned_fen, {returned}
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[], %s::bigint[], {arrays})
    AS said(id, state, cleared_at, refunded_fen, returned_fen, {columns})
WHERE mine.id = said.id
""".format(
    returned=", ".join(f"{column} = said.{column}" for column in _RETURNED),
    arrays=", ".join("%s::bigint[]" for _column in _RETURNED),
    columns=", ".join(_RETURNED),
)


def change(rows: Sequence[Known], *, at: datetime) -> None:
    """Write what became of redemptions that were known before."""
    if not rows:
        return
    returned = [_in_columns(one.returned) for one in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            [
                at,
                [one.pk for one in rows],
                [str(one.state) for one in rows],
                [one.cleared_at for one in rows],
                [one.refunded_fen for one in rows],
                [sum(one.returned.values()) for one in rows],
                *([line[place] for line in returned] for place in range(len(_PARTIES))),
            ],
        )


_SUMS = ("uses", "amount_fen", "discount_fen", "returned_fen", *PART_COLUMNS)
_BEGIN = """
INSERT INTO campaigns_redemptionday (campaign_id, outlet_id, day, {columns})
SELECT *, {zeros} FROM unnest(%s::uuid[], %s::uuid[], %s::date[])
ON CONFLICT (campaign_id, day, outlet_id) DO NOTHING
""".format(columns=", ".join(_SUMS), zeros=", ".join("0" for _column in _SUMS))
_COUNT = """
UPDATE campaigns_redemptionday AS mine SET {added}
FROM unnest(%s::uuid[], %s::uuid[], %s::date[], {arrays})
    AS said(campaign_id, outlet_id, day, {columns})
WHERE mine.campaign_id = said.campaign_id AND mine.day = said.day
    AND mine.outlet_id = said.outlet_id
""".format(
    columns=", ".join(_SUMS),
    arrays=", ".join("%s::bigint[]" for _column in _SUMS),
    added=", ".join(f"{column} = mine.{column} + said.{column}" for column in _SUMS),
)


type _Sums = dict[tuple[UUID, date, UUID], list[int]]


def count(outcomes: Iterable[Outcome]) -> None:
    """Add what was taken in to the counters of the days of the purchases."""
    sums: _Sums = defaultdict(lambda: [0] * len(_SUMS))
    for one in outcomes:
        known = one.known
        if known is None:
            continue
        if one.is_return:
            line = sums[known.campaign_id, known.day, known.outlet_id]
            line[3] += sum(one.moved.values())
            for place, part in enumerate(_in_columns(one.moved), 4):
                line[place] -= part
        elif one.began or one.ended:
            _use(sums, known, -1 if one.ended else 1)
    _write(sums)


def uncount(rows: Iterable[Known]) -> None:
    """Take reservations that were let go out of the counters."""
    sums: _Sums = defaultdict(lambda: [0] * len(_SUMS))
    for known in rows:
        _use(sums, known, -1)
    _write(sums)


def _use(sums: _Sums, known: Known, sign: int) -> None:
    line = sums[known.campaign_id, known.day, known.outlet_id]
    line[0] += sign
    line[1] += sign * known.amount_fen
    line[2] += sign * known.discount_fen
    for place, part in enumerate(_in_columns(known.given), 4):
        line[place] += sign * part


def _write(sums: _Sums) -> None:
    if not sums:
        return
    keys = sorted(sums)
    places: list[list[Any]] = [
        [campaign for campaign, _day, _outlet in keys],
        [outlet for _campaign, _day, outlet in keys],
        [day for _campaign, day, _outlet in keys],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, places)
        cursor.execute(
            _COUNT, [*places, *([sums[key][place] for key in keys] for place in range(len(_SUMS)))]
        )
