"""Files of card figures as jobs: brought, tried out, taken in."""

from datetime import datetime
from itertools import islice
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import policies
from campaigns.domain import card_filing, figure_files
from campaigns.models import FigureKind
from campaigns.models.card_figures import CARD_FIGURES
from crm.command import command
from crm.domain import jobs, reminders, sheets
from crm.domain.sheets import FileFormat
from crm.errors import InvalidInput
from crm.locking import known
from crm.models import Job, JobPhase, JobState, StoredFile, User
from crm.policies import require
from merchants.domain import files
from merchants.domain.file_rules import Line as Cells

BATCH = 1000
KEPT = 100
"""Refused rows that the page shows; the file of errors has them all."""

FINISHED = reminders.kind(
    "card_figures_finished",
    label=gettext_lazy("Card figures taken in"),
    subject=gettext_lazy("Card figures taken in: %(file)s"),
    text=gettext_lazy(
        "“%(file)s”: %(added)s added, %(changed)s changed, %(unchanged)s known already, "
        "%(refused)s refused."
    ),
)


def may_steer(user: User, job: Job) -> bool:
    """Whoever files figures of the unit that the file was brought for."""
    return job.unit_id is not None and policies.may_file_figures(user, job.unit_id)


def link(job: Job) -> str:
    return reverse("admin:campaigns_figureintake_change", args=[job.pk])


@command
def open_intake(
    job_id: UUID, file_id: UUID, *, kind: str, source: str, unit_id: UUID, by: User, at: datetime
) -> Job:
    """Bring a file of one kind of card figures (`FigureKind`).

    `unit_id` is the unit that it is brought for; each line names its own, of this one or below it.
    Raises NotAllowed, NotFound for a file that is not one's own, InvalidInput for a source without
    a name, FileRefused for a file with other columns than the kind asks for.
    """
    require(
        policies.may_file_figures(by, unit_id),
        gettext_lazy("You do not file figures of this unit."),
    )
    file = known(StoredFile.objects.visible_to(by), file_id, attr="file")
    if not 0 < len(source.strip()) <= card_filing.LONGEST_SOURCE:
        raise InvalidInput(
            gettext_lazy("Say which system the figures come from, in at most 40 characters."),
            code="source_missing",
            attr="source",
        )
    header = files.beginning(file.name, bytes(file.content)).header
    columns = figure_files.columns_of(FigureKind(kind), header)
    return Job.objects.create(
        pk=job_id,
        kind=CARD_FIGURES,
        owner=by,
        unit_id=unit_id,
        source=file,
        parameters={"kind": kind, "source": source.strip(), "columns": columns, "faults": []},
        created_at=at,
        updated_at=at,
    )


@command
def try_out(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Dry run: say of every row what would become of it, and write nothing."""
    return _start(job_id, "check", JobPhase.CHECK, by=by, at=at)


@command
def run(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Take the file in."""
    return _start(job_id, "run", JobPhase.RUN, by=by, at=at)


def _start(job_id: UUID, verb: str, phase: JobPhase, *, by: User, at: datetime) -> Job:
    job = jobs.to_steer(job_id, verb, by=by)
    fresh = {**job.parameters, "faults": []}
    return jobs.begin(job, phase, by=by, at=at, result=None, parameters=fresh)


@jobs.runner(CARD_FIGURES, may_steer=may_steer, link=link)
def _one_batch(job: Job, at: datetime) -> JobState | None:
    """The rows that come next. A file is read anew for each batch: twenty times at the most."""
    acting = job.acting or job.owner
    require(acting.is_active and may_steer(acting, job))
    assert job.source_id is not None
    source = StoredFile.objects.get(pk=job.source_id)
    header, lines = files.rows(source.name, bytes(source.content))
    if not job.rows_total:
        # A file that breaks off at its end is refused before the first of its rows is used.
        every = list(lines)
        job.rows_total = len(every)
        lines = iter(every)
    rows = list(islice(lines, job.rows_done, job.rows_done + BATCH))
    if rows:
        _take(job, rows, acting, at)
        return None
    _close(job, header, list(files.rows(source.name, bytes(source.content))[1]), at)
    if job.phase == JobPhase.CHECK:
        return JobState.CHECKED
    _tell(job, at)
    return JobState.DONE


def _take(job: Job, rows: list[Cells], by: User, at: datetime) -> None:
    kind, columns = job.parameters["kind"], job.parameters["columns"]
    names = figure_files.names_in(columns, rows, by=by)
    lines = [figure_files.read(kind, columns, row, names) for row in rows]
    card_filing.file_lines(
        kind,
        lines,
        source=job.parameters["source"],
        by=by,
        at=at,
        intake_id=job.pk,
        tried_out=job.phase == JobPhase.CHECK,
    )
    for line in lines:
        setattr(job, line.outcome, getattr(job, line.outcome) + 1)
        if line.problem is not None:
            titles = figure_files.COLUMNS[kind]
            job.parameters["faults"].append(
                [
                    line.number,
                    titles.get(line.problem.attr or "", ""),
                    line.problem.code,
                    str(line.problem.detail),
                ]
            )
    job.rows_done += len(rows)
    job.position = rows[-1].number


def _close(job: Job, header: tuple[str, ...], rows: list[Cells], at: datetime) -> None:
    """Store the rows that were refused as a file to put right, if there are any."""
    faults: list[Any] = job.parameters["faults"]
    if not faults:
        return
    by_number = {row.number: row.cells for row in rows}
    source = PurePath(str(job))
    kind = FileFormat.XLSX if source.suffix.lower() == ".xlsx" else FileFormat.CSV
    told = [
        [*by_number[number], str(number), column, code, sentence]
        for number, column, code, sentence in faults
    ]
    titles = [*header, *figure_files.ERROR_TITLES]
    name = _("%(file)s errors") % {"file": source.stem[:100]}
    job.result = sheets.keep(name, sheets.written(titles, told, kind), kind, at=at)
    job.parameters["faults"] = faults[:KEPT]


def _tell(job: Job, at: datetime) -> None:
    counts: dict[str, Any] = {name: str(getattr(job, name)) for name in jobs.COUNTERS}
    reminders.plan(
        f"job:{job.pk}:finished",
        recipient=job.owner,
        kind=FINISHED,
        facts={"file": str(job), **counts},
        link=link(job),
        due_at=at,
        at=at,
    )
