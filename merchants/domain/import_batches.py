"""The batches of an import: first the whole file is read and laid down, then its rows are taken in.

Every batch is one transaction with a savepoint per row: a row that is refused leaves nothing behind
and holds nobody up.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from django.db import connection, transaction

from crm.errors import DomainError, Problem, TryAgain
from crm.ids import uuid7
from crm.models import Job, JobPhase, StoredFile, User
from merchants.domain import files, import_columns, importing, remembered, timeline
from merchants.domain.import_values import Given
from merchants.domain.importing import Run, Taken
from merchants.models import Division, ImportChange, ImportRow, Merchant, RowOutcome, TimelineEntry

BATCH = 250
LAID_DOWN = 1000
"""Rows per statement when the file is laid down."""
PREPARED = 1
"""The position after the preparation: rows of a list begin with the second of the sheet."""


def one_batch(job: Job, by: User, at: datetime) -> bool:
    """Prepare the rows, or take some of them in. False when there is nothing left to do."""
    if job.position < PREPARED:
        _prepare(job)
        return True
    rows = list(
        ImportRow.objects.filter(job=job, number__gt=job.position).order_by("number")[:BATCH]
    )
    if not rows:
        return False
    tried_out = job.phase == JobPhase.CHECK
    run = _run(job, by, at)
    with remembered.reference_rows():
        if tried_out:
            _try(job, run, rows)
        else:
            with timeline.written_together() as entries:
                taken = _take_each(run, rows, entries)
            _keep_changes(rows, taken)
    _write_results(rows)
    _count(job, rows)
    return True


def _prepare(job: Job) -> None:
    """Lay the whole file down as rows, or forget what an earlier run over them said.

    Raises FileRefused, in which case nothing of the file is there.
    """
    rows = ImportRow.objects.filter(job=job)
    if rows.exists():
        rows.update(
            outcome=RowOutcome.PENDING, column="", code="", sentence="", identity="",
            merchant_id=None,
        )  # fmt: skip
    else:
        assert job.source_id is not None
        source = StoredFile.objects.get(pk=job.source_id)
        _header, lines = files.rows(source.name, bytes(source.content))
        total = 0
        for some in batched(lines, LAID_DOWN):
            total += len(some)
            ImportRow.objects.bulk_create(
                ImportRow(
                    id=uuid7(),
                    job_id=job.pk,
                    number=line.number,
                    cells=line.cells,
                    faults=[[one.place, one.code, str(one.sentence)] for one in line.faults],
                )
                for line in some
            )
        job.rows_total = total
    job.position = PREPARED


def _run(job: Job, by: User, at: datetime) -> Run:
    columns = import_columns.checked(job.parameters["columns"], job.parameters["headers"])
    divisions = {name: code for code, name in Division.objects.values_list("code", "full_name")}
    assert job.unit_id is not None
    return Run(job.unit_id, job.parameters["mode"], columns, divisions, by, at)


def _try(job: Job, run: Run, rows: Sequence[ImportRow]) -> None:
    """Take the rows in and take them back, so that what is said of them is what would happen.

    Earlier rows of the list that are about the same merchants were taken back as well; they are
    taken in once more before, so that a merchant is not called new twice.
    """
    mine = set[str]().union(*(_identities(run, row) for row in rows))
    earlier = ImportRow.objects.filter(
        job=job,
        number__lt=rows[0].number,
        identity__in=mine,
        outcome__in=(RowOutcome.ADDED, RowOutcome.CHANGED),
    ).order_by("number")
    with transaction.atomic():
        with timeline.written_together() as entries:
            _take_each(run, list(earlier), entries)
            _take_each(run, rows, entries)
            entries.clear()
        transaction.set_rollback(True)
    for row in rows:
        row.merchant_id = None


def _identities(run: Run, row: ImportRow) -> set[str]:
    try:
        return importing.identities(_given(run, row))
    except DomainError:
        return set()


def _given(run: Run, row: ImportRow) -> Given:
    """What the row says, read once."""
    found: Given | None = getattr(row, "given", None)
    if found is None:
        found = importing.given(run, row.cells)
        row.given = found  # type: ignore[attr-defined]
    return found


def _take_each(
    run: Run, rows: Sequence[ImportRow], entries: list[TimelineEntry]
) -> list[Taken | None]:
    """Take in each row, or write down why not."""
    mine = set[str]().union(*(_identities(run, row) for row in rows))
    with remembered.new_merchants(importing.new_among(mine)):
        return [_take(run, row, entries) for row in rows]


def _take(run: Run, row: ImportRow, entries: list[TimelineEntry]) -> Taken | None:
    mark = len(entries)
    row.column = row.code = row.sentence = ""
    for place, code, sentence in row.faults:
        column = run.columns[place] if place is not None else ""
        if place is None or column != import_columns.IGNORED:
            _refuse(row, column, code, sentence)
            return None
    try:
        given = _given(run, row)
        row.identity = importing.identity(given)[:250]
        taken = importing.take_in(run, given)
    except TryAgain:
        raise
    except DomainError as refused:
        del entries[mark:]
        problem: Problem = refused.problems[0]
        column = importing.column_of(problem, refused.facts.get("noun", ""))
        # In the words of now: a lazy sentence would be put into the language of its reader.
        _refuse(row, column, problem.code, str(problem.detail))
        return None
    if taken.outcome == RowOutcome.UNCHANGED:
        del entries[mark:]
    row.outcome, row.merchant_id = taken.outcome, taken.merchant_id
    return taken


def _refuse(row: ImportRow, column: str, code: str, sentence: str) -> None:
    row.outcome, row.column, row.code, row.sentence = (
        RowOutcome.REFUSED,
        column,
        code,
        sentence[:500],
    )


def _write_results(rows: Sequence[ImportRow]) -> None:
    """All of them with one statement; Django's own way would cost as much as the rows."""
    names = ("outcome", "column", "code", "sentence", "identity")
    texts = ", ".join(f'"{name}" = found."{name}"' for name in names)
    sql = (
        f"UPDATE {ImportRow._meta.db_table} AS mine SET {texts}, merchant_id = found.merchant_id "  # noqa: S608
        "FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], "
        "%s::uuid[]) "
        'AS found(id, "outcome", "column", "code", "sentence", "identity", merchant_id) '
        "WHERE mine.id = found.id"
    )
    values = [[str(getattr(row, name)) for row in rows] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(sql, [[row.pk for row in rows], *values, [row.merchant_id for row in rows]])


def _keep_changes(rows: Sequence[ImportRow], taken: Sequence[Taken | None]) -> None:
    """Write down what each row wrote, with the versions as the rows of this batch left them."""
    found = [(row, one) for row, one in zip(rows, taken, strict=True) if one and one.changes]
    versions = dict(
        Merchant.objects.filter(pk__in=[one.merchant_id for _row, one in found]).values_list(
            "pk", "version"
        )
    )
    ImportChange.objects.bulk_create(
        ImportChange(
            row=row,
            noun=change.noun,
            subject_id=change.subject_id,
            version=versions.get(change.subject_id, change.version),
            before=change.before,
        )
        for row, one in found
        for change in one.changes
    )


def _count(job: Job, rows: Sequence[ImportRow]) -> None:
    for row in rows:
        setattr(job, row.outcome, getattr(job, row.outcome) + 1)
    job.rows_done += len(rows)
    job.position = rows[-1].number
