"""Card figures are filed: each line once per source, unit, merchant, campaign and day.

What is filed again with the same numbers changes nothing, with others it replaces what was there.
A line that cannot be taken is refused by itself, with its reason, and holds no other one up.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from campaigns.domain import sleeping_alerts
from campaigns.domain.figure_lines import FORMS, Form, Line, look_up
from campaigns.models import CardSnapshot
from campaigns.models.card_figures import key_of
from crm.actors import Actor
from crm.command import command, explained
from crm.errors import DomainError, InvalidInput
from merchants.models import RowOutcome

LONGEST_SOURCE = 40
MOST_LINES = 1000
TWICE = _("This line stands in it twice, with different numbers.")


@command
def file_lines(
    kind: str,
    lines: Sequence[Line],
    *,
    source: str,
    by: Actor,
    at: datetime,
    intake_id: UUID | None = None,
    tried_out: bool = False,
) -> Sequence[Line]:
    """File lines of one kind (`FigureKind`); each says afterwards what became of it.

    `outcome` is added, changed, unchanged or refused, and a refused line has its `problem`. With
    `tried_out` nothing is written. Raises InvalidInput for a source without a name.
    """
    form = FORMS[kind]
    source = source.strip()
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise InvalidInput(
            _("Say which system the figures come from, in at most 40 characters."),
            code="source_missing",
            attr="source",
        )
    look_up(lines, form, by=by, at=at)
    sound = [line for line in lines if line.problem is None]
    for line in sound:
        line.key = key_of(source, line.unit_id, line.merchant_id, line.campaign_id, line.day)
    _settle(form, sound, intake_id)
    wanted = [line for line in sound if line.outcome in (RowOutcome.ADDED, RowOutcome.CHANGED)]
    with transaction.atomic():
        _write(form, wanted, source, intake_id, at)
        if tried_out:
            transaction.set_rollback(True)
        elif form.model is CardSnapshot and wanted:
            sleeping_alerts.tell({line.unit_id for line in wanted if line.unit_id}, at=at)
    for line in lines:
        if line.problem is not None:
            line.outcome = RowOutcome.REFUSED
    return lines


def _settle(form: Form, lines: Sequence[Line], intake_id: UUID | None) -> None:
    """Say of each line whether it is new, other than what is there, or known already."""
    keys = sorted(line.key for line in lines if line.key)
    rows: Any = form.model._default_manager
    there = {row.key: row for row in rows.for_change().filter(key__in=keys)} if keys else {}
    first: dict[UUID, Line] = {}
    for line in lines:
        assert line.key is not None
        row = there.get(line.key)
        if (before := first.get(line.key)) is not None:
            if dict(before.counts) == dict(line.counts):
                line.outcome = RowOutcome.UNCHANGED
            else:
                line.refuse("line_twice", TWICE)
            continue
        first[line.key] = line
        if row is None:
            line.outcome = RowOutcome.ADDED
        elif _same(row, line) or _is_older(row, line):
            line.outcome = RowOutcome.UNCHANGED
        elif intake_id is not None and row.intake_id == intake_id:
            line.refuse("line_twice", TWICE)
        else:
            line.outcome = RowOutcome.CHANGED


def _same(row: Any, line: Line) -> bool:
    return all(getattr(row, name) == value for name, value in line.counts.items())


def _is_older(row: Any, line: Line) -> bool:
    """Whether a newer state of the same cohort is known already."""
    as_of = line.counts.get("as_of")
    return isinstance(as_of, date) and as_of < row.as_of


def _write(
    form: Form, lines: Sequence[Line], source: str, intake_id: UUID | None, at: datetime
) -> None:
    """All lines with one statement; where the database refuses, each by itself."""
    lines = sorted(lines, key=lambda line: str(line.key))
    if not lines:
        return
    try:
        with transaction.atomic():
            _upsert(form, lines, source, intake_id, at)
    except IntegrityError:
        for line in lines:
            try:
                with transaction.atomic():
                    _upsert(form, [line], source, intake_id, at)
            except IntegrityError as broken:
                refusal = explained(broken)
                if not isinstance(refusal, DomainError):
                    raise
                line.refuse(refusal.code, refusal.message)


def _upsert(
    form: Form, lines: Sequence[Line], source: str, intake_id: UUID | None, at: datetime
) -> None:
    def row(line: Line) -> Any:
        parts = (
            {"merchant_id": line.merchant_id, "campaign_id": line.campaign_id}
            if form.has_parts
            else {}
        )
        return form.model(
            key=line.key,
            source=source,
            unit_id=line.unit_id,
            intake_id=intake_id,
            created_at=at,
            updated_at=at,
            **{form.day: line.day},
            **parts,
            **line.counts,
        )

    form.model._default_manager.bulk_create(
        [row(line) for line in lines],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[*form.counts, "intake", "updated_at"],
    )
